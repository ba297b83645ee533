"""Somebody's program that uses the client, in a process of its own; prints what it measured as JSON.

``overhead``: a loop of 50 steps of 10 ms of Python, bare and reported, in turns. ``away``: how the memory grows while
the gallery does not answer.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from darkroom import Gallery, OutboxFull

STEPS, STEP_SECONDS = 50, 0.01
ROUNDS = 12
AWAY_ITEMS, AWAY_REPORTS = 500, 200_000


def main() -> None:
    logging.getLogger("darkroom").setLevel(logging.ERROR)
    with Gallery() as gallery:
        print(json.dumps(overhead(gallery) if sys.argv[1] == "overhead" else away(gallery)))
        if sys.argv[1] == "away":
            sys.stdout.flush()
            os._exit(0)  # it would wait to get rid of it


def overhead(gallery: Gallery) -> dict[str, Any]:
    """Work, not sleep: what the client's thread takes from the loop would not be seen in a sleep. And the processor's
    time of the whole process, that thread's too: what others do on the machine is not in it."""
    count = _calibrate()
    bare, reported, wall = [], [], []
    for _ in range(ROUNDS):
        bare.append(_loop(range(STEPS), count))
        with gallery.batch("Loop") as batch, batch.item("loop") as item:
            began = time.perf_counter()
            reported.append(_loop(item.track(range(STEPS)), count))
            wall.append(time.perf_counter() - began)
        gallery.flush(30)
    return {"bare": bare, "reported": reported, "wall": wall}


def away(gallery: Gallery) -> dict[str, Any]:
    """More than is kept: items without end, and each of them reports again and again."""
    before = _resident()
    batch = gallery.batch("Away", total=AWAY_ITEMS).__enter__()
    items = [batch.item(str(number)).__enter__() for number in range(AWAY_ITEMS)]
    for number in range(AWAY_REPORTS):
        items[number % AWAY_ITEMS].progress(number % 100, f"report {number}")
    refused = 0
    for number in range(20_000):
        try:
            gallery.wait(_say(gallery, number))
        except OutboxFull:
            refused += 1
    return {"grown": _resident() - before, "waiting": gallery.waiting, "refused": refused}


async def _say(gallery: Gallery, number: int) -> None:
    gallery.core.say("item:update", {"itemId": str(number), "status": "complete", "message": "x" * 500})


def _loop(steps: Iterable[int], count: int) -> float:
    began = time.process_time()
    for _ in steps:
        _work(count)
    return time.process_time() - began


def _work(count: int) -> int:
    total = 0
    for number in range(count):
        total += number
    return total


def _calibrate() -> int:
    """How much of it takes 10 ms here."""
    count, best = 100_000, float("inf")
    for _ in range(20):
        began = time.process_time()
        _work(count)
        best = min(best, time.process_time() - began)
    return round(count * STEP_SECONDS / best)


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
