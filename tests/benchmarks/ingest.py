"""How many events a second each door takes, every one with its own id, acknowledged and committed.

The server is alone on one core. Beside it, from the same call, the yardstick: bare rows into the same kind of database,
one ``executemany`` and one commit for as many as stand in an array.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import psycopg
from channels_redis.core import RedisChannelLayer
from websockets.asyncio.client import connect

from tests.benchmarks.figures import Figure
from tests.benchmarks.parts import Darkroom, darkroom, leave_the_first_core, on_core, settle
from tests.servers import PostgreSQL, Process, Redis, free_port, wait_until

IN_ARRAY = 50
ITEMS = 1_000  # that the progress events speak of
ROUNDS = 3  # the best counts: other work on the machine can only slow one down
PER_SECOND = "a second"
CHANNEL_EVENTS = 300
EVENTS = {"new items": 5_000, "progress events": 10_000}
# What the WebSocket door is to take on SQLite; PostgreSQL a third of it.
BARS = {("arrays", "new items"): 5_000, ("arrays", "progress events"): 10_000, ("singles", "progress events"): 5_000}


def measure() -> Iterator[Figure]:
    """The doors on SQLite, then on PostgreSQL."""
    leave_the_first_core()
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "bare.sqlite3", isolation_level=None)
        database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        bare = _bare_rows(database, "?")
    yield from _doors("SQLite", bare, 1)
    with _postgresql() as url:
        bare = _bare_rows(psycopg.connect(url, autocommit=True), "%s")
        yield from _doors("PostgreSQL", bare, 3, DATABASE_URL=url)


def _doors(database: str, bare: float, share: int, **settings: str) -> Iterator[Figure]:
    with darkroom("uvicorn", **settings) as room:
        said = Said()
        room.post(("batch:start", {"batchId": "b", "total": 100_000, "label": "Ingest"}))
        for name, door in (("WebSocket arrays", _arrays), ("WebSocket singles", _singles), ("HTTP arrays", _http)):
            for what, number in EVENTS.items():
                rate = max(_rate(room, door, said, what, number) for _ in range(ROUNDS))
                bar = BARS.get((name.removeprefix("WebSocket "), what))
                yield Figure(
                    f"ingest, {database}, {name}, {what}",
                    rate,
                    PER_SECOND,
                    bar / share if bar else None,
                    at_least=True,
                    detail=f"1/{bare / rate:.0f} of {bare:,.0f} bare rows a second",
                )
        yield _channels(room, database, bare)


def _rate(room: Darkroom, door: Callable[..., float], said: Said, what: str, number: int) -> float:
    settle(room.pid)
    events = said.new_items(number) if what == "new items" else said.progress(number)
    return number / door(room, events)


@dataclass
class Said:
    """Events whose ids nobody has used, and the items that there are."""

    numbers: Iterator[int] = field(default_factory=count)
    items: list[str] = field(default_factory=list)

    def new_items(self, number: int) -> list[dict[str, Any]]:
        ids = [f"i{next(self.numbers)}" for _ in range(number)]
        self.items = self.items or ids[:ITEMS]
        item = {"name": "Item", "type": "image", "isPending": True}
        return [self._event("batch:progress", {"batchId": "b", "item": item | {"id": key}}) for key in ids]

    def progress(self, number: int) -> list[dict[str, Any]]:
        return [
            self._event(
                "item:update",
                {"itemId": self.items[place % ITEMS], "status": "processing", "progress": place % 100 + 0.5},
            )
            for place in range(number)
        ]

    def _event(self, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        return {"type": kind, "id": f"e{next(self.numbers)}", "payload": payload}


def _in_arrays(events: list[dict[str, Any]]) -> list[str]:
    return [json.dumps(events[start : start + IN_ARRAY]) for start in range(0, len(events), IN_ARRAY)]


def _http(room: Darkroom, events: list[dict[str, Any]]) -> float:
    with httpx.Client(base_url=room.server.http, headers=room.headers, timeout=30) as client:
        frames = _in_arrays(events)
        started = time.perf_counter()
        for frame in frames:
            _check(client.post("/api/notify", content=frame, headers={"Content-Type": "application/json"}).text)
        return time.perf_counter() - started


def _arrays(room: Darkroom, events: list[dict[str, Any]]) -> float:
    return asyncio.run(_pipeline(room, _in_arrays(events)))


def _singles(room: Darkroom, events: list[dict[str, Any]]) -> float:
    return asyncio.run(_pipeline(room, [json.dumps(event) for event in events]))


async def _pipeline(room: Darkroom, frames: list[str]) -> float:
    """Send without waiting for receipts; the clock stops at the last one."""
    url = f"{room.server.ws}/ws/notify/"
    async with connect(url, additional_headers=room.headers, compression=None, max_queue=None) as worker:
        started = time.perf_counter()
        sending = asyncio.ensure_future(_send(worker, frames))
        for _ in frames:
            _check(await worker.recv())
        await sending
        return time.perf_counter() - started


async def _send(worker: Any, frames: list[str]) -> None:
    for frame in frames:
        await worker.send(frame)


def _check(answer: str) -> None:
    if '"error"' in answer:
        raise RuntimeError(f"An event was refused: {answer[:300]}")


def _channels(room: Darkroom, database: str, bare: float) -> Figure:
    """The Channels door, one transaction an event: from the first item in the database to the last one."""
    with tempfile.TemporaryDirectory() as folder:
        redis = Redis(Path(folder), free_port())
        redis.start()
        asyncio.run(_fill_channel(redis.url))
        env = room.server.env | {"REDIS_URL": redis.url}
        command = [sys.executable, "manage.py", "runworker", "gallery.notify"]
        with on_core(0):
            worker = Process(command, Path(folder) / "worker.log", env=env)
        try:
            wait_until(lambda: _is_there(room, "channel-0"), what="the Channels worker's first item")
            started = time.perf_counter()
            wait_until(lambda: _is_there(room, f"channel-{CHANNEL_EVENTS - 1}"), 180, "the Channels worker's last item")
            rate = CHANNEL_EVENTS / (time.perf_counter() - started)
        finally:
            worker.kill()
            redis.process.kill()
    detail = f"one transaction each; 1/{bare / rate:.0f} of {bare:,.0f} bare rows a second"
    return Figure(f"ingest, {database}, Channels worker, new items", rate, PER_SECOND, at_least=True, detail=detail)


async def _fill_channel(url: str) -> None:
    layer = RedisChannelLayer(hosts=[url], channel_capacity={"gallery.notify": 10_000})
    for number in range(CHANNEL_EVENTS):
        item = {"id": f"channel-{number}", "name": "Item", "type": "image", "isPending": True}
        event = {"event": "batch:progress", "payload": {"batchId": "b", "item": item}, "id": f"c{number}"}
        await layer.send("gallery.notify", {"type": "notify"} | event)
    await layer.close_pools()


def _is_there(room: Darkroom, item_id: str) -> bool:
    return httpx.get(f"{room.server.http}/api/items/{item_id}", headers=room.headers).status_code == 200


@contextmanager
def _postgresql() -> Iterator[str]:
    cluster = PostgreSQL()
    try:
        cluster.start()
        yield cluster.create("ingest")
    finally:
        cluster.remove()


def _bare_rows(database: Any, place: str) -> float:
    """Rows a second, in commits of as many as stand in an array."""
    rows = 10_000
    cursor = database.cursor()
    cursor.execute("CREATE TABLE bare_item (id varchar(128) PRIMARY KEY, progress double precision, revision integer)")
    started = time.perf_counter()
    for start in range(0, rows, IN_ARRAY):
        cursor.execute("BEGIN")
        some = [(f"i{number}", 1.0, start) for number in range(start, start + IN_ARRAY)]
        cursor.executemany(f"INSERT INTO bare_item VALUES ({place}, {place}, {place})", some)
        cursor.execute("COMMIT")
    spent = time.perf_counter() - started
    database.close()
    return rows / spent
