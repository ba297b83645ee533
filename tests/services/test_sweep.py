from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from gallery.ingest.receive import receive
from gallery.live.changes import changes_since
from gallery.models import Batch, EventReceipt, Folder, Item, Tombstone
from gallery.services import forgetting
from gallery.services import sweep as sweeper
from gallery.services.batch_ends import cancel_batch
from gallery.services.forgetting import forget
from gallery.services.media import store_slot_preview
from gallery.services.sweep import sweep
from tests.api.helpers import picture
from tests.checks import check_all
from tests.factories import make_batch, make_item, make_pending_item, person, say, throw_away
from tests.factories import worker as worker_of

pytestmark = pytest.mark.django_db


def read(batch: Batch, item: Item) -> tuple[Batch, Item]:
    check_all()
    return Batch.objects.get(id=batch.id), Item.objects.get(id=item.id)


def revision(folder: Folder) -> int:
    return Folder.objects.get(id=folder.id).revision


def test_silence_stalls_then_fails_and_a_word_revives(folder: Folder, clock: Any) -> None:
    batch = make_batch(folder, 3)
    item = make_pending_item(folder, batch=batch, progress=40)
    clock.move(seconds=119)
    sweep()
    batch, item = read(batch, item)
    assert not batch.is_stalled and not item.is_stalled
    clock.move(seconds=2)
    before = revision(folder)
    sweep()
    batch, item = read(batch, item)
    assert batch.is_stalled and item.is_stalled and item.progress == 40
    assert batch.revision > before and item.card_revision > before
    clock.move(seconds=1070)
    sweep()
    batch, item = read(batch, item)
    assert batch.is_running and item.is_pending
    clock.move(seconds=20)
    sweep()
    batch, item = read(batch, item)
    sentence = "The worker has not been heard from for 20 minutes."
    assert (batch.status, batch.message, item.status, item.message) == ("error", sentence, "error", sentence)
    assert batch.failed_count == 1
    quiet = revision(folder)
    sweep()
    assert revision(folder) == quiet
    say("item:update", {"itemId": item.id, "status": "processing", "progress": 60})
    batch, item = read(batch, item)
    assert (batch.status, batch.message, batch.stalled_at, batch.ended_at) == ("running", "", None, None)
    assert (item.status, item.progress, item.message, item.stalled_at) == ("processing", 60, "", None)
    assert batch.placeholders_revision == revision(folder), "its placeholders are back"


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("item:update", {"itemId": "a", "status": "processing"}),
        ("batch:progress", {"batchId": "b", "item": {"id": "a", "name": "Sunset", "type": "image"}}),
    ],
)
def test_any_word_of_an_item_wakes_it_and_its_batch(folder: Folder, clock: Any, event: str, payload: Any) -> None:
    for silence in (130, 1300):
        batch = make_batch(folder, 3, batchId="b")
        item = make_pending_item(folder, batch=batch, id="a")
        for _ in range(2):
            clock.move(seconds=silence)
            sweep()
        receipt = say(event, payload)
        batch, item = read(batch, item)
        assert (batch.is_running, batch.is_stalled, item.is_pending, item.is_stalled) == (True, False, True, False)
        assert receipt.revision == revision(folder)
        say("item:remove", {"itemId": item.id})
        batch.delete()


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("batch:progress", {"batchId": "b", "message": "Still here"}),
        ("batch:progress", {"batchId": "b"}),
        ("batch:progress", {"batchId": "b", "index": 1, "progress": 5}),
        ("batch:progress", {"batchId": "b", "item": {"name": "New", "type": "image"}}),
        ("batch:start", {"batchId": "b", "total": 4, "label": "Four sunsets"}),
    ],
)
def test_any_word_of_a_batch_wakes_it(folder: Folder, token: Any, clock: Any, event: str, payload: Any) -> None:
    make_batch(folder, 4, batchId="b", sender=worker_of(token))
    for silence in (130, 1300):
        clock.move(seconds=silence)
        sweep()
        assert not Batch.objects.get().is_running or Batch.objects.get().is_stalled
        receipt = say(event, payload, worker_of(token))
        assert receipt.revision == revision(folder), "waking it is a change"
        assert Batch.objects.get().is_running and not Batch.objects.get().is_stalled
        check_all()


def test_a_preview_wakes_its_batch(folder: Folder, token: Any, clock: Any, tmp_path: Any) -> None:
    batch = make_batch(folder, 4, sender=worker_of(token))
    clock.move(seconds=130)
    sweep()
    store_slot_preview(worker_of(token), batch.id, 0, picture(tmp_path))
    assert not Batch.objects.get().is_stalled


def test_patience_lasts_as_long_as_the_estimate(folder: Folder, clock: Any) -> None:
    batch = make_batch(folder, estimatedTimeSeconds=600)
    item = make_pending_item(folder, batch=batch, estimatedTimeSeconds=600)
    clock.move(seconds=590)
    sweep()
    batch, item = read(batch, item)
    assert not batch.is_stalled and not item.is_stalled
    clock.move(seconds=20)
    sweep()
    batch, item = read(batch, item)
    assert batch.is_stalled and item.is_stalled


def test_what_is_done_cannot_stall(folder: Folder, clock: Any) -> None:
    batch = make_batch(folder, 1)
    item = make_item(folder, batch=batch)
    say("batch:end", {"batchId": batch.id, "status": "complete"})
    clock.move(hours=1)
    sweep()
    batch, item = read(batch, item)
    assert (batch.status, item.status, item.stalled_at) == ("complete", "complete", None)


