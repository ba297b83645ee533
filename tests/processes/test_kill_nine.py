"""``kill -9`` under load loses no acknowledged event: the workers' own ledger is compared with the database."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.clients import Worker, worker
from tests.processes.conftest import Gallery
from tests.servers import PostgreSQL, Server

WORKERS = 3
KILLS = 3
SECONDS_BETWEEN = (0.2, 0.8)
IN_FLIGHT = 8  # frames on the way at once


@dataclass
class Ledger:
    """What one worker sent and what was acknowledged: kept outside of all that is killed."""

    name: str
    folder_id: str
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)
    forgotten: set[str] = field(default_factory=set)  # lost with a connection, and never sent again

    @property
    def batch_id(self) -> str:
        return f"batch-{self.name}"

    def next_event(self) -> dict[str, Any]:
        """Start, then items in turns: a pending one, and the update that finishes it."""
        number = len(self.sent)
        event_id = f"{self.name}-{number}"
        item_id = f"{self.name}-item-{(number + 1) // 2}"
        if number == 0:
            kind = "batch:start"
            payload = {"batchId": self.batch_id, "total": 100_000, "label": "Load", "targetFolderId": self.folder_id}
        elif number % 2:
            kind = "batch:progress"
            item = {"id": item_id, "name": f"Number {number}", "type": "image", "isPending": True}
            payload = {"batchId": self.batch_id, "item": item}
        else:
            kind = "item:update"
            payload = {"itemId": item_id, "status": "complete", "item": {"name": f"Finished {number}"}}
        self.sent[event_id] = {"id": event_id, "type": kind, "payload": payload}
        return self.sent[event_id]

    def take(self, answer: dict[str, Any]) -> None:
        if answer["type"] == "ack":
            self.receipts[answer["id"]] = answer
        else:
            self.refused.append(answer)

    @property
    def open(self) -> list[dict[str, Any]]:
        """Sent, not answered, and not given up."""
        answered = {*self.receipts, *self.forgotten, *(answer["id"] for answer in self.refused)}
        return [event for event_id, event in self.sent.items() if event_id not in answered]


async def _work(connection: Worker, ledger: Ledger) -> None:
    """First what a broken connection left open (some of it is never said again), then new events, pipelined."""
    waiting = ledger.open
    for event in waiting[1:]:
        if random.random() < 0.3:
            ledger.forgotten.add(event["id"])
    frames: list[Any] = [event for event in waiting if event["id"] not in ledger.forgotten]
    in_flight = 0
    while True:
        while in_flight < IN_FLIGHT:
            if not ledger.receipts and not frames:
                frames.append(ledger.next_event())  # alone, so that its batch is there for what follows
            if not frames:
                frames.append(ledger.next_event() if random.random() < 0.5 else [ledger.next_event() for _ in range(5)])
            await connection.socket.send(json.dumps(frames.pop(0)))
            in_flight += 1
            if not ledger.receipts:
                break
        answer = await connection.hear()
        in_flight -= 1
        for each in answer if isinstance(answer, list) else [answer]:
            if each.get("code") == "unavailable":  # not kept: said again with the next connection
                assert each["retryAfter"] > 0
                return await asyncio.sleep(0.5)
            ledger.take(each)


async def _keep_working(server: Server, secret: str, ledger: Ledger, is_over: asyncio.Event) -> None:
    while not is_over.is_set():
        with contextlib.suppress(
            asyncio.CancelledError, ConnectionClosed, OSError, InvalidHandshake, TimeoutError, EOFError
        ):
            async with worker(server, secret) as connection:
                work = asyncio.ensure_future(_work(connection, ledger))
                end = asyncio.ensure_future(is_over.wait())
                await asyncio.wait({work, end}, return_when=asyncio.FIRST_COMPLETED)
                end.cancel()
                work.cancel()
                await work
        await asyncio.sleep(0.05)


async def _load(server: Server, gallery: Gallery, kill: Callable[[], None], revive: Callable[[], Any]) -> list[Ledger]:
    """Workers at work while ``kill`` and ``revive`` take turns."""
    folder_id = gallery.call("make_folder")
    ledgers, tokens = [Ledger(f"w{number}", folder_id) for number in range(WORKERS)], []
    for _ in ledgers:
        tokens.append(gallery.call("make_token", folder_id=folder_id))
    is_over = asyncio.Event()
    pairs = zip(ledgers, tokens, strict=True)
    tasks = [asyncio.ensure_future(_keep_working(server, secret, ledger, is_over)) for ledger, (_, secret) in pairs]
    before = 0
    for _ in range(KILLS):
        async with asyncio.timeout(60):  # each life has to acknowledge something, or the kill would prove nothing
            while sum(len(ledger.receipts) for ledger in ledgers) < before + 50:
                await asyncio.sleep(0.01)
        await asyncio.sleep(random.uniform(*SECONDS_BETWEEN))
        before = sum(len(ledger.receipts) for ledger in ledgers)
        await asyncio.to_thread(kill)
        await asyncio.to_thread(revive)
    await asyncio.sleep(1)
    is_over.set()
    await asyncio.gather(*tasks)
    await _come_to_rest(gallery, folder_id)
    for ledger, (key, _) in zip(ledgers, tokens, strict=True):
        _compare(ledger, gallery.call("folder_state", folder_id), gallery.call("receipts", key))
    for ledger, (_, secret) in zip(ledgers, tokens, strict=True):
        await _say_all_again(server, gallery, secret, ledger)
    count = sum(len(ledger.receipts) for ledger in ledgers)
    print(f"\n{server.kind}: {count} acknowledged, {sum(len(x.sent) for x in ledgers)} sent, {KILLS} kills")
    return ledgers


async def _come_to_rest(gallery: Gallery, folder_id: str) -> None:
    """What the server had already taken when its workers left is still written."""
    before = None
    async with asyncio.timeout(60):
        while before != (state := gallery.call("folder_state", folder_id)):
            before = state
            await asyncio.sleep(1)


def _compare(ledger: Ledger, state: dict[str, Any], kept: dict[str, Any]) -> None:
    assert ledger.receipts and set(ledger.receipts) <= set(kept), "an acknowledged event is lost"
    items = {item["id"]: item for item in state["items"] if item["batch_id"] == ledger.batch_id}
    expected: dict[str, dict[str, Any]] = {}
    for event_id, event in ledger.sent.items():
        if event_id not in kept:  # was never acknowledged: absent altogether
            continue
        if event_id in ledger.receipts:
            assert ledger.receipts[event_id].get("revision") == kept[event_id].get("revision")
        if event["type"] == "batch:progress":
            item = event["payload"]["item"]
            expected[item["id"]] = {"name": item["name"], "status": "processing", "is_pending": True}
        elif event["type"] == "item:update":
            changes = {"name": event["payload"]["item"]["name"], "status": "complete", "is_pending": False}
            expected[event["payload"]["itemId"]].update(changes)
    for item_id in expected.keys() | items.keys():
        shown = {name: items.get(item_id, {}).get(name) for name in ("name", "status", "is_pending")}
        assert shown == expected.get(item_id), item_id
    slots = [item["slot"] for item in items.values()]
    assert len(set(slots)) == len(slots)
    [batch] = [batch for batch in state["batches"] if batch["id"] == ledger.batch_id]
    done = sum(item["status"] == "complete" for item in items.values())
    assert (batch["item_count"], batch["done_count"]) == (len(items), done)
    # Nothing may be refused but the update of an item whose own event was given up.
    orphans = {event_id for event_id in ledger.forgotten if event_id not in kept}
    for answer in ledger.refused:
        number = int(answer.get("id", "0-0").rpartition("-")[2])
        assert answer["code"] == "unavailable" or f"{ledger.name}-{number - 1}" in orphans | _unavailable(ledger), (
            answer
        )


def _unavailable(ledger: Ledger) -> set[str]:
    return {answer["id"] for answer in ledger.refused if answer["code"] == "unavailable" and "id" in answer}


async def _say_all_again(server: Server, gallery: Gallery, secret: str, ledger: Ledger) -> None:
    before = gallery.call("folder_state", ledger.folder_id)
    async with worker(server, secret) as connection:
        known = list(ledger.receipts)
        for start in range(0, len(known), 500):
            ids = known[start : start + 500]
            answers = await connection.tell([ledger.sent[event_id] for event_id in ids])
            assert answers == [ledger.receipts[event_id] for event_id in ids]
    assert gallery.call("folder_state", ledger.folder_id) == before


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_a_killed_server_has_kept_what_it_acknowledged(
    new_gallery: Callable[..., Gallery], database: str, kind: str
) -> None:
    gallery = new_gallery(database)
    server = gallery.server(kind)
    await _load(server, gallery, server.kill, server.start)
    server.kill()


async def test_a_killed_database_has_kept_what_was_acknowledged(new_gallery: Callable[..., Gallery]) -> None:
    cluster = PostgreSQL()
    try:
        cluster.start()
        gallery = new_gallery("own", DATABASE_URL=cluster.create("own"))
        server = gallery.server("daphne")
        assert cluster.process is not None
        await _load(server, gallery, lambda: cluster.process and cluster.process.kill(), cluster.start)
        assert server.process is not None and server.process.is_alive
        server.kill()
    finally:
        cluster.remove()
