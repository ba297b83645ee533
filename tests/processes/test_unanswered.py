"""A worker that does not wait for its answers: what is too much is refused, and what is acknowledged is kept."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from functools import partial
from typing import Any

import httpx

from tests.clients import worker
from tests.processes.conftest import Gallery
from tests.servers import wait_until

ARRAY, ARRAYS, MOST = 1_000, 13, 10_000


async def test_over_10_000_unanswered_events_are_refused_and_nothing_else(lone: Gallery, kind: str) -> None:
    room = lone.new_room()
    payload = {"batchId": room.folder_id[:60], "total": 1, "label": "Said again and again"}

    def array(number: int) -> list[dict[str, Any]]:
        return [{"type": "batch:start", "payload": payload, "id": f"{number}-{each}"} for each in range(ARRAY)]

    server, alice = lone.server(kind), lone.cookies("alice")

    def unanswered() -> float:
        lines = httpx.get(f"{server.http}/metrics", cookies=alice, timeout=30).text.splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("darkroom_unanswered_events"))

    async with worker(server, room.secret) as sender:
        writer = sqlite3.connect(lone.folder / "db.sqlite3", isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")  # nothing can be answered while this one writes
        try:
            for number in range(ARRAYS):
                await sender.socket.send(json.dumps(array(number)))
            await sender.socket.send(json.dumps(array(ARRAYS)[0]))
            # A socket takes what it is sent long before the program behind it has read it.
            read_all = partial(wait_until, lambda: unanswered() == ARRAYS * ARRAY + 1, 10, "the server to read it all")
            await asyncio.to_thread(read_all)
        finally:
            writer.execute("ROLLBACK")
            writer.close()
        answers = [await sender.hear() for _ in range(ARRAYS)]
        alone = await sender.hear()
        flat = [answer for answers_of_one in answers for answer in answers_of_one]
        assert [answer["id"] for answer in flat] == [event["id"] for each in range(ARRAYS) for event in array(each)]
        kept = {answer["id"] for answer in flat if answer["type"] == "ack"}
        refused = [answer for answer in [*flat, alone] if answer["type"] == "error"]
        assert len(kept) == MOST and alone["code"] == "rate_limited"
        assert {answer["code"] for answer in refused} == {"rate_limited"}
        assert all(answer["retryAfter"] > 0 for answer in refused)
        assert set(lone.call("receipts", room.token_key)) == kept
        again = await sender.tell(array(ARRAYS - 1))
        assert {answer["type"] for answer in again} == {"ack"}, "once answers were read, they are taken"
