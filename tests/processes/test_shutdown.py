"""How the processes end, and the worker of the Channels door."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable

from tests.clients import viewer, worker
from tests.processes.conftest import Gallery
from tests.servers import ROOT, Process, wait_until

IDLE_SECONDS = 6  # the layer lets Redis wait 5 s for an event; redis-py's own limit on an answer is as short


async def test_uvicorn_says_that_it_starts_anew(new_gallery: Callable[..., Gallery]) -> None:
    gallery = new_gallery("sqlite")
    server, room = gallery.server("uvicorn"), gallery.new_room()
    async with (
        viewer(server, room.folder_id, gallery.cookies("bob")) as page,
        viewer(server, None, None) as home,
        worker(server, room.secret) as sender,
    ):
        await sender.say("batch:start", total=1, label="Before")
        await page.wait_for(lambda frame: "Before" in frame.text)
        await home.wait_for_root("messages")
        code = await asyncio.to_thread(server.stop)
        assert code in (0, -signal.SIGTERM), server.log
        assert [await page.wait_closed(), await home.wait_closed()] == [1012, 1012]
        await asyncio.wait_for(sender.socket.wait_closed(), 10)
        assert sender.socket.close_code == 1012
    _ended_cleanly(server.log)


async def test_daphne_ends_when_asked(new_gallery: Callable[..., Gallery]) -> None:
    gallery = new_gallery("sqlite")
    server, room = gallery.server("daphne"), gallery.new_room()
    async with (
        viewer(server, room.folder_id, gallery.cookies("bob")) as page,
        worker(server, room.secret) as sender,
    ):
        await sender.say("batch:start", total=1, label="Before")
        await page.wait_for(lambda frame: "Before" in frame.text)
        code = await asyncio.to_thread(server.stop)
        assert code in (0, -signal.SIGTERM), server.log
        assert await page.wait_closed() in (1001, 1006, 1012, None)
    _ended_cleanly(server.log)


def _ended_cleanly(log: str) -> None:
    assert "Traceback" not in log and "never retrieved" not in log, log[-3000:]


async def test_the_channels_door_takes_events_and_logs_what_it_refuses(shared: Gallery) -> None:
    room = shared.new_room()
    log = shared.folder / "runworker.log"
    command = [sys.executable, str(ROOT / "manage.py"), "runworker", "gallery.notify"]
    door = Process(command, log, env=shared.env)
    try:
        batch = f"channels-{room.folder_id}"
        async with viewer(shared.server("daphne"), room.folder_id, shared.cookies("bob")) as page:
            for event, payload in (
                ("no:such", {}),
                (None, None),
                ({"a": 1}, ["b"]),
                ("batch:end", {"batchId": "no such"}),
                ("item:update", {"itemId": "nowhere", "status": "complete"}),
                ("batch:start", {"batchId": batch, "total": 1, "label": "Queued", "targetFolderId": room.folder_id}),
            ):
                await asyncio.to_thread(shared.call, "send_to_layer", event, payload)
            await page.wait_for_root(f"batch-{batch}", "Queued")
            await asyncio.sleep(IDLE_SECONDS)
            ended = {"batchId": batch, "status": "error", "message": "After a pause"}
            await asyncio.to_thread(shared.call, "send_to_layer", "batch:end", ended)
            await page.wait_for_root(f"batch-{batch}", "After a pause")
        await asyncio.to_thread(wait_until, lambda: log.read_text().count("Refused") >= 5, 20, "refusals in the log")
        assert log.read_text().count("Refused") == 5 and "Traceback" not in log.read_text()
        assert door.is_alive
        assert await asyncio.to_thread(door.stop) in (0, -signal.SIGTERM)
    finally:
        door.kill()
