"""A restart brings everybody back within seconds: what they missed is read once, and never kept too long."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from gallery.live import changes as changes_module
from gallery.live.hub import Hub
from gallery.live.pace import SHORTEST_TICK
from gallery.live.subscriber import Subscriber
from gallery.live.threads import FRAMES, in_thread
from gallery.models import Folder
from gallery.services.messages import messages_revision
from tests.factories import make_item, say

VIEWERS = 200
RETURN_SECONDS = 2.0  # they come apart, as the pages' random waits make them
CHANGED_ITEMS = 50


class Page:
    """A viewer at the hub, which keeps what it is sent."""

    def __init__(self, at: int, messages_at: int) -> None:
        self.texts: list[str] = []
        self.subscriber = Subscriber(self._send, at)
        self.subscriber.messages_at = messages_at

    async def _send(self, message: dict[str, Any]) -> None:
        self.texts.append(message["text"])


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """From where the hub has read what is new, each time that it did."""
    seen: list[int | None] = []
    collect = changes_module._collect

    def counted(changes: Any, folder_id: str, since: int) -> None:
        seen.append(since)
        collect(changes, folder_id, since)

    monkeypatch.setattr(changes_module, "_collect", counted)
    return seen


async def _until_all(pages: list[Page], what: str) -> None:
    async with asyncio.timeout(30):
        while not all(page.texts and what in page.texts[-1] for page in pages):
            await asyncio.sleep(0.01)


@pytest.mark.django_db(transaction=True)
async def test_all_who_come_back_to_one_place_share_one_catch_up(folder: Folder, reads: list[int | None]) -> None:
    await sync_to_async(make_item)(folder, "Before")
    left_at = await _revision(folder)
    for number in range(CHANGED_ITEMS):
        await sync_to_async(make_item)(folder, f"Meanwhile {number}.")
    messages_at = await sync_to_async(messages_revision)()
    hub, pages = Hub(folder.id), [Page(left_at, messages_at) for _ in range(VIEWERS)]
    try:
        for page in pages:
            hub.add(page.subscriber)
            await asyncio.sleep(RETURN_SECONDS / VIEWERS)
        await _until_all(pages, "Meanwhile 0.")
        assert {len(page.texts) for page in pages} == {1}
        assert len({page.texts[0] for page in pages}) == 1
        print(f"\n{VIEWERS} viewers in {RETURN_SECONDS:.0f} s, {RETURN_SECONDS / SHORTEST_TICK:.0f} ticks: {reads}")
        assert reads == [left_at]
        await _say_more(folder, "Later")
        hub.wake()
        await _until_all(pages, "Later")
        late = Page(left_at, messages_at)  # what was kept for its place is too old now
        hub.add(late.subscriber)
        await _until_all([late], "Later")
        assert "Meanwhile 0." in late.texts[-1]
        assert len(reads) == 3
    finally:
        await _leave(hub)


@pytest.mark.django_db(transaction=True)
async def test_a_message_that_came_meanwhile_is_in_every_later_catch_up(folder: Folder) -> None:
    await sync_to_async(make_item)(folder, "Seen")
    messages_at = await sync_to_async(messages_revision)()
    hub, pages = Hub(folder.id), [Page(0, messages_at) for _ in range(2)]
    try:
        hub.add(pages[0].subscriber)
        await _until_all(pages[:1], "Seen")
        await sync_to_async(say)("system:message", {"text": "Maintenance at six", "level": "info"})
        hub.add(pages[1].subscriber)
        await _until_all(pages[1:], "Maintenance at six")
        assert "Seen" in pages[1].texts[-1]
    finally:
        await _leave(hub)


@pytest.mark.django_db(transaction=True)
async def test_a_folder_that_is_gone_is_not_remembered(folder: Folder) -> None:
    await sync_to_async(make_item)(folder, "Seen")
    hub, closed = Hub(folder.id), []
    first = Page(0, 0)

    async def send(message: dict[str, Any]) -> None:
        closed.append(message.get("code"))

    try:
        hub.add(first.subscriber)
        await _until_all([first], "Seen")
        await sync_to_async(Folder.objects.filter(id=folder.id).delete)()
        hub.add(Subscriber(send, 0))
        async with asyncio.timeout(30):
            while not closed:
                await asyncio.sleep(0.01)
        assert closed == [4404]
    finally:
        await _leave(hub)


@sync_to_async
def _revision(folder: Folder) -> int:
    return Folder.objects.get(id=folder.id).revision


@sync_to_async
def _say_more(folder: Folder, name: str) -> None:
    make_item(folder, name)


async def _leave(hub: Hub) -> None:
    for subscriber in list(hub.subscribers):
        hub.remove(subscriber)
    await in_thread(FRAMES, connections.close_all)
