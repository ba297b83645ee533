"""Where a page left off: after a restart, after nonsense, after too much; and what it hears in silence."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack

import httpx
import pytest

from tests.clients import Frame, viewer, worker
from tests.processes.conftest import Gallery

HEARTBEAT = 20.0  # seconds, as the contract says


def _say(gallery: Gallery, folder_id: str, label: str) -> str:
    gallery.call("notify", "batch:start", {"total": 1, "label": label, "targetFolderId": folder_id})
    return label


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_a_page_goes_on_where_it_was_when_the_server_is_back(
    new_gallery: Callable[..., Gallery], database: str, kind: str
) -> None:
    gallery = new_gallery(database)
    server, room = gallery.server(kind), gallery.new_room()
    cookies = gallery.cookies("bob")
    _say(gallery, room.folder_id, "Before")
    async with viewer(server, room.folder_id, cookies) as page:
        await page.wait_for(lambda frame: "Before" in frame.text)
        await asyncio.to_thread(server.kill)
        await page.wait_closed()
        left_at = page.revision
    _say(gallery, room.folder_id, "Meanwhile")
    await asyncio.to_thread(server.start)
    async with viewer(server, room.folder_id, cookies, after=left_at) as page:
        frame = await page.wait_for(lambda frame: "Meanwhile" in frame.text)
        assert "Before" not in frame.text and frame.revision == left_at + 1
        assert not any("reset" in frame.roots for frame in page.frames)
    server.kill()


async def test_the_first_frame_repeats_the_viewers_own_revision(lone: Gallery, kind: str) -> None:
    room, server = lone.new_room(), lone.server(kind)
    for label in ("One", "Two", "Three"):
        _say(lone, room.folder_id, label)
    async with viewer(server, room.folder_id, lone.cookies("bob"), after=2) as page:
        await page.wait_for(lambda frame: "Three" in frame.text)
        first, second = page.frames[:2]
        assert list(first.roots) == ["messages", "revision"] and first.revision == 2
        assert second.revision == 3 and "Two" not in second.text
        assert list(second.roots)[-1] == "revision"
    async with viewer(server, None, lone.cookies("bob"), after=2) as home:
        frame = await home.wait_for_root("messages")
        assert {f"folder-{room.folder_id}", "heartbeat"} <= frame.roots.keys() and "revision" not in frame.roots


@pytest.mark.parametrize(
    "after", [None, "", "abc", "-1", 10**30, 10**18, 10**17, 4, "1.0", "%31", "²", "1%001", "1&after=x", "%201"]
)
async def test_an_after_that_means_nothing_gets_a_reset(lone: Gallery, after: object) -> None:
    room = lone.new_room()
    for label in ("One", "Two", "Three"):
        _say(lone, room.folder_id, label)
    async with viewer(lone.server("daphne"), room.folder_id, lone.cookies("bob"), after=after) as page:
        if after in ("%31", "1&after=x"):  # is a plain 1, said in another way
            await page.wait_for(lambda frame: "Two" in frame.text)
            return
        frame = await page.wait_for_root("reset")
        assert frame.roots["reset"].revision == 3
        assert list(page.frames[0].roots) == ["messages", "revision"]
        assert all(frame.revision <= 3 for frame in page.frames)
        _say(lone, room.folder_id, "Four")
        frame = await page.wait_for(lambda frame: "Four" in frame.text)
        assert frame.revision == 4 and "reset" not in frame.roots


async def test_an_after_before_the_folders_memory_gets_a_reset(lone: Gallery) -> None:
    room = lone.new_room()
    for label in ("One", "Two", "Three"):
        _say(lone, room.folder_id, label)
    lone.call("change_rows", "Folder", room.folder_id, memory_floor=2)
    for after, forgotten in ((1, True), (2, False)):
        async with viewer(lone.server("daphne"), room.folder_id, lone.cookies("bob"), after=after) as page:
            frame = await page.wait_for(lambda frame: "reset" in frame.roots or "Three" in frame.text)
            assert ("reset" in frame.roots) is forgotten
            assert frame.revision == (after if forgotten else 3)


@pytest.mark.parametrize(("count", "resets"), [(200, False), (201, True)])
async def test_too_many_changed_cards_are_a_reset(lone: Gallery, count: int, resets: bool) -> None:
    room, server = lone.new_room(), lone.server("daphne")
    async with worker(server, room.secret) as sender:
        batch = (await sender.say("batch:start", total=count, label="Many"))["batchId"]
        item = {"name": "One of many", "type": "image"}
        event = {"type": "batch:progress", "payload": {"batchId": batch, "item": item}}
        answers = await sender.tell([event] * count)
        assert {answer["type"] for answer in answers} == {"ack"}
    async with viewer(server, room.folder_id, lone.cookies("bob")) as page:
        frame = await page.wait_for(lambda frame: "reset" in frame.roots or f"batch-{batch}" in frame.roots)
        assert ("reset" in frame.roots) is resets
        assert resets or sum(root.startswith("item-") for root in frame.roots) == count
        assert frame.revision == (0 if resets else answers[-1]["revision"])


async def test_no_revision_is_above_what_was_sent_under_load(gallery: Gallery, kind: str) -> None:
    """Two workers change two batches at once; at any moment a page that stops here and resumes misses nothing."""
    room, server = gallery.new_room(), gallery.server(kind)
    cookies = gallery.cookies("bob")
    async with (
        worker(server, room.secret) as one,
        worker(server, room.secret) as other,
        viewer(server, room.folder_id, cookies) as page,
    ):
        changed: dict[str, int] = {}  # the newest revision of each batch, by the receipts

        async def work(sender: object) -> None:
            batch = (await sender.say("batch:start", total=1, label="Load"))["batchId"]  # type: ignore[attr-defined]
            for number in range(40):
                answer = await sender.say("batch:progress", batchId=batch, message=f"step {number}")  # type: ignore[attr-defined]
                changed[f"batch-{batch}"] = answer["revision"]

        latecomers: list[tuple[int, list[Frame]]] = []

        async def come_and_go() -> int:
            """Where the last of them left."""
            after = 0
            for _ in range(8):
                async with viewer(server, room.folder_id, cookies, after=after) as short:
                    await asyncio.sleep(0.1)
                    latecomers.append((after, short.frames))
                after = short.revision if short.frames else after
            return after

        _, _, left_at = await asyncio.gather(work(one), work(other), come_and_go())
        newest = max(changed.values())
        await page.wait_for_revision(newest)
        async with viewer(server, room.folder_id, cookies, after=left_at) as last:
            await last.wait_for_revision(newest)
            latecomers.append((0, last.frames))
    resumed = [frame for _, some in latecomers for frame in some]
    for frames in (page.frames, resumed):
        shown: dict[str, int] = {}
        before = 0
        for frame in frames:
            assert frame.revision >= before, "a revision went back"
            before = frame.revision
            shown |= {key: root.revision for key, root in frame.roots.items() if key.startswith("batch-")}
        assert shown == changed


async def test_a_silent_page_hears_a_heartbeat(lone: Gallery) -> None:
    room = lone.new_room()
    _say(lone, room.folder_id, "One")
    async with AsyncExitStack() as stack:
        silent = [
            (kind, folder_id, await stack.enter_async_context(viewer(lone.server(kind), folder_id, cookies, after=1)))
            for kind in ("daphne", "uvicorn")
            for folder_id, cookies in ((room.folder_id, lone.cookies("bob")), (None, lone.cookies("charlie")))
        ]
        for kind, folder_id, page in silent:
            first = await page.wait_for(lambda frame: True)
            only = ["heartbeat"] if folder_id is None else ["revision"]
            beat = await page.wait_for(lambda frame, only=only: list(frame.roots) == only, since=1, what=kind)
            assert folder_id is None or beat.revision == 1
            assert beat.at - first.at <= HEARTBEAT


async def test_pages_outlive_a_redis_that_dies(new_gallery: Callable[..., Gallery], tmp_path: object) -> None:
    from pathlib import Path

    from tests.processes.conftest import require
    from tests.servers import Redis, free_port

    require("redis-server", "redis-server")
    broker = Redis(Path(str(tmp_path)), free_port())
    broker.start()
    gallery = new_gallery("sqlite", REDIS_URL=broker.url)
    room = gallery.new_room()
    servers = [gallery.server("daphne"), gallery.server("uvicorn")]
    async with (
        viewer(servers[1], room.folder_id, gallery.cookies("bob")) as page,
        worker(servers[0], room.secret) as sender,
    ):
        await sender.say("batch:start", total=1, label="With Redis")
        await page.wait_for(lambda frame: "With Redis" in frame.text)
        assert broker.process is not None
        broker.process.kill()
        since = time.monotonic()
        await sender.say("batch:start", total=1, label="Without Redis")
        frame = await page.wait_for(lambda frame: "Without Redis" in frame.text)
        print(f"\nwithout Redis: after {frame.at - since:.1f} s")
        unready = await asyncio.to_thread(httpx.get, f"{servers[0].http}/readyz", timeout=30)
        assert unready.status_code == 503 and "channel layer" in unready.text
        await asyncio.to_thread(broker.start)
        await asyncio.sleep(2.5)  # both processes subscribe again, each second
        times = []
        for number in range(5):
            since = time.monotonic()
            await sender.say("batch:start", total=1, label=f"Again {number}.")
            frame = await page.wait_for(lambda frame, number=number: f"Again {number}." in frame.text)
            times.append(frame.at - since)
        assert min(times) < 0.5, "the doorbell does not ring again"
    broker.process.kill()
