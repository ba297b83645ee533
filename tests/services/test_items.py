from __future__ import annotations

from typing import Any

import pytest

from gallery.contract.errors import NotifyError
from gallery.models import Batch, Folder, Item, ItemLock, Tombstone
from gallery.services.commands import pending_commands
from gallery.services.edits import edit_item, retry_item
from tests.checks import check_all
from tests.factories import make_batch, make_folder, make_item, make_pending_item, person, say, say_all, throw_away
from tests.factories import worker as worker_of

pytestmark = pytest.mark.django_db


def update(item: Item, status: str = "processing", /, **said: Any) -> Item:
    """The item after an ``item:update``; its receipt must say so."""
    before = Folder.objects.get(id=item.folder_id).revision
    receipt = say("item:update", {"itemId": item.id, "status": status, **said})
    after = Folder.objects.get(id=item.folder_id).revision
    assert receipt.revision == (after if after > before else None)
    assert (receipt.item_id, receipt.batch_id, receipt.folder_id) == (item.id, item.batch_id, item.folder_id)
    check_all()
    return Item.objects.get(id=item.id)


def test_a_new_item_has_what_was_said(folder: Folder) -> None:
    batch = make_batch(folder)
    said = {
        "id": 7,
        "name": "<b>Dawn</b>",
        "type": "video",
        "thumbUrl": "/t.webp",
        "mediaUrl": "https://example.org/v.mp4",
        "width": 640,
        "height": 480,
        "duration": 12.5,
        "metadata": {"seed": 1},
        "message": "Fine",
    }
    receipt = say("batch:progress", {"batchId": batch.id, "item": said})
    item = Item.objects.get()
    assert (receipt.item_id, receipt.batch_id, receipt.folder_id) == ("7", batch.id, folder.id)
    assert (item.name, item.type, item.thumb_url, item.media_url) == tuple(
        said[key] for key in ("name", "type", "thumbUrl", "mediaUrl")
    )
    assert (item.width, item.height, item.duration, item.metadata, item.message) == (
        640,
        480,
        12.5,
        {"seed": 1},
        "Fine",
    )
    assert (item.status, item.is_pending, item.progress, item.slot) == ("complete", False, None, 0)
    assert item.revision == item.card_revision == item.created_revision == receipt.revision == 2


def test_the_server_chooses_an_id_where_none_is_said(folder: Folder) -> None:
    batch = make_batch(folder)
    ids = {
        say("batch:progress", {"batchId": batch.id, "item": {"name": "x", "type": "image"}}).item_id for _ in range(3)
    }
    assert ids == set(Item.objects.values_list("id", flat=True)) and len(ids) == 3


def test_the_same_item_again_is_an_update_and_never_a_second_card(folder: Folder) -> None:
    batch = make_batch(folder)
    first = make_pending_item(folder, batch=batch, id="a", progress=10, metadata={"seed": 1})
    make_item(folder, "Renamed", batch=batch, id="a", mediaUrl="/m.png")
    item = Item.objects.get()
    assert (item.name, item.media_url, item.metadata) == ("Renamed", "/m.png", {"seed": 1})
    assert (item.is_pending, item.progress, item.slot) == (True, 10, 0), "what is left out stays"
    assert item.created_revision == first.created_revision
    make_item(folder, "Renamed", batch=batch, id="a", status="complete")
    assert Item.objects.get().status == "complete"
    assert make_item(folder, "Renamed", batch=batch, id="a").revision == Item.objects.get().revision
    check_all()


def test_an_item_id_that_is_taken_elsewhere_is_conflict(alice: Any, folder: Folder) -> None:
    make_item(folder, id="a")
    for other in (folder, make_folder(alice)):
        with pytest.raises(NotifyError) as caught:
            make_item(other, batch=make_batch(other), id="a")
        assert caught.value.code == "conflict"
    assert Item.objects.count() == 1
    check_all()


def test_null_and_absent(folder: Folder) -> None:
    item = make_pending_item(folder, mediaUrl="/m.png", width=640, duration=3, metadata={"seed": 1}, progress=40)
    item = update(item, message="Half way")
    assert (item.progress, item.message) == (40, "Half way")
    item = update(item, progress=None, item={"width": None, "mediaUrl": None, "metadata": None})
    assert (item.progress, item.message) == (None, "Half way"), "null is indeterminate, absent stays"
    assert (item.width, item.media_url, item.metadata, item.duration) == (None, "", {}, 3)


def test_complete_error_and_processing_again_and_again(folder: Folder) -> None:
    item = make_pending_item(folder, progress=40, estimatedTimeSeconds=50)
    for _ in range(2):
        item = update(item, "complete", item={"mediaUrl": "/m.png"})
        assert (item.is_pending, item.progress, item.estimated_end_at, item.stall_at) == (False, None, None, None)
        assert Batch.objects.get().done_count == 1
        item = update(item, "processing", progress=5)
        assert (item.is_pending, item.progress, item.media_url) == (True, 5, "/m.png")
        assert item.stall_at is not None
        item = update(item, "error", message="Out of memory")
        assert (item.is_pending, item.message, item.media_url) == (False, "Out of memory", "/m.png")
        assert Batch.objects.get().failed_count == 1
        item = update(item, "processing")
        assert (item.is_pending, item.progress, item.message) == (True, None, "")


def test_the_same_update_again_changes_nothing(folder: Folder) -> None:
    item = make_pending_item(folder)
    for status, said in (
        ("processing", {"progress": 30, "message": "x"}),
        ("complete", {"item": {"mediaUrl": "/m.png", "name": "Ready"}}),
        ("error", {"message": "No"}),
    ):
        item = update(item, status, **said)
        assert update(item, status, **said).revision == item.revision


