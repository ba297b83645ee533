"""How many events a second each door takes, acknowledged and committed, beside bare SQLite transactions."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import connect

from tests.benchmarks.parts import Darkroom, darkroom

EVENTS = 2_000
IN_ARRAY = 50
ITEMS = 1_000


def measure() -> list[str]:
    """The yardstick, then each door as a share of it."""
    yardstick = _bare_sqlite()
    lines = [f"ingest: bare SQLite {yardstick:,.0f} rows a second, one commit for {IN_ARRAY}"]
    with darkroom("uvicorn") as room:
        events = _events()
        _post(room, next(events))
        for name, door in (
            ("HTTP arrays", _over_http),
            ("WebSocket arrays", _over_socket),
            ("WebSocket singles", _singles),
        ):
            for what, number in (("new items", ITEMS), ("progress events", EVENTS)):
                rate = door(room, [next(events) for _ in range(number)])
                lines.append(f"ingest: {name}, {what} {rate:,.0f} a second, 1/{yardstick / rate:.0f} of bare SQLite")
    return lines


def _events() -> Iterator[dict[str, Any]]:
    """A batch; then, again and again, new items and what they say of themselves. Every event has its own id."""
    yield {"type": "batch:start", "payload": {"batchId": "b", "total": 100_000, "label": "Ingest"}}
    numbers = count()
    for round_number in count():
        for key in range(ITEMS):
            item = {"id": f"i{round_number}-{key}", "name": "Item", "type": "image", "isPending": True}
            yield {"type": "batch:progress", "id": f"e{next(numbers)}", "payload": {"batchId": "b", "item": item}}
        for key in range(EVENTS):
            payload = {
                "itemId": f"i{round_number}-{key % ITEMS}",
                "status": "processing",
                "progress": key * 100 // EVENTS,
            }
            yield {"type": "item:update", "id": f"e{next(numbers)}", "payload": payload}


def _arrays(events: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    return (events[start : start + IN_ARRAY] for start in range(0, len(events), IN_ARRAY))


def _post(room: Darkroom, events: Any) -> None:
    answer = httpx.post(f"{room.server.http}/api/notify", json=events, headers=room.headers)
    answer.raise_for_status()


def _over_http(room: Darkroom, events: list[dict[str, Any]]) -> float:
    started = time.perf_counter()
    with httpx.Client(base_url=room.server.http, headers=room.headers, timeout=30) as client:
        for array in _arrays(events):
            _check(client.post("/api/notify", json=array).json())
    return len(events) / (time.perf_counter() - started)


def _over_socket(room: Darkroom, events: list[dict[str, Any]]) -> float:
    return asyncio.run(_pipeline(room, list(_arrays(events)), len(events)))


def _singles(room: Darkroom, events: list[dict[str, Any]]) -> float:
    return asyncio.run(_pipeline(room, events, len(events)))


async def _pipeline(room: Darkroom, frames: list[Any], events: int) -> float:
    """Send without waiting for receipts, and stop the clock at the last one."""
    async with connect(f"{room.server.ws}/ws/notify/", additional_headers=room.headers, compression=None) as worker:
        started = time.perf_counter()
        sending = asyncio.ensure_future(_send(worker, frames))
        for _ in frames:
            answer = json.loads(await worker.recv())
            _check(answer if isinstance(answer, list) else [answer])
        await sending
        return events / (time.perf_counter() - started)


async def _send(worker: Any, frames: list[Any]) -> None:
    for frame in frames:
        await worker.send(json.dumps(frame))


def _check(answers: list[dict[str, Any]]) -> None:
    refused = [answer for answer in answers if answer["type"] != "ack"]
    if refused:
        raise RuntimeError(f"An event was refused: {refused[0]}")


def _bare_sqlite() -> float:
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "bare.sqlite3", isolation_level=None)
        database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        database.execute("CREATE TABLE item (id TEXT PRIMARY KEY, progress REAL, revision INTEGER)")
        started = time.perf_counter()
        for start in range(0, EVENTS, IN_ARRAY):
            database.execute("BEGIN IMMEDIATE")
            rows = [(f"i{number}", 1.0, start) for number in range(start, start + IN_ARRAY)]
            database.executemany("INSERT INTO item VALUES (?, ?, ?)", rows)
            database.execute("COMMIT")
        return EVENTS / (time.perf_counter() - started)
