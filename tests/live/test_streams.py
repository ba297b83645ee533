"""Real sockets in one process: consumers, hub and switchboard, with events from other threads."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from gallery.access import folder_for
from gallery.folder_rows import PAGE_SIZE
from gallery.models import Folder, Item
from gallery.routing import websockets
from gallery.services.edits import edit_item
from gallery.services.locks import acquire_lock
from tests.checks import check_all
from tests.factories import make_folder, person, say_all, throw_away
from tests.live.elements import roots
from tests.live.happenings import SECRET
from tests.live.page_model import Page
from tests.live.stage import Viewer, fetch_page
from tests.live.test_convergence import check_page

pytestmark = pytest.mark.django_db(transaction=True)


def cookie_of(user: Any) -> str:
    """The session of somebody who has signed in; nothing for somebody who has not."""
    if user is None:
        return ""
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}"


def open_socket(folder: Folder, cookie: str, after: int) -> WebsocketCommunicator:
    headers = [(b"origin", b"http://localhost"), (b"host", b"localhost"), (b"cookie", cookie.encode())]
    return WebsocketCommunicator(websockets, f"/ws/folders/{folder.id}/?after={after}", headers)


async def read_until(socket: WebsocketCommunicator, revision: int, patience: float = 10) -> list[str]:
    """The frames up to the one that says this revision."""
    frames = []
    while not frames or max(root.revision for root in roots(frames[-1]) if root.id == "revision") < revision:
        frames.append(await socket.receive_from(patience))
    return frames


def some_events(chance: random.Random, number: int) -> list[tuple[str, dict[str, Any]]]:
    item_id = f"i{chance.randrange(5)}"
    new = {"id": item_id, "name": f"Name {number}", "type": "image", "isPending": chance.random() < 0.6}
    new["metadata"] = {"prompt": SECRET}
    batch_id = chance.choice("bc")
    return [
        chance.choice(
            [
                ("batch:progress", {"batchId": batch_id, "item": new}),
                ("batch:progress", {"batchId": batch_id, "item": new}),
                ("batch:progress", {"batchId": batch_id, "index": chance.randrange(9), "progress": 5}),
                ("item:update", {"itemId": item_id, "status": "processing", "progress": number}),
                ("item:update", {"itemId": item_id, "status": "complete", "item": {"mediaUrl": f"/{number}.png"}}),
                ("item:remove", {"itemId": item_id}),
                ("item:lock", {"itemId": item_id}),
                ("item:unlock", {"itemId": item_id}),
                ("batch:end", {"batchId": batch_id, "status": chance.choice(["error", "partial"])}),
            ]
        )
        for _ in range(chance.randrange(1, 5))
    ]


def start(folder: Folder) -> None:
    body = {"total": 9, "label": "Nine", "targetFolderId": folder.id}
    say_all([("batch:start", body | {"batchId": batch_id}) for batch_id in "bc"])


@pytest.mark.parametrize("seed", range(2))
def test_pages_on_real_sockets_converge(alice: Any, seed: int) -> None:
    """Two pages, of which one comes and goes, while two threads write."""
    folder, chance = make_folder(alice, visibility="public"), random.Random(seed)
    start(folder)
    cookie = cookie_of(alice)
    pages = [Page(lambda cursor: fetch_page(folder, cursor), PAGE_SIZE) for _ in range(2)]

    def revision() -> int:
        return Folder.objects.values_list("revision", flat=True).get(id=folder.id)

    async def look() -> None:
        steady = open_socket(folder, cookie, pages[0].revision)
        await steady.connect()
        for number in range(12):
            if number % 4 == 0:
                fickle = open_socket(folder, "", pages[1].revision)
                await fickle.connect()
            writers = [asyncio.to_thread(say_all, some_events(chance, number * 2 + writer)) for writer in range(2)]
            await asyncio.gather(*writers)
            if number % 4 == 3:
                await fickle.disconnect()  # what was not read is lost
            elif chance.random() < 0.5:
                for text in await read_until(fickle, await asyncio.to_thread(revision)):
                    pages[1].receive(text)
        last = await asyncio.to_thread(revision)
        back = open_socket(folder, "", pages[1].revision)
        await back.connect()
        for page, socket in zip(pages, (steady, back), strict=True):
            while page.revision < last:
                page.receive(await socket.receive_from(10))
            await socket.disconnect()

    asyncio.run(look())
    check_all()
    for page in pages:
        viewer = Viewer(type("Here", (), {"folder": folder})(), alice)  # type: ignore[arg-type]
        viewer.page, viewer.sent_revision = page, page.revision
        check_page(viewer)


def test_all_audiences_are_sent_the_same_bytes_and_no_prompt(alice: Any, bob: Any, erin: Any) -> None:
    folder = make_folder(alice, visibility="public", viewer=bob, editor=erin)
    start(folder)
    after = Folder.objects.get().revision
    cookies = [cookie_of(user) for user in (alice, erin, bob, None)]

    def work() -> None:
        new = {"id": "a", "name": "x", "type": "image", "isPending": True, "metadata": {"prompt": SECRET}}
        say_all([("batch:progress", {"batchId": "b", "item": new})])
        say_all([("item:update", {"itemId": "a", "status": "complete", "item": {"metadata": {"prompt": SECRET * 2}}})])
        edit_item(person(alice), "a", {"metadata": {"prompt": SECRET * 3}})
        acquire_lock(person(erin), "a")
        say_all([("batch:progress", {"batchId": "b", "item": new | {"id": "gone"}})])
        throw_away(person(alice), "gone")

    async def look() -> list[list[str]]:
        sockets = [open_socket(folder, cookie, after) for cookie in cookies]
        for socket in sockets:
            await socket.connect()
        first = [await socket.receive_from(10) for socket in sockets]
        await asyncio.to_thread(work)
        last = await asyncio.to_thread(lambda: Folder.objects.get().revision)
        frames = [await read_until(socket, last) for socket in sockets]
        for socket in sockets:
            await socket.disconnect()
        return [[text, *rest] for text, rest in zip(first, frames, strict=True)]

    sent = asyncio.run(look())
    assert all(frames == sent[0] for frames in sent)
    assert SECRET not in "".join(text for frames in sent for text in frames)
    assert Item.objects.living().get().metadata == {"prompt": SECRET * 3}
    assert folder_for(bob, folder.id) == folder
