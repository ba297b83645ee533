"""Races of the hub and the poll that no real process shows twice: here they are made to happen."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connections

from gallery.live import hub as hub_module
from gallery.live.frames import Frame
from gallery.live.hub import Hub
from gallery.live.subscriber import Subscriber
from gallery.live.switchboard import Switchboard
from gallery.live.watch import News, Watcher
from gallery.live.workers import WorkerSockets
from gallery.models import Folder
from tests.factories import make_batch


async def test_a_change_between_two_places_reaches_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """Revision 7 is committed after the frame of the first place was read, and its ring comes after the second's."""
    revisions = iter([6, 7])
    newest = 7

    def build(folder_id: str, since: int | None, messages_at: int, language: str) -> Frame:
        revision = next(revisions, newest)
        return Frame("" if since == revision else f"to {revision}", revision, messages_at)

    monkeypatch.setattr(hub_module, "build_frame", build)
    sent: list[list[str]] = [[], []]

    def viewer(number: int, at: int) -> Subscriber:
        async def send(message: dict[str, Any]) -> None:
            sent[number].append(message["text"])

        return Subscriber(send, at)

    hub = Hub("folder")
    viewers = [viewer(0, 4), viewer(1, 5)]
    for each in viewers:
        hub.add(each)
    async with asyncio.timeout(10):
        while not all(each.at == newest for each in viewers):
            await asyncio.sleep(0.01)
    assert [texts[-1] for texts in sent] == ["to 7", "to 7"]
    for each in viewers:
        hub.remove(each)


@pytest.mark.django_db(transaction=True)
def test_a_look_that_failed_is_not_taken_for_seen(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = Watcher()
    with ThreadPoolExecutor(1) as thread:  # with a connection of its own, as in a server

        def look() -> News | None:
            return thread.submit(watcher.look, [folder.id], []).result(60)

        assert look() is not None
        assert look() is None
        make_batch(folder)
        with monkeypatch.context() as patch:
            patch.setattr("gallery.live.watch.messages_revision", _no_database)
            with pytest.raises(OperationalError):
                look()
        news = look()
        assert news is not None and news.revisions[folder.id] == Folder.objects.get(id=folder.id).revision
        thread.submit(connections.close_all).result(60)


def _no_database() -> int:
    raise OperationalError("gone")


@pytest.mark.django_db(transaction=True)
async def test_a_folder_that_opens_while_the_poll_looks_is_not_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    board = Switchboard()
    closed: list[int] = []

    async def send(message: dict[str, Any]) -> None:
        closed.append(message.get("code", 0))

    def look(folder_ids: list[str], token_ids: list[int]) -> News:
        loop.call_soon_threadsafe(board.hub("new").subscribers.add, Subscriber(send, 0))
        return News({}, messages_changed=False)

    loop = asyncio.get_running_loop()
    board.hub("deleted").subscribers.add(Subscriber(send, 0))
    monkeypatch.setattr(board._watcher, "look", look)
    await board._poll()
    await asyncio.sleep(0)
    assert closed == [4404]  # the one that was asked for, and is nowhere
    assert not any(subscriber.is_closed for subscriber in board.hubs["new"].subscribers)


@pytest.mark.django_db(transaction=True)
async def test_a_worker_that_comes_while_tokens_are_looked_at_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    class Socket:
        def __init__(self, token_id: int) -> None:
            self.token_id = token_id
            self.commands_waiting = asyncio.Event()

        def close(self, code: int) -> None:
            closed.append(self.token_id)

    def usable(token_ids: set[int]) -> set[int]:
        sockets.add(Socket(2))
        return set()

    closed: list[int] = []
    sockets = WorkerSockets(on_arrival=lambda: None)
    sockets.add(Socket(1))
    monkeypatch.setattr("gallery.live.workers._usable", usable)
    await sockets.close_lost()
    assert closed == [1]