def test_a_workers_own_error_ends_the_doubt(folder: Folder, clock: Any) -> None:
    item = make_pending_item(folder)
    for _ in range(2):
        clock.move(seconds=1300)
        sweep()
    assert Item.objects.get().stalled_at is not None
    say("item:update", {"itemId": item.id, "status": "error", "message": "It crashed"})
    item.refresh_from_db()
    assert (item.status, item.message, item.stalled_at) == ("error", "It crashed", None)


def test_a_person_who_tidies_up_wakes_nobody(alice: Any, folder: Folder, clock: Any) -> None:
    batch = make_batch(folder)
    item = make_pending_item(folder, batch=batch)
    for _ in range(2):
        clock.move(seconds=1300)
        sweep()
    throw_away(person(alice), item.id)
    assert Batch.objects.get().status == "error"
    check_all()


def test_a_cancel_that_nobody_hears_ends_the_batch(alice: Any, folder: Folder, token: Any, clock: Any) -> None:
    batch = make_batch(folder, sender=worker_of(token))
    cancel_batch(person(alice), batch.id)
    clock.move(seconds=130)
    sweep()
    batch.refresh_from_db()
    assert (batch.status, batch.message) == ("cancelled", "Cancelled; the worker did not answer.")
    say("batch:progress", {"batchId": batch.id, "message": "I was asleep"}, worker_of(token))
    batch.refresh_from_db()
    assert (batch.is_running, batch.cancel_asked_at) == (True, None), "it can be cancelled again"


def test_strips_fold_and_say_so(folder: Folder, clock: Any) -> None:
    batches = [make_batch(folder) for _ in range(2)]
    for batch, status in zip(batches, ("complete", "error"), strict=True):
        say("batch:end", {"batchId": batch.id, "status": status})
    for wait, folded in (
        ({"minutes": 9}, [False, False]),
        ({"minutes": 2}, [True, False]),
        ({"hours": 24}, [True, True]),
    ):
        clock.move(**wait)
        before = revision(folder)
        sweep()
        assert [Batch.objects.get(id=batch.id).folded for batch in batches] == folded
        gone = changes_since(folder.id, before).removed
        assert sum(f"batch-{batch.id}" in gone for batch in batches) == revision(folder) - before


def test_only_one_of_two_sweepers_wins(folder: Folder, clock: Any, monkeypatch: Any) -> None:
    """The second one read what is due before the first one wrote."""
    item = make_pending_item(folder)
    clock.move(seconds=130)
    transact, swept = sweeper.transact, []

    def slower(needs: Any, work: Any) -> Any:
        if not swept:
            swept.append(True)
            sweep()
        return transact(needs, work)

    monkeypatch.setattr(sweeper, "transact", slower)
    sweep()
    assert revision(folder) == 4  # two events and each stall once
    assert Item.objects.get(id=item.id).is_stalled
    check_all()


def test_old_tombstones_go_and_the_floor_rises(folder: Folder, clock: Any) -> None:
    for _ in range(2):
        say("item:remove", {"itemId": make_item(folder).id})
    old = max(Tombstone.objects.values_list("revision", flat=True))
    clock.move(hours=23)
    say("item:remove", {"itemId": make_item(folder).id})
    clock.move(hours=2)
    forget()
    assert Tombstone.objects.count() == 1
    folder.refresh_from_db()
    assert folder.memory_floor == old
    assert changes_since(folder.id, old - 1).must_reset
    assert not changes_since(folder.id, old).must_reset
    assert len(changes_since(folder.id, old).removed) == 2  # the item's and its placeholder's


def test_receipts_are_remembered_for_a_day(folder: Folder, token: Any, clock: Any) -> None:
    event = {"type": "batch:start", "payload": {"batchId": "b", "total": 1, "label": "x"}, "id": "e"}
    receive(worker_of(token), [event])
    clock.move(hours=23, minutes=59)
    forget()
    assert EventReceipt.objects.count() == 1
    clock.move(minutes=2)
    forget()
    assert not EventReceipt.objects.exists()


def test_the_newest_receipts_of_each_sender_are_remembered(monkeypatch: Any) -> None:
    monkeypatch.setattr(forgetting, "REMEMBERED_EVENTS", 3)
    for scope, count in (("token:1", 5), ("site", 2)):
        for number in range(count):
            EventReceipt.objects.create(scope=scope, event_id=f"e{number}", digest="", receipt="{}")
    forget()
    kept = EventReceipt.objects.order_by("id").values_list("scope", "event_id")
    assert [f"{scope} {event}" for scope, event in kept] == [
        "token:1 e2",
        "token:1 e3",
        "token:1 e4",
        "site e0",
        "site e1",
    ]


def test_a_clock_that_is_moved_back_hurts_nobody(folder: Folder, clock: Any) -> None:
    item = make_pending_item(folder)
    sweep()
    clock.offset = -timedelta(hours=2)
    sweep()
    forget()
    say("item:update", {"itemId": item.id, "status": "processing"})
    assert Item.objects.get().stall_at < timezone.now() + timedelta(minutes=3)


def test_work_that_speaks_is_looked_at_later(folder: Folder, clock: Any) -> None:
    item = make_pending_item(folder)
    clock.offset = timedelta(seconds=100)
    say("item:update", {"itemId": item.id, "status": "processing", "progress": 5})
    clock.offset = timedelta(seconds=150)
    before = revision(folder)
    sweep()
    assert not Item.objects.get().is_stalled
    assert revision(folder) == before  # nobody needs to see it
    clock.offset = timedelta(seconds=221)
    sweep()
    assert Item.objects.get().is_stalled
