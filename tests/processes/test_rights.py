"""Whoever loses a right loses the sockets that it opened, within five seconds and in every process."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack

from tests.clients import Viewer, sign_in, sign_out, viewer, worker
from tests.processes.conftest import Gallery, Room

BAR = 5.0  # seconds
SLACK = 5.0  # of a machine that others use too

KINDS = ("daphne", "uvicorn")


async def _pages(stack: AsyncExitStack, gallery: Gallery, room: Room, *, username: str = "bob") -> list[Viewer]:
    """A page of the folder in each server, which has shown something."""
    cookies = gallery.cookies(username)
    pages = [await stack.enter_async_context(viewer(gallery.server(kind), room.folder_id, cookies)) for kind in KINDS]
    for page in pages:
        await page.wait_for_root("messages")
    return pages


async def _closed(pages: list[Viewer], code: int, since: float, what: str) -> None:
    for page, kind in zip(pages, KINDS, strict=True):
        assert await page.wait_closed(BAR + SLACK) == code, kind
        print(f"\n{what}: {kind} closed after {time.monotonic() - since:.1f} s")
        assert time.monotonic() - since < BAR + SLACK


async def test_a_revoked_token_closes_its_sockets(gallery: Gallery) -> None:
    room, other = gallery.new_room(), gallery.new_room()
    async with AsyncExitStack() as stack:
        doors = [worker(gallery.server(kind), room.secret) for kind in KINDS]
        workers = [await stack.enter_async_context(door) for door in doors]
        bystander = await stack.enter_async_context(worker(gallery.server("daphne"), other.secret))
        for each in workers:
            await each.say("batch:start", total=1, label="Before")
        await asyncio.to_thread(gallery.call, "revoke_token", room.token_key)
        since = time.monotonic()
        for each in workers:
            await asyncio.wait_for(each.socket.wait_closed(), BAR + SLACK)
            assert each.socket.close_code == 4401
            print(f"\na revoked token: closed after {time.monotonic() - since:.1f} s")
        await bystander.say("batch:start", total=1, label="Untouched")


async def test_an_expired_token_closes_its_sockets(lone: Gallery) -> None:
    room = lone.new_room()
    async with worker(lone.server("daphne"), room.secret) as sender:
        await sender.say("batch:start", total=1, label="Before")
        await asyncio.to_thread(lone.call, "change_rows", "WorkerToken", room.token_key, {"expires_at": -1})
        await asyncio.wait_for(sender.socket.wait_closed(), BAR + SLACK)
        assert sender.socket.close_code == 4401


async def test_a_sign_out_closes_the_sockets_of_that_session(gallery: Gallery) -> None:
    room = gallery.new_room()
    cookies = await asyncio.to_thread(sign_in, gallery.server("daphne"), "bob")
    async with AsyncExitStack() as stack:
        others = await _pages(stack, gallery, room)
        pages = [
            await stack.enter_async_context(viewer(gallery.server(kind), room.folder_id, cookies)) for kind in KINDS
        ]
        home = await stack.enter_async_context(viewer(gallery.server("uvicorn"), None, cookies))
        for page in [*pages, home]:
            await page.wait_for_root("messages")
        await asyncio.to_thread(sign_out, gallery.server("daphne"), cookies)
        await _closed(pages, 4401, time.monotonic(), "a sign-out")
        assert await home.wait_closed(BAR + SLACK) == 4401
        await asyncio.to_thread(_start_batch, gallery, room)
        for page in others:  # the same person's other browser stays
            await page.wait_for(lambda frame: "Still here" in frame.text)


async def test_a_lost_membership_closes_the_folders_pages(gallery: Gallery) -> None:
    room = gallery.new_room()
    async with AsyncExitStack() as stack:
        pages = await _pages(stack, gallery, room)
        others = await _pages(stack, gallery, room, username="erin")
        await asyncio.to_thread(gallery.call, "lose_membership", room.folder_id, "bob")
        await _closed(pages, 4403, time.monotonic(), "a lost membership")
        await asyncio.to_thread(_start_batch, gallery, room)
        for page in others:
            await page.wait_for(lambda frame: "Still here" in frame.text)
        for page in pages:
            assert not any("Still here" in frame.text for frame in page.frames)


async def test_a_deleted_folder_closes_its_pages(gallery: Gallery) -> None:
    room = gallery.new_room()
    async with AsyncExitStack() as stack:
        pages = await _pages(stack, gallery, room)
        home = await stack.enter_async_context(viewer(gallery.server("uvicorn"), None, gallery.cookies("bob")))
        await home.wait_for_root(f"folder-{room.folder_id}")
        seen = len(home.frames)
        await asyncio.to_thread(gallery.call, "delete_folder", room.folder_id)
        await _closed(pages, 4404, time.monotonic(), "a deleted folder")
        frame = await home.wait_for_root(f"folder-{room.folder_id}", since=seen)
        assert frame.roots[f"folder-{room.folder_id}"].is_deletion


async def test_who_may_not_enter_is_told_why(gallery: Gallery, kind: str) -> None:
    room, server = gallery.new_room(), gallery.server(kind)
    for cookies, folder_id, code in (
        (None, room.folder_id, 4401),
        (gallery.cookies("charlie"), room.folder_id, 4403),
        (gallery.cookies("bob"), "nowhere", 4404),
        (gallery.cookies("bob"), "%00", 4404),
        (gallery.cookies("bob"), "a%20b", 4404),
    ):
        async with viewer(server, folder_id, cookies) as page:
            assert await page.wait_closed() == code
            assert page.frames == []


async def test_anybody_may_look_at_a_public_folder(lone: Gallery, kind: str) -> None:
    folder_id = lone.call("make_folder", visibility="public")
    async with viewer(lone.server(kind), folder_id, None) as page:
        await page.wait_for_root("messages")
        await page.say({"type": "cancel", "batchId": "any"})
        assert (await page.wait_for_root("notice")).roots["notice"].attributes["data-code"] == "forbidden"


def _start_batch(gallery: Gallery, room: Room) -> None:
    gallery.call("notify", "batch:start", {"total": 1, "label": "Still here", "targetFolderId": room.folder_id})
