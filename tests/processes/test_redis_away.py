"""Redis goes, and comes back: pages follow by the poll meanwhile, and nobody is told anything false."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.clients import viewer, worker
from tests.processes.conftest import Gallery, require
from tests.servers import ROOT, Process, Redis, Server, free_port, wait_until

LAYERS = ["channel layer", "channel layer doorbell"]
MOST_LINES = 6  # of a server's log about one outage: the doorbell and both questions of /readyz, begun and ended


@pytest.fixture
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A Redis of the test's own, not started."""
    require("redis-server", "redis-server")
    broker = Redis(tmp_path_factory.mktemp("redis"), free_port())
    yield broker
    if broker.process is not None:
        broker.process.kill()


def failing(server: Server) -> list[str]:
    answer = httpx.get(f"{server.http}/readyz", timeout=10)
    assert (answer.status_code == 200) == ("failing" not in answer.json())
    return answer.json().get("failing", [])


async def test_pages_follow_by_the_poll_and_the_doorbell_comes_back(
    new_gallery: Callable[..., Gallery], broker: Redis
) -> None:
    """At the start it is away as well."""
    gallery = new_gallery("sqlite", REDIS_URL=broker.url)
    here, there = gallery.server("uvicorn"), gallery.server("daphne")
    assert failing(here) == ["channel layer"] or failing(here) == LAYERS
    room, bob = gallery.new_room(), gallery.cookies("bob")
    async with viewer(here, room.folder_id, bob) as page, worker(there, room.secret) as sender:

        async def seconds_to_page() -> float:
            number = len(page.frames)
            receipt = await sender.say("batch:start", total=1, label="Sunsets")
            started = time.monotonic()
            frame = await page.wait_for_revision(receipt["revision"], since=number)
            return frame.at - started

        for server in (here, there):
            wait_until(lambda server=server: failing(server) == LAYERS, what="both layers to be missed")
        assert await seconds_to_page() < 1
        assert await seconds_to_page() < 1

        broker.start()
        for server in (here, there):
            wait_until(lambda server=server: failing(server) == [], what="Redis to be found")
        await _until_it_rings(seconds_to_page)

        assert broker.process is not None
        broker.process.kill()
        for server in (here, there):
            wait_until(lambda server=server: failing(server) == LAYERS, what="both layers to be missed")
        assert await seconds_to_page() < 1

        broker.start()
        for server in (here, there):
            wait_until(lambda server=server: failing(server) == [], what="Redis to be found again")
        await _until_it_rings(seconds_to_page)
        assert all("data-waits-for" not in frame.text for frame in page.frames)
    for server in (here, there):
        assert "Traceback" not in server.log
        assert server.log.count("WARNING") <= 2 * MOST_LINES, server.log


def test_the_channels_worker_ends_so_that_a_supervisor_starts_it_again(
    new_gallery: Callable[..., Gallery], broker: Redis
) -> None:
    broker.start()
    gallery = new_gallery("sqlite", REDIS_URL=broker.url)
    room = gallery.new_room()
    log = gallery.folder / "runworker.log"
    command = [sys.executable, str(ROOT / "manage.py"), "runworker", "gallery.notify"]
    consumer = Process(command, log, env=gallery.env)

    def is_kept(batch_id: str) -> bool:
        payload = {"batchId": batch_id, "total": 1, "label": "Sunsets", "targetFolderId": room.folder_id}
        gallery.call("send_to_layer", "batch:start", payload)  # again and again: the same batch is no change
        time.sleep(0.3)
        return any(batch["id"] == batch_id for batch in gallery.call("folder_state", room.folder_id)["batches"])

    try:
        wait_until(lambda: is_kept("before"), what="the event before")
        assert broker.process is not None
        broker.process.kill()
        wait_until(lambda: not consumer.is_alive, what="the end of runworker")
        assert consumer.popen.returncode == 1
        [line] = [line for line in log.read_text().splitlines() if line.startswith("Redis cannot be used (")]
        assert line.endswith("REDIS_URL says where it is.")
        broker.start()
        consumer = Process(command, log, env=gallery.env)
        wait_until(lambda: is_kept("after"), what="the event after the restart")
    finally:
        consumer.kill()


async def _until_it_rings(seconds_to_page: Callable[[], object]) -> None:
    """Three events in a row that came quicker than any poll with a layer would bring them."""
    quick = 0
    for _ in range(20):
        quick = quick + 1 if await seconds_to_page() < 0.2 else 0
        if quick == 3:
            return
    raise AssertionError("the doorbell is still silent")
