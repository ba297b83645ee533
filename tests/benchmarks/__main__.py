"""``python -m tests.benchmarks [fan_out] [ingest] [latency]``: all of them, or those that are named."""

from __future__ import annotations

import sys

from tests.benchmarks import fan_out, ingest, latency

BENCHMARKS = {"fan_out": fan_out, "ingest": ingest, "latency": latency}

for name in sys.argv[1:] or BENCHMARKS:
    for line in BENCHMARKS[name].measure():
        print(line, flush=True)
