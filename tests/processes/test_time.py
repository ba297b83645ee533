"""What time changes, as a page sees it. The clock is moved in the database: a moment that lies behind is due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.clients import viewer, worker
from tests.processes.conftest import Gallery


@pytest.fixture(scope="module")
def impatient(new_gallery: Callable[..., Gallery]) -> Gallery:
    """Half a second without a word is a stall, and five are the end."""
    return new_gallery("sqlite", STALLED_AFTER="0.5")


async def test_silent_work_stalls_then_fails_and_a_word_revives_it(impatient: Gallery) -> None:
    room, server = impatient.new_room(), impatient.server("daphne")
    async with worker(server, room.secret) as sender, viewer(server, room.folder_id, impatient.cookies("bob")) as page:
        batch = (await sender.say("batch:start", total=2, label="Silence"))["batchId"]
        item = {"name": "Forgotten", "type": "image", "isPending": True}
        item_id = (await sender.say("batch:progress", batchId=batch, item=item))["itemId"]
        await page.wait_for(lambda frame: "developing--stalled" in _html(frame, f"item-{item_id}"))
        await page.wait_for(lambda frame: "batch--stalled" in _html(frame, f"batch-{batch}"))

        since = len(page.frames)
        await sender.say("item:update", itemId=item_id, status="processing", progress=10)
        frame = await page.wait_for_root(f"item-{item_id}", since=since)
        assert "developing--stalled" not in frame.text
        await page.wait_for(lambda frame: "developing--stalled" in _html(frame, f"item-{item_id}"), since=since)

        frame = await page.wait_for(lambda frame: "item--failed" in _html(frame, f"item-{item_id}"), since=since)
        assert "has not been heard from for" in frame.roots[f"item-{item_id}"].html
        frame = await page.wait_for(lambda frame: "batch--error" in _html(frame, f"batch-{batch}"), since=since)
        await page.wait_for_root(f"placeholder-{batch}-1", since=since)

        since = len(page.frames)
        await sender.say("item:update", itemId=item_id, status="processing", progress=20)
        frame = await page.wait_for(lambda frame: "batch--running" in _html(frame, f"batch-{batch}"), since=since)
        frame = await page.wait_for_root(f"item-{item_id}", since=since)
        assert "item--failed" not in frame.text
        assert not frame.roots[f"placeholder-{batch}-1"].is_deletion
        await sender.say("item:update", itemId=item_id, status="complete", item={"mediaUrl": "/static/a.png"})
        await sender.say("batch:end", batchId=batch, status="complete")
        frame = await page.wait_for(lambda frame: "batch--complete" in _html(frame, f"batch-{batch}"), since=since)


async def test_an_estimate_makes_the_gallery_more_patient(impatient: Gallery) -> None:
    room, server = impatient.new_room(), impatient.server("daphne")
    async with worker(server, room.secret) as sender:
        started = await sender.say("batch:start", total=1, label="Slow", estimatedTimeSeconds=3600)
        await sender.say("batch:start", total=1, label="Quick")
    async with viewer(server, room.folder_id, impatient.cookies("bob")) as page:
        await page.wait_for(lambda frame: "batch--stalled" in frame.text)
        assert not any("batch--stalled" in _html(frame, f"batch-{started['batchId']}") for frame in page.frames)


async def test_a_lease_ends_for_all_to_see(gallery: Gallery) -> None:
    room, server = gallery.new_room(), gallery.server("daphne")
    async with worker(server, room.secret) as sender, viewer(server, room.folder_id, gallery.cookies("bob")) as page:
        batch = (await sender.say("batch:start", total=1, label="Leases"))["batchId"]
        item = {"name": "Held", "type": "image"}
        item_id = (await sender.say("batch:progress", batchId=batch, item=item))["itemId"]
        first = await sender.say("item:lock", itemId=item_id)
        await page.wait_for(lambda frame: "Alice Adams is editing" in frame.text)  # with its card, if in one tick
        since = len(page.frames)
        await asyncio.to_thread(gallery.call, "change_rows", "ItemLock", item_id, {"expires_at": -1})
        await page.wait_for(
            lambda frame: "is editing" not in _html(frame, f"lock-{item_id}", "is editing"), since=since
        )
        second = await sender.say("item:lock", itemId=item_id)
        assert second["fence"] > first["fence"]


async def test_a_message_comes_and_goes_at_its_time(gallery: Gallery) -> None:
    room, server = gallery.new_room(), gallery.server("uvicorn")
    message = f"tea-{room.folder_id}"
    said = {"id": message, "text": f"Tea in {room.folder_id}", "level": "info", "expiresAt": "2100-01-01T00:00:00Z"}
    async with (
        viewer(server, room.folder_id, gallery.cookies("bob")) as page,
        viewer(server, None, None) as home,
    ):
        await asyncio.to_thread(gallery.call, "notify", "system:message", said)
        for tab in (page, home):
            await tab.wait_for_root("messages", said["text"])
        since = [len(page.frames), len(home.frames)]
        await asyncio.to_thread(gallery.call, "change_rows", "SystemMessage", message, {"expires_at": -1})
        for tab, seen in zip((page, home), since, strict=True):
            await tab.wait_for(lambda frame: said["text"] not in _html(frame, "messages", said["text"]), since=seen)


async def test_the_strip_of_a_finished_batch_folds(gallery: Gallery) -> None:
    room, server = gallery.new_room(), gallery.server("daphne")
    async with worker(server, room.secret) as sender, viewer(server, room.folder_id, gallery.cookies("bob")) as page:
        batch = (await sender.say("batch:start", total=1, label="Short"))["batchId"]
        await sender.say("batch:end", batchId=batch, status="complete")
        await page.wait_for(lambda frame: "batch--complete" in _html(frame, f"batch-{batch}"))
        await asyncio.to_thread(gallery.call, "change_rows", "Batch", batch, {"fold_at": -1})
        await page.wait_for(lambda frame: f"batch-{batch}" in frame.roots and frame.roots[f"batch-{batch}"].is_deletion)


def _html(frame: object, dom_id: str, missing: str = "") -> str:
    root = frame.roots.get(dom_id)  # type: ignore[attr-defined]
    return missing if root is None else root.html
