"""The sweeper works where something is due, and else asks one question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from gallery.models import Folder, Item
from gallery.services.due import Sweeper
from tests.clock import Clock
from tests.factories import make_item, make_pending_item, say

pytestmark = pytest.mark.django_db(transaction=True)

Beat = Callable[[], tuple[bool, int]]


@pytest.fixture
def beat() -> Iterator[Beat]:
    """A beat of a sweeper on a thread of its own: whether it swept, and how many questions it asked."""
    sweeper = Sweeper()

    def counted() -> tuple[bool, int]:
        with CaptureQueriesContext(connection) as queries:
            return sweeper.beat(), len(queries)

    with ThreadPoolExecutor(1) as thread:
        yield lambda: thread.submit(counted).result(20)
        thread.submit(connections.close_all).result(20)


def settle(beat: Beat) -> None:
    """The first beats look at everything."""
    for _ in range(3):
        if beat() == (False, 1):
            return
    raise AssertionError("it does not come to rest")


def test_one_question_while_nothing_happens(folder: Folder, beat: Beat) -> None:
    make_pending_item(folder)
    settle(beat)
    assert beat() == (False, 1)


def test_what_is_due_is_done_at_its_moment(folder: Folder, beat: Beat, clock: Clock) -> None:
    item = make_pending_item(folder)
    clock.move(seconds=119)
    settle(beat)
    clock.move(seconds=2)
    assert beat()[0]
    item.refresh_from_db()
    assert item.is_stalled
    settle(beat)


def test_a_lease_that_somebody_takes_meanwhile_is_seen(folder: Folder, beat: Beat, clock: Clock) -> None:
    item = make_item(folder)
    settle(beat)
    say("item:lock", {"itemId": item.id, "ttlSeconds": 5})
    assert not beat()[0]
    clock.move(seconds=5)
    assert beat()[0]
    assert not Item.objects.get(id=item.id).lock


def test_it_sweeps_now_and_then_anyway(folder: Folder, beat: Beat, clock: Clock) -> None:
    settle(beat)
    clock.move(seconds=11)
    assert beat()[0]


def test_a_clock_that_is_moved_back_is_looked_at(folder: Folder, beat: Beat, clock: Clock) -> None:
    settle(beat)
    clock.move(seconds=-60)
    assert beat()[0]


def test_what_failed_is_done_again(folder: Folder, beat: Beat, clock: Clock, monkeypatch: Any) -> None:
    make_pending_item(folder)
    settle(beat)
    clock.move(minutes=3)
    with monkeypatch.context() as broken:
        broken.setattr("gallery.services.due.sweep", lambda: 1 / 0)
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                beat()
    assert beat()[0]
    assert Item.objects.get().is_stalled
