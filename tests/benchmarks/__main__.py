"""``python -m tests.benchmarks [--write] [NAME …]``: all that take minutes, or those that are named.

``--write`` keeps the figures in docs/benchmarks.json and makes the tables and the plots of docs/benchmarks.md anew.
"""

from __future__ import annotations

import argparse
import importlib
import signal
import time

from tests.benchmarks import report
from tests.benchmarks.figures import Figure

NAMES = (
    *("to_dom", "fan_out", "load", "others", "stalled", "storm", "pages", "languages", "ingest", "uploads"),
    *("client", "comfyui"),
)
LONG = ("soak", "finding")  # only when asked for


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, *LONG, []], metavar="NAME", help=", ".join(NAMES + LONG))
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what it started ends with it
    for name in options.names or NAMES:
        machine, started = report.describe_machine(), time.monotonic()
        figures: list[Figure | str] = []
        for figure in importlib.import_module(f"tests.benchmarks.{name}").measure():
            print(figure, flush=True)
            figures.append(figure)
        print(f"({name} took {time.monotonic() - started:.0f} s)", flush=True)
        if options.write:
            report.keep(name, figures, machine)
            report.write_page()


if __name__ == "__main__":
    main()
