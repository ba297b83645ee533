"""A viewer that stops reading, or stops answering, costs the others nothing and the server little."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack

import pytest

from tests.clients import Viewer, Worker, stalled_viewer, viewer, worker
from tests.processes.conftest import Gallery

WINDOW_FRAMES = 128
WINDOW_BYTES = 1024 * 1024
MIB = 1024 * 1024
VIEWERS = 300
BAR_PER_VIEWER = 60 * 1024  # bytes


async def _tick(sender: Worker, page: Viewer, batch: str, number: int, message: str = "") -> None:
    """One change, and the frame of its own that a quick page gets of it."""
    since = len(page.frames)
    await sender.say("batch:progress", batchId=batch, message=f"{message}tick {number}.")
    await page.wait_for(lambda frame: f"tick {number}." in frame.text, since=since)


async def test_a_viewer_that_never_answers_is_paused_and_then_catches_up_once(lone: Gallery, kind: str) -> None:
    room, server = lone.new_room(), lone.server(kind)
    cookies = lone.cookies("bob")
    async with (
        worker(server, room.secret) as sender,
        viewer(server, room.folder_id, cookies) as quick,
        viewer(server, room.folder_id, cookies, acknowledges=False) as silent,
    ):
        batch = (await sender.say("batch:start", total=2, label="Ticks"))["batchId"]
        for number in range(WINDOW_FRAMES + 20):
            await _tick(sender, quick, batch, number)
        assert len(quick.frames) > WINDOW_FRAMES + 10
        assert len(silent.frames) == WINDOW_FRAMES + 1  # the one more than it may owe
        await sender.say("batch:progress", batchId=batch, item={"name": "While it slept", "type": "image"})
        await quick.wait_for(lambda frame: "While it slept" in frame.text)
        assert len(silent.frames) == WINDOW_FRAMES + 1
        await silent.say_seen()
        caught_up = await silent.wait_for(lambda frame: "While it slept" in frame.text)
        await asyncio.sleep(0.5)
        assert silent.frames[WINDOW_FRAMES + 1 :] == [caught_up]
        assert f"tick {WINDOW_FRAMES + 19}." in caught_up.text  # current state, nothing of what it missed
        assert caught_up.revision == quick.revision
        await _tick(sender, silent, batch, 999)


async def test_a_viewer_that_owes_a_mebibyte_is_paused(lone: Gallery, kind: str) -> None:
    room, server = lone.new_room(), lone.server(kind)
    async with (
        worker(server, room.secret) as sender,
        viewer(server, room.folder_id, lone.cookies("bob")) as quick,
        viewer(server, room.folder_id, lone.cookies("bob"), acknowledges=False) as silent,
    ):
        batch = (await sender.say("batch:start", total=100, label="Large"))["batchId"]
        items = [{"id": f"{batch}-{n}", "name": "&" * 190, "type": "image", "isPending": True} for n in range(60)]
        events = [{"type": "batch:progress", "payload": {"batchId": batch, "item": item}} for item in items]
        await sender.tell(events)
        for number in range(25):  # some 100 KiB each: every card changes
            name = f"{number}-" + "&" * 190
            said = [
                {"type": "item:update", "payload": {"itemId": i["id"], "status": "processing", "item": {"name": name}}}
                for i in items
            ]
            since = len(quick.frames)
            answers = await sender.tell(said)
            assert answers[-1]["type"] == "ack", answers[-1]
            await quick.wait_for_revision(answers[-1]["revision"], since=since)
        largest = max(len(frame.text) for frame in quick.frames)
        owed = sum(len(frame.text) for frame in silent.frames)
        assert sum(len(frame.text) for frame in quick.frames) > owed
        assert WINDOW_BYTES < owed <= WINDOW_BYTES + largest
        await silent.say_seen()
        await silent.wait_for_revision(quick.revision)


@pytest.mark.alone
async def test_a_viewer_that_stops_reading_delays_nobody_and_fills_no_memory(lone: Gallery, kind: str) -> None:
    room, server = lone.new_room(), lone.server(kind)
    cookies = lone.cookies("bob")
    assert server.process is not None
    async with AsyncExitStack() as stack:
        sender = await stack.enter_async_context(worker(server, room.secret))
        page = await stack.enter_async_context(viewer(server, room.folder_id, cookies))
        batch = (await sender.say("batch:start", total=60, label="Stalled"))["batchId"]
        items = [{"id": f"{batch}-{n}", "name": "&" * 190, "type": "image", "isPending": True} for n in range(60)]
        await sender.tell([{"type": "batch:progress", "payload": {"batchId": batch, "item": i}} for i in items])
        for _ in range(10):
            await stack.enter_async_context(stalled_viewer(server, room.folder_id, cookies))
        before, sent, waits = server.process.memory, 0, []
        for number in range(40):
            events = [
                {
                    "type": "item:update",
                    "payload": {"itemId": i["id"], "status": "processing", "item": {"name": f"{number}-{'&' * 190}"}},
                }
                for i in items
            ]
            since = len(page.frames)
            answers = await sender.tell(events)
            asked = time.monotonic()
            frame = await page.wait_for_revision(answers[-1]["revision"], since=since)
            waits.append(frame.at - asked)
            sent += len(frame.text)
        grown = server.process.memory - before
        waits.sort()
        print(
            f"\n{kind}: {sent / MIB:.1f} MiB to each reader beside 10 that do not read:"
            f" p95 {waits[int(len(waits) * 0.95)] * 1000:.0f} ms, {grown / MIB:.1f} MiB more memory"
        )
        assert sent > 3 * WINDOW_BYTES  # they were owed far more than they may owe
        assert grown < 10 * 2 * WINDOW_BYTES + 15 * MIB
        assert waits[len(waits) // 2] < 1.0


@pytest.mark.alone
async def test_an_idle_viewer_costs_little_memory(lone: Gallery, kind: str) -> None:
    room, server = lone.new_room(), lone.server(kind)
    cookies = lone.cookies("bob")
    assert server.process is not None
    async with AsyncExitStack() as stack:

        async def open_pages(count: int) -> None:
            for _ in range(count // 10):
                doors = [viewer(server, room.folder_id, cookies) for _ in range(10)]
                for page in await asyncio.gather(*(stack.enter_async_context(door) for door in doors)):
                    await page.wait_for_root("messages")

        await open_pages(20)  # what the first ones need for all
        before = server.process.memory
        await open_pages(VIEWERS)
        await asyncio.sleep(1)
        each = (server.process.memory - before) / VIEWERS
        print(f"\n{kind}: {each / 1024:.1f} KiB for each of {VIEWERS} idle viewers")
        assert each <= BAR_PER_VIEWER
