from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from gallery.contract.errors import NotifyError
from gallery.folder_list import with_covers
from gallery.folder_page import load_page
from gallery.live.changes import changes_since
from gallery.models import Batch, Folder, Item, ItemTag, Tombstone
from gallery.services.edits import edit_item, retry_item
from gallery.services.forgetting import forget
from gallery.services.integrity import Looked
from gallery.services.locks import acquire_lock
from gallery.services.sweep import sweep
from gallery.services.verification import verify
from tests.checks import check_all
from tests.factories import bring_back, make_batch, make_folder, make_item, make_pending_item, person, say, throw_away

pytestmark = pytest.mark.django_db


def refusal(call: Any, *arguments: Any) -> str:
    with pytest.raises(NotifyError) as caught:
        call(*arguments)
    return caught.value.code


def revision(folder: Folder) -> int:
    return Folder.objects.get(id=folder.id).revision


def shown(folder: Folder) -> list[str]:
    return [
        entry.dom_id if hasattr(entry, "dom_id") else entry.id
        for entry in load_page(Folder.objects.get(id=folder.id)).rows.entries
    ]


def wrong() -> list[str]:
    check_all()
    return [finding.sentence for finding in verify(Looked())]


def test_thrown_away_it_leaves_every_page_and_its_row_stays(alice: Any, folder: Folder) -> None:
    item, other = make_item(folder, thumbUrl="/t.webp"), make_item(folder)
    before = revision(folder)
    throw_away(person(alice), item.id)
    assert shown(folder) == [other.id]
    assert changes_since(folder.id, before).removed[f"item-{item.id}"] == revision(folder)
    assert [card.id for card in changes_since(folder.id, 0).cards] == [other.id]
    [card] = with_covers([Folder.objects.get(id=folder.id)])
    assert (card.cover_url, card.item_count) == ("", 1)
    item.refresh_from_db()
    assert item.trashed_by == alice and item.folder == folder
    assert wrong() == []


def test_it_comes_back_with_all_it_had_as_far_as_its_worker_has_come(alice: Any, folder: Folder, clock: Any) -> None:
    batch = make_batch(folder, 3)
    item = make_pending_item(folder, batch=batch, progress=10)
    ItemTag.objects.create(item=item, name="sunset")
    throw_away(person(alice), item.id)
    quiet = revision(folder)
    receipt = say("item:update", {"itemId": item.id, "status": "processing", "progress": 60})
    assert (receipt.item_id, receipt.revision, revision(folder)) == (item.id, None, quiet), "nobody can see it"
    clock.move(seconds=60)
    say("item:update", {"itemId": item.id, "status": "complete", "item": {"mediaUrl": "/m.png"}})
    assert Batch.objects.get().done_count == 1, "the batch's work goes on"
    assert f"placeholder-{batch.id}-0" not in shown(folder), "its slot stays used"
    bring_back(person(alice), item.id)
    item.refresh_from_db()
    assert (item.status, item.media_url, item.trashed_by) == ("complete", "/m.png", None)
    assert shown(folder)[0] == item.id and item.tags.count() == 1
    assert item.card_revision == item.created_revision == revision(folder) and not Tombstone.objects.exists()
    assert wrong() == []


def test_a_page_that_slept_through_it_loses_the_placeholder(alice: Any, folder: Folder) -> None:
    batch = make_batch(folder, 2)
    asleep = revision(folder)
    item = make_pending_item(folder, batch=batch)
    throw_away(person(alice), item.id)
    assert {f"placeholder-{batch.id}-0", f"item-{item.id}"} <= changes_since(folder.id, asleep).removed.keys()


def test_a_batch_that_ends_and_a_silence_reach_into_the_trash(alice: Any, folder: Folder, clock: Any) -> None:
    batch = make_batch(folder, 2)
    items = [make_pending_item(folder, batch=batch), make_pending_item(folder)]
    for item in items:
        throw_away(person(alice), item.id)
    say("batch:end", {"batchId": batch.id, "status": "cancelled"})
    for _ in range(2):
        clock.move(seconds=1300)
        sweep()
    assert set(Item.objects.values_list("status", flat=True)) == {"error"}
    assert wrong() == []


def test_a_worker_discards_it_for_good_even_there(alice: Any, folder: Folder) -> None:
    item = make_item(folder)
    throw_away(person(alice), item.id)
    say("item:remove", {"itemId": item.id})
    assert not Item.objects.exists() and wrong() == []


def test_who_may_throw_away_and_bring_back(alice: Any, bob: Any, charlie: Any, erin: Any, folder: Folder) -> None:
    item = make_item(folder)
    assert [refusal(throw_away, person(user), item.id) for user in (bob, charlie)] == ["forbidden", "not_found"]
    acquire_lock(person(erin), item.id)
    assert refusal(throw_away, person(alice), item.id) == "locked"
    throw_away(person(erin), item.id)
    assert refusal(throw_away, person(alice), item.id) == "not_found", "the second of two is told"
    for call in (retry_item, acquire_lock):
        assert refusal(call, person(alice), item.id) == "not_found"
    assert refusal(edit_item, person(alice), item.id, {"name": "x"}) == "not_found"
    assert [refusal(bring_back, person(user), item.id) for user in (bob, charlie)] == ["forbidden", "not_found"]
    bring_back(person(alice), item.id)
    assert refusal(bring_back, person(alice), item.id) == "not_found"
    assert Item.objects.get().lock is None


def test_after_thirty_days_it_is_gone(alice: Any, folder: Folder, clock: Any) -> None:
    items = [make_item(folder) for _ in range(3)]
    Folder.objects.filter(id=folder.id).update(cover=items[0])
    ItemTag.objects.create(item=items[0], name="sunset")
    for item in items[:2]:
        throw_away(person(alice), item.id)
    clock.move(days=29)
    forget()
    bring_back(person(alice), items[1].id)
    assert Item.objects.count() == 3
    clock.move(days=1, seconds=1)
    forget()
    for _ in range(2):  # the batches stall, and are given up
        sweep()
    assert set(Item.objects.values_list("id", flat=True)) == {items[1].id, items[2].id}
    assert Folder.objects.get().cover is None and not ItemTag.objects.exists()
    assert wrong() == []


def test_reading_a_folder_uses_the_indexes_of_the_living(folder: Folder) -> None:
    make_folder(folder.owner)
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL reads small tables whole")
    living = Item.objects.living().filter(folder=folder)
    assert "item_living_order" in living.order_by("-order_key")[:60].explain()
    assert "item_living_revision" in living.filter(revision__gt=5).explain()
    assert "item_living_pending" in living.filter(is_pending=True).values("folder").explain()
    assert "item_trash" in Item.objects.trashed().filter(folder=folder).order_by("-trashed_at", "-id").explain()
