"""Half an hour of work, of viewers who come and go and of restarted batches: the server must not grow.

``SOAK_MINUTES`` says how long on each server (30 by default). The yardstick is the server itself, after the first eight
minutes: until then caches and pools fill.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator

import httpx

from tests.benchmarks.crowd import crowd
from tests.benchmarks.figures import Figure, median, shown
from tests.benchmarks.parts import KIB, Darkroom, darkroom, leave_the_first_core, own_memory

WARM_UP_MINUTES = 8
MINUTES = max(float(os.environ.get("SOAK_MINUTES", "30")), WARM_UP_MINUTES + 2)
STAYING = 50
PASSING = 50  # viewers that come and leave again in each round
PAGES = 5  # fetched in each round, whole and as an open page fetches itself
ITEMS = 60
BAR_KIB_A_MINUTE = 100


def measure() -> Iterator[Figure]:
    """Growth on both servers, as a straight line through what was measured after the warm-up."""
    leave_the_first_core()
    for kind in ("uvicorn", "daphne"):
        yield measure_on(kind)


def measure_on(kind: str) -> Figure:
    """One server's growth."""
    with darkroom(kind, MALLOC_ARENA_MAX="2") as room, crowd() as staying:  # as the Dockerfile sets it
        staying.open(room.stream, room.server.http, STAYING, after=0)
        samples = list(_work(room))
    late = [sample for sample in samples if sample[0] >= WARM_UP_MINUTES]
    return Figure(
        f"{kind}, {MINUTES:g} minutes of events and of viewers who come and go: growth",
        max(_slope(late), 0.0),
        "KiB a minute",
        BAR_KIB_A_MINUTE,
        detail=f"{shown(samples[0][1] / KIB)} MiB of its own at the start, {shown(late[0][1] / KIB)} after the "
        f"warm-up, {shown(median([held for _, held in late[-5:]]) / KIB)} at the end; {len(samples)} rounds",
    )


def _work(room: Darkroom) -> Iterator[tuple[float, float]]:
    """After each round: the minutes since the start, and the KiB that the server holds for itself."""
    started = time.monotonic()
    number = 0
    while time.monotonic() - started < 60 * MINUTES:
        number += 1
        items = room.begin(ITEMS, f"batch{number}")
        with crowd() as passing:
            passing.open(room.stream, room.server.http, PASSING)
            for step in range(20):
                chosen = random.sample(items, 20)
                room.post(*(("item:update", _progress(key, step)) for key in chosen))
                time.sleep(0.1)
        _fetch_pages(room)
        room.post(*(("item:update", {"itemId": key, "status": "complete"}) for key in items))
        room.post(("batch:end", {"batchId": f"batch{number}", "status": "complete"}))
        room.post(*(("item:remove", {"itemId": key}) for key in items[: ITEMS // 2]))
        yield (time.monotonic() - started) / 60, own_memory(room.pid) / KIB


def _fetch_pages(room: Darkroom) -> None:
    with httpx.Client(base_url=room.server.http, timeout=60) as browser:
        for headers in [{}, {"Darkroom-Part": "live"}] * PAGES:
            browser.get(f"/folders/{room.folder_id}/", headers=headers).raise_for_status()


def _progress(item_id: str, step: int) -> dict[str, object]:
    return {"itemId": item_id, "status": "processing", "progress": 5 * step, "message": f"step {step} of 20"}


def _slope(samples: list[tuple[float, float]]) -> float:
    """KiB a minute, by least squares."""
    middle_x = sum(x for x, _ in samples) / len(samples)
    middle_y = sum(y for _, y in samples) / len(samples)
    spread = sum((x - middle_x) ** 2 for x, _ in samples)
    return sum((x - middle_x) * (y - middle_y) for x, y in samples) / spread if spread else 0.0
