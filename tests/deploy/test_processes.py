"""Two server processes behind nginx are one gallery: whoever comes to either sees and does the same."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from tests.clients import Viewer, sign_in, sign_out, viewer, worker
from tests.deploy.conftest import Site
from tests.deploy.stack import Address

pytestmark = pytest.mark.alone  # five servers at once

BAR = 5.0  # seconds for a lost right to close its sockets everywhere
SLACK = 5.0  # of a machine that others use too


def _sockets_at(port: int) -> int:
    """Established connections of a server process."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "01" for line in lines)


async def test_an_event_at_nginx_is_seen_by_pages_of_both_processes(site: Site) -> None:
    room, nginx = site.new_room(), site.stack.nginx
    await asyncio.to_thread(site.stack.wait_for_both)
    before = [_sockets_at(server.port) for server in site.stack.servers]
    async with AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(viewer(nginx, room.folder_id, site.cookies("bob"))) for _ in range(6)]
        for page in pages:
            await page.wait_for_root("messages")
        held = [_sockets_at(server.port) - old for server, old in zip(site.stack.servers, before, strict=True)]
        assert min(held) >= 1, f"nginx gave its sockets to one process: {held}"
        event = {"type": "batch:start", "payload": {"batchId": f"b-{room.folder_id}", "total": 2, "label": "By HTTP"}}
        async with httpx.AsyncClient(base_url=nginx.http, headers={"Authorization": f"Bearer {room.secret}"}) as client:
            since = time.monotonic()
            answer = await client.post("/api/notify", json=event)
            assert answer.json()["type"] == "ack"
        frames = [await page.wait_for(lambda frame: "By HTTP" in frame.text) for page in pages]
        print(f"\nan event at nginx: shown after {max(frame.at for frame in frames) - since:.3f} s")


async def test_the_channels_door_has_its_worker(site: Site) -> None:
    room = site.new_room()
    async with viewer(site.stack.nginx, room.folder_id, site.cookies("bob")) as page:
        payload = {"batchId": f"c-{room.folder_id}", "total": 1, "label": "Queued", "targetFolderId": room.folder_id}
        await asyncio.to_thread(site.call, "send_to_layer", "batch:start", payload)
        await page.wait_for_root(f"batch-c-{room.folder_id}", "Queued")


async def test_cancel_pressed_at_one_process_reaches_the_worker_at_the_other(site: Site) -> None:
    room, (here, there) = site.new_room(), site.stack.servers
    batch, cookies = f"b-{room.folder_id}", site.cookies("alice")
    async with worker(there, room.secret) as sender:
        await sender.say("batch:start", batchId=batch, total=2, label="To be cancelled")
        since = time.monotonic()
        await asyncio.to_thread(_press, here, cookies, f"/batches/{batch}/cancel/")
        command = await sender.wait_for_command()
        print(f"\ncancel, from one process to the other: {time.monotonic() - since:.3f} s")
        assert (command["type"], command["payload"]) == ("batch:cancel", {"batchId": batch})


async def test_the_task_worker_does_what_was_asked_at_nginx(site: Site) -> None:
    room, nginx = site.new_room(), site.stack.nginx
    await asyncio.to_thread(site.call, "make_items", room.folder_id, 250)
    async with viewer(nginx, room.folder_id, site.cookies("bob")) as page:
        selected = {"view": "q=item&all=999999"}
        path = f"/folders/{room.folder_id}/actions/delete/"
        await asyncio.to_thread(_press, nginx, site.cookies("alice"), path, selected)
        await page.wait_for(lambda frame: "250 of 250" in frame.text and "Complete" in frame.text)


def _press(server: Address, cookies: dict[str, str], path: str, fields: dict[str, str] | None = None) -> None:
    headers = {"X-CSRFToken": cookies["csrftoken"], "Referer": server.http}
    answer = httpx.post(server.http + path, headers=headers, cookies=cookies, data=fields, timeout=30)
    assert answer.status_code in (200, 204, 302, 303), answer.text[:500]