def test_a_tick_changes_the_progress_and_a_turn_the_card(folder: Folder) -> None:
    item = make_pending_item(folder)
    ticked = update(item, progress=30)
    assert (ticked.card_revision, ticked.progress_revision) == (item.card_revision, ticked.revision)
    turned = update(item, "complete")
    assert turned.card_revision == turned.revision > ticked.revision


def test_an_estimate_said_again_moves_the_end(folder: Folder, clock: Any) -> None:
    item = make_pending_item(folder, estimatedTimeSeconds=30)
    clock.move(seconds=20)
    again = update(item, item={"estimatedTimeSeconds": 30})
    assert again.progress_revision > item.progress_revision
    assert (again.estimated_end_at - item.estimated_end_at).total_seconds() == pytest.approx(20, abs=5)


def test_what_a_person_edited_is_not_overwritten(alice: Any, folder: Folder, token: Any) -> None:
    item = make_pending_item(folder, metadata={"seed": 1})
    edit_item(person(alice), item.id, {"name": "My sunset"})
    item = update(item, "complete", item={"name": "sunset_0001", "metadata": {"seed": 2}, "mediaUrl": "/m.png"})
    assert (item.name, item.metadata, item.media_url) == ("My sunset", {"seed": 2}, "/m.png")
    edit_item(worker_of(token), item.id, {"name": "By the API", "metadata": {"seed": 3}})
    item.refresh_from_db()
    assert (item.name, item.metadata, item.edited_fields) == ("My sunset", {"seed": 3}, ["name"])
    edit_item(person(alice), item.id, {"name": "Again"})
    assert Item.objects.get().name == "Again", "a person may change their mind"


def test_refused_update_leaves_nothing_behind(alice: Any, erin: Any, folder: Folder) -> None:
    item = make_pending_item(folder)
    say("item:lock", {"itemId": item.id}, person(erin))
    before = Item.objects.filter(id=item.id).values().get()
    events = [("item:update", {"itemId": item.id, "status": "complete", "item": {"name": "No", "mediaUrl": "/m.png"}})]
    neighbour = ("batch:start", {"batchId": "b", "total": 1, "label": "x", "targetFolderId": folder.id})
    refused, kept = say_all([*events, neighbour], person(alice))
    assert (refused.code, kept.batch_id) == ("locked", "b")
    assert Item.objects.filter(id=item.id).values().get() == before
    check_all()


def test_remove_leaves_a_tombstone_and_frees_nothing_else(folder: Folder) -> None:
    batch = make_batch(folder)
    items = [
        make_item(folder, batch=batch),
        make_item(folder, batch=batch, status="error"),
        make_pending_item(folder, batch=batch),
    ]
    for item in items:
        say("item:lock", {"itemId": item.id})
        receipt = say("item:remove", {"itemId": item.id, "message": "Discarded"})
        assert Tombstone.objects.get(item_id=item.id).revision == receipt.revision
        check_all()
    assert not Item.objects.exists() and not ItemLock.objects.exists()
    batch.refresh_from_db()
    assert (batch.item_count, batch.done_count, batch.failed_count) == (0, 0, 0)
    with pytest.raises(NotifyError) as caught:
        say("item:remove", {"itemId": items[0].id})
    assert caught.value.code == "not_found"


def test_an_item_that_comes_back_has_no_tombstone(folder: Folder) -> None:
    batch = make_batch(folder)
    make_item(folder, batch=batch, id="a")
    say("item:remove", {"itemId": "a"})
    item = make_item(folder, "Back", batch=batch, id="a")
    assert (item.slot, item.name, Tombstone.objects.count()) == (1, "Back", 0)
    assert item.created_revision == Folder.objects.get(id=folder.id).revision


def test_one_array_may_make_change_remove_and_remake_one_item(folder: Folder) -> None:
    batch = make_batch(folder, 9)
    make = (
        "batch:progress",
        {"batchId": batch.id, "item": {"id": "a", "name": "x", "type": "image", "isPending": True}},
    )
    lock, remove = ("item:lock", {"itemId": "a"}), ("item:remove", {"itemId": "a"})
    update = ("item:update", {"itemId": "a", "status": "complete", "item": {"mediaUrl": "/m.png"}})
    for _ in range(2):
        answers = say_all([make, update, lock, remove, update, make, lock, make])
        assert [getattr(answer, "code", "ack") for answer in answers] == ["ack"] * 4 + ["not_found"] + ["ack"] * 3
        item = Item.objects.select_related("lease").get()
        assert (item.status, item.media_url, item.lock is not None) == ("processing", "", True)
        check_all()
    say_all([remove, make, remove])
    assert not Item.objects.exists() and not ItemLock.objects.exists()
    assert Tombstone.objects.count() == 1
    check_all()


def test_delete_and_retry_by_hand(alice: Any, bob: Any, folder: Folder, token: Any) -> None:
    item = make_pending_item(folder, sender=worker_of(token))
    with pytest.raises(NotifyError, match="failed item"):
        retry_item(person(alice), item.id)
    say("item:update", {"itemId": item.id, "status": "error"})
    retry_item(person(alice), item.id)
    retry_item(person(alice), item.id)
    [command] = pending_commands(token)
    assert (command.type, command.payload) == ("item:retry", {"itemId": item.id})
    assert Item.objects.get().retry_asked_at is not None
    say("item:update", {"itemId": item.id, "status": "processing"})
    assert not pending_commands(token).exists() and Item.objects.get().retry_asked_at is None
    for refused in (throw_away, retry_item):
        with pytest.raises(NotifyError) as caught:
            refused(person(bob), item.id)
        assert caught.value.code == "forbidden"
    throw_away(person(alice), item.id)
    assert not Item.objects.living().exists()
