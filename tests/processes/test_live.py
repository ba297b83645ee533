"""From an event that is acknowledged to the frame that shows it, in this server and in the one beside it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.clients import Viewer, viewer, worker
from tests.processes.conftest import Gallery
from tests.servers import run_command

EVENTS = 20
ROUNDS = 3  # the best counts: somebody else may use the machine
BAR = 0.100  # seconds, 95 of 100
BAR_BESIDE = 0.500  # the same, from another process on the same SQLite file
PAUSE = 0.12  # longer than a tick: each event finds an idle hub


async def _measure(page: Viewer, push: Callable[[str], Awaitable[float]], bar: float, title: str) -> None:
    """``push`` sends a message that shows up on the strip and returns when it was acknowledged."""
    best = float("inf")
    for turn in range(ROUNDS):
        waits = []
        for number in range(EVENTS):
            text, since = f"step {turn}-{number}.", len(page.frames)
            acknowledged = await push(text)
            frame = await page.wait_for(lambda frame, text=text: text in frame.text, since=since)
            waits.append(frame.at - acknowledged)
            await asyncio.sleep(PAUSE)
        best = min(best, sorted(waits)[int(EVENTS * 0.95)])
        if best <= bar:
            break
    print(f"\n{title}: p95 {best * 1000:.0f} ms, of {bar * 1000:.0f}")
    assert best <= bar


@pytest.mark.alone
async def test_an_acknowledged_event_shows_within_a_tenth_of_a_second(gallery: Gallery, kind: str) -> None:
    room, server = gallery.new_room(), gallery.server(kind)
    async with worker(server, room.secret) as sender, viewer(server, room.folder_id, gallery.cookies("bob")) as page:
        batch = (await sender.say("batch:start", total=3, label="Speed"))["batchId"]
        await page.wait_for_root(f"batch-{batch}", "Speed")

        async def over_socket(text: str) -> float:
            await sender.say("batch:progress", batchId=batch, message=text)
            return time.monotonic()

        await _measure(page, over_socket, BAR, f"{kind}, WebSocket door")
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {room.secret}"}, timeout=30) as client:

            async def over_http(text: str) -> float:
                event = {"type": "batch:progress", "payload": {"batchId": batch, "message": text}}
                (await client.post(f"{server.http}/api/notify", json=event)).raise_for_status()
                return time.monotonic()

            await _measure(page, over_http, BAR, f"{kind}, HTTP door")


@pytest.mark.alone
async def test_an_event_of_another_process_shows_soon(gallery: Gallery) -> None:
    room, server = gallery.new_room(), gallery.server("daphne")
    async with viewer(server, room.folder_id, gallery.cookies("bob")) as page:
        payload = {"batchId": f"b-{room.folder_id}", "total": 3, "label": "Beside", "targetFolderId": room.folder_id}
        printed = await asyncio.to_thread(run_command, gallery.env, "notify", "batch:start", json.dumps(payload))
        assert json.loads(printed)["type"] == "ack"
        await page.wait_for_root(f"batch-{payload['batchId']}", "Beside")

        async def beside(text: str) -> float:
            said = {"batchId": payload["batchId"], "message": text}
            return await asyncio.to_thread(gallery.call, "notify", "batch:progress", said)

        bar = BAR if "REDIS_URL" in gallery.env else BAR_BESIDE
        await _measure(page, beside, bar, f"another process, {'Redis' if bar == BAR else 'SQLite alone'}")


@pytest.mark.parametrize(("here", "there"), [("daphne", "uvicorn"), ("uvicorn", "daphne")])
async def test_what_one_server_takes_the_other_shows(gallery: Gallery, here: str, there: str) -> None:
    room = gallery.new_room()
    one, other = gallery.server(here), gallery.server(there)
    async with (
        worker(one, room.secret) as sender,
        viewer(other, room.folder_id, gallery.cookies("bob")) as page,
        viewer(other, None, gallery.cookies("bob")) as home,
    ):
        started = await sender.say("batch:start", total=2, label="Two servers")
        batch = started["batchId"]
        frame = await page.wait_for_root(f"batch-{batch}")
        assert {f"placeholder-{batch}-0", f"placeholder-{batch}-1"} <= frame.roots.keys()
        item = {"name": "First <b>of</b> two", "type": "image", "isPending": True}
        added = await sender.say("batch:progress", batchId=batch, item=item)
        frame = await page.wait_for_root(f"item-{added['itemId']}", "First &lt;b&gt;of&lt;/b&gt; two")
        root = frame.roots[f"item-{added['itemId']}"]
        assert root.attributes["data-placeholder"] == f"placeholder-{batch}-0"
        await sender.say("item:update", itemId=added["itemId"], status="processing", progress=45, message="halfway")
        frame = await page.wait_for_root(f"item-{added['itemId']}-progress", "halfway")
        assert "--progress:0.45" in frame.text and f"item-{added['itemId']}" not in frame.roots
        await sender.say("item:remove", itemId=added["itemId"])
        frame = await page.wait_for(lambda frame: _goes(frame, f"item-{added['itemId']}"))
        assert frame.text.startswith(f'<div id="item-{added["itemId"]}"')
        await home.wait_for_root(f"folder-{room.folder_id}")


def _goes(frame: object, dom_id: str) -> bool:
    root = frame.roots.get(dom_id)  # type: ignore[attr-defined]
    return root is not None and root.is_deletion


@pytest.mark.parametrize(("here", "there"), [("daphne", "uvicorn"), ("uvicorn", "daphne")])
async def test_what_a_page_asks_reaches_pages_and_workers_elsewhere(gallery: Gallery, here: str, there: str) -> None:
    room = gallery.new_room()
    one, other = gallery.server(here), gallery.server(there)
    async with (
        worker(one, room.secret) as sender,
        viewer(other, room.folder_id, gallery.cookies("erin")) as erin,
        viewer(one, room.folder_id, gallery.cookies("alice")) as alice,
        viewer(one, room.folder_id, gallery.cookies("bob")) as bob,
    ):
        batch = (await sender.say("batch:start", total=2, label="Asked"))["batchId"]
        item = {"name": "Wanted", "type": "image", "isPending": True}
        item_id = (await sender.say("batch:progress", batchId=batch, item=item))["itemId"]
        await erin.wait_for_root(f"item-{item_id}")

        await erin.say({"type": "lock", "itemId": item_id})
        for page in (alice, erin):
            await page.wait_for(lambda frame: "erin is editing" in frame.text)  # with its card, if in one tick
        await alice.say({"type": "lock", "itemId": item_id})
        refused = await alice.wait_for_root("notice", "erin")
        assert refused.roots["notice"].attributes["data-code"] == "locked"
        assert refused.roots["notice"].attributes["role"] == "alert"
        await bob.say({"type": "lock", "itemId": item_id})
        assert (await bob.wait_for_root("notice")).roots["notice"].attributes["data-code"] == "forbidden"
        assert not any("notice" in frame.roots for frame in erin.frames)
        seen = len(alice.frames)
        await erin.say({"type": "unlock", "itemId": item_id})
        await alice.wait_for(lambda frame: _is_free(frame, item_id), since=seen)

        await erin.say({"type": "cancel", "batchId": batch})
        command = await sender.wait_for_command()
        assert (command["type"], command["payload"]) == ("batch:cancel", {"batchId": batch})
        await sender.socket.send(json.dumps({"type": "ack", "id": command["id"]}))
        await sender.say("batch:end", batchId=batch, status="cancelled", message="As you wished")
        await alice.wait_for_root(f"batch-{batch}", "As you wished")


def _is_free(frame: object, item_id: str) -> bool:
    roots = frame.roots  # type: ignore[attr-defined]
    return f"lock-{item_id}" in roots and "data-holder" not in roots[f"lock-{item_id}"].attributes


async def test_a_command_is_said_again_until_the_worker_acknowledges_it(gallery: Gallery) -> None:
    room, server = gallery.new_room(), gallery.server("daphne")
    async with worker(server, room.secret) as sender:
        batch = (await sender.say("batch:start", total=2, label="Asked"))["batchId"]
    await asyncio.to_thread(gallery.call, "ask_to_cancel", batch)
    async with worker(server, room.secret) as sender:
        first = await sender.wait_for_command()
    async with worker(gallery.server("uvicorn"), room.secret) as sender:
        assert await sender.wait_for_command() == first
        await sender.socket.send(json.dumps({"type": "ack", "id": first["id"]}))
        await sender.say("batch:progress", batchId=batch, message="answers come in order: that one was taken")
    async with worker(server, room.secret) as sender:
        await sender.say("batch:progress", batchId=batch, message="and nothing else was said")
        assert sender.commands == []


async def test_a_message_is_at_once_on_every_page(gallery: Gallery) -> None:
    room = gallery.new_room()
    async with (
        viewer(gallery.server("daphne"), room.folder_id, gallery.cookies("bob")) as folder_page,
        viewer(gallery.server("uvicorn"), None, gallery.cookies("bob")) as home,
        viewer(gallery.server("uvicorn"), None, None) as nobody,
        worker(gallery.server("daphne"), room.secret) as sender,
    ):
        await folder_page.wait_for_root("messages")
        await sender.say("system:message", text="Tea & <i>cake</i>", level="info", id=f"tea-{room.folder_id}")
        said = time.monotonic()
        for page in (folder_page, home, nobody):
            frame = await page.wait_for_root("messages", "Tea &amp; &lt;i&gt;cake&lt;/i&gt;")
            print(f"\na message after {(frame.at - said) * 1000:.0f} ms")
            assert frame.at - said < 0.5  # not with the next round of cards
    async with viewer(gallery.server("daphne"), room.folder_id, gallery.cookies("bob")) as late:
        await late.wait_for(lambda frame: late.frames)
        assert "Tea &amp;" in late.frames[0].roots["messages"].html