async def test_a_lock_taken_at_one_process_holds_at_the_other(site: Site) -> None:
    room, (here, there) = site.new_room(), site.stack.servers
    async with (
        viewer(here, room.folder_id, site.cookies("erin")) as erin,
        viewer(there, room.folder_id, site.cookies("bob")) as bob,
        worker(there, room.secret) as sender,
    ):
        await sender.say("batch:start", batchId=f"b-{room.folder_id}", total=1, label="One")
        item = {"name": "Dusk", "type": "image"}
        receipt = await sender.say("batch:progress", batchId=f"b-{room.folder_id}", item=item)
        await erin.say({"type": "lock", "itemId": receipt["itemId"]})
        await bob.wait_for(lambda frame: "erin is editing" in frame.text)  # with its card, if in one tick
        renaming = {"itemId": receipt["itemId"], "status": "complete", "item": {"name": "Dawn"}}
        refused = await sender.tell({"type": "item:update", "payload": renaming})
        assert refused["code"] == "locked"
        await erin.say({"type": "unlock", "itemId": receipt["itemId"]})
        await bob.wait_for_revision(erin.revision + 1)
        taken = await sender.tell({"type": "item:update", "payload": renaming})
        assert taken["type"] == "ack"


async def test_a_sign_out_at_one_process_closes_sockets_at_the_other(site: Site) -> None:
    room, (here, there) = site.new_room(), site.stack.servers
    cookies = await asyncio.to_thread(sign_in, here, "bob")
    async with viewer(there, room.folder_id, cookies) as page, viewer(there, None, cookies) as home:
        for each in (page, home):
            await each.wait_for_root("messages")
        await asyncio.to_thread(sign_out, here, cookies)
        await _closes(page, "a sign-out")
        assert await home.wait_closed(BAR + SLACK) == 4401


async def test_a_token_closed_by_an_administrator_closes_its_sockets_at_both(site: Site) -> None:
    room = site.new_room()
    async with AsyncExitStack() as stack:
        workers = [await stack.enter_async_context(worker(server, room.secret)) for server in site.stack.servers]
        for number, each in enumerate(workers):
            await each.say("batch:start", batchId=f"b{number}-{room.folder_id}", total=1, label="Before")
        await asyncio.to_thread(site.call, "revoke_token", room.token_key)
        since = time.monotonic()
        for each in workers:
            await asyncio.wait_for(each.socket.wait_closed(), BAR + SLACK)
            assert each.socket.close_code == 4401
        print(f"\na closed token: closed after {time.monotonic() - since:.1f} s")


async def _closes(page: Viewer, what: str) -> None:
    since = time.monotonic()
    assert await page.wait_closed(BAR + SLACK) == 4401
    print(f"\n{what}: closed after {time.monotonic() - since:.1f} s")


def test_files_and_styles_come_through_nginx(site: Site) -> None:
    room = site.new_room()
    content = bytes(range(256)) * 12_000  # 3 MiB: three times what nginx takes by itself
    with httpx.Client(base_url=site.stack.nginx.http, timeout=60) as client:
        bearer = {"Authorization": f"Bearer {room.secret}"}
        start = {"type": "batch:start", "payload": {"batchId": f"f-{room.folder_id}", "total": 1, "label": "File"}}
        item = {"name": "bytes", "type": "file", "isPending": True}
        add = {"type": "batch:progress", "payload": {"batchId": f"f-{room.folder_id}", "item": item}}
        _, receipt = client.post("/api/notify", json=[start, add], headers=bearer).json()
        put = client.put(
            f"/api/items/{receipt['itemId']}/media",
            content=content,
            headers=bearer | {"Content-Type": "application/octet-stream"},
        )
        assert put.status_code == 200, put.text
        media = put.json()["mediaUrl"]
        client.cookies.update(site.cookies("alice"))
        part = client.get(media, headers={"Range": "bytes=256-511"})
        assert (part.status_code, part.content) == (206, bytes(range(256)))
        assert client.get(media).content == content
        page = client.get(f"/folders/{room.folder_id}/")
        assert page.headers["Content-Encoding"] == "gzip"
        [style] = [line for line in page.text.split('"') if line.endswith("gallery.css")]
        assert client.get(style).headers["Cache-Control"].endswith("immutable")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/login/"])
def test_nginx_serves_what_the_processes_serve(site: Site, path: str) -> None:
    assert httpx.get(site.stack.nginx.http + path).status_code == 200
