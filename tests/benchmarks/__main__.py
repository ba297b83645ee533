"""``python -m tests.benchmarks [NAME …]``: all of them, or those that are named."""

from __future__ import annotations

import importlib
import sys

NAMES = ("to_dom", "fan_out", "load", "others", "stalled", "storm", "pages", "ingest")

for name in sys.argv[1:] or NAMES:
    for figure in importlib.import_module(f"tests.benchmarks.{name}").measure():
        print(figure, flush=True)
