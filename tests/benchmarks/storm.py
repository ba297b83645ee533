"""1,000 viewers come back after a server's death, with 500 items changed meanwhile: until all show what is so.

More than 200 changed cards are no frame: each page is told to fetch itself again, and does, as a browser's page would.
The yardstick is the page itself: as many fetched one after the other.
"""

from __future__ import annotations

import time

import httpx

from tests.benchmarks.crowd import crowd
from tests.benchmarks.figures import Figure, shown
from tests.benchmarks.parts import (
    Darkroom,
    allow_many_sockets,
    cpu_seconds,
    darkroom,
    leave_the_first_core,
    listens,
    on_core,
)

VIEWERS = 1_000
CHANGED = 500
BAR_SECONDS = 10
LONGEST_WAIT = 120.0


def measure() -> list[Figure]:
    """One figure for each server."""
    leave_the_first_core()
    allow_many_sockets()
    return [_measure(kind) for kind in ("uvicorn", "daphne")]


def _measure(kind: str) -> Figure:
    with darkroom(kind) as room, crowd() as viewers:
        items = room.begin(CHANGED)
        # They stand where the folder stands, as pages that were open for a while.
        viewers.open(room.stream, room.server.http, VIEWERS, after=_say(room, items[0]), comes_back=True)
        room.server.kill()
        viewers.count()
        for key in items:
            payload = {"itemId": key, "status": "complete", "item": {"name": "Finished meanwhile"}}
            room.backstage.call("notify", "item:update", payload)
        with on_core(0):
            starting = room.server.launch()
        # From the moment at which anybody may connect: an answer to one more visitor would come after the storm.
        starting.wait_for(lambda: listens(room.pid, room.server.port), kind)
        started = time.monotonic()
        revision = _say(room, items[0])
        late = viewers.wait_for(revision, LONGEST_WAIT)
        took = time.monotonic() - started
        spent = cpu_seconds(room.pid)
        came = viewers.count()
        one = _one_page(room)
        if came["open"] < VIEWERS or came["reloads"] < VIEWERS:
            raise RuntimeError(f"This was no storm: {came}")
    return Figure(
        f"{kind}, {VIEWERS:,} viewers back after a restart, {CHANGED} items changed: until all show what is so",
        took if late != float("inf") else LONGEST_WAIT,
        "s",
        BAR_SECONDS,
        detail=f"{came['reloads']} pages fetched; {shown(spent)} s of server CPU since its start; as many pages, one "
        f"after the other: {shown(VIEWERS * one)} s",
        failed="" if late != float("inf") else "not all came back",
    )


def _say(room: Darkroom, item_id: str) -> int:
    return room.post(("item:update", {"itemId": item_id, "status": "processing", "message": "One more"}))[0]["revision"]


def _one_page(room: Darkroom) -> float:
    """Server seconds of CPU for one, as an open page fetches itself."""
    with httpx.Client(base_url=room.server.http, headers={"Darkroom-Part": "live"}) as client:
        before = cpu_seconds(room.pid)
        for _ in range(50):
            client.get(f"/folders/{room.folder_id}/").raise_for_status()
        return (cpu_seconds(room.pid) - before) / 50
