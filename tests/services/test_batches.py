from __future__ import annotations

from typing import Any

import pytest

from gallery.contract.errors import NotifyError
from gallery.models import Batch, Folder, Item
from gallery.services.batch_ends import cancel_batch
from gallery.services.batches import STRIPS_SHOWN
from gallery.services.commands import pending_commands
from tests.checks import check_all
from tests.factories import make_batch, make_folder, make_item, make_pending_item, make_token, person, say, say_all
from tests.factories import worker as worker_of

pytestmark = pytest.mark.django_db


def start(folder: Folder, batch_id: str = "b", **payload: Any) -> dict[str, Any]:
    return {"batchId": batch_id, "total": 4, "label": "Four", "targetFolderId": folder.id} | payload


def refusal(event: str, payload: dict[str, Any], sender: Any = None) -> str:
    with pytest.raises(NotifyError) as caught:
        say(event, payload, sender)
    return caught.value.code


def test_start_makes_a_batch_and_takes_one_revision(folder: Folder, token: Any) -> None:
    receipt = say("batch:start", start(folder, estimatedTimeSeconds=60), worker_of(token))
    batch = Batch.objects.get()
    assert (receipt.revision, receipt.folder_id, receipt.batch_id, receipt.item_id) == (1, folder.id, "b", None)
    assert (batch.total, batch.label, batch.status, batch.who) == (4, "Four", "running", "Alice Adams")
    assert (batch.token, batch.owner, batch.revision, batch.placeholders_revision) == (token, token.owner, 1, 1)
    assert (batch.estimated_end_at - batch.started_at).total_seconds() == 60
    check_all()


def test_start_again_with_the_same_values_changes_nothing(folder: Folder) -> None:
    say("batch:start", start(folder))
    receipt = say("batch:start", start(folder))
    assert (receipt.revision, receipt.batch_id) == (None, "b")
    assert Folder.objects.get(id=folder.id).revision == 1


@pytest.mark.parametrize("changed", [{"total": 5}, {"targetFolderId": "other"}])
def test_start_again_with_another_total_or_folder_is_conflict(alice: Any, folder: Folder, changed: Any) -> None:
    other = make_folder(alice)
    if "targetFolderId" in changed:
        changed = {"targetFolderId": other.id}
    say("batch:start", start(folder))
    assert refusal("batch:start", start(folder, **changed)) == "conflict"
    assert Folder.objects.get(id=folder.id).revision == 1
    assert Folder.objects.get(id=other.id).revision == 0


def test_start_without_a_folder_goes_to_the_tokens_own(folder: Folder, token: Any) -> None:
    assert say("batch:start", {"batchId": "b", "total": 1, "label": "One"}, worker_of(token)).folder_id == folder.id


def test_start_without_any_folder_is_invalid(alice: Any) -> None:
    homeless, _ = make_token(alice)
    for sender in (worker_of(homeless), None):
        with pytest.raises(NotifyError) as caught:
            say("batch:start", {"batchId": "b", "total": 1, "label": "One"}, sender)
        assert caught.value.code == "invalid"
        assert [error.field for error in caught.value.errors] == ["payload.targetFolderId"]


def test_start_in_an_unknown_folder_is_not_found() -> None:
    assert refusal("batch:start", {"batchId": "b", "total": 1, "label": "One", "targetFolderId": "no"}) == "not_found"


def test_status_line_of_the_batch(folder: Folder) -> None:
    batch = make_batch(folder)
    receipt = say("batch:progress", {"batchId": batch.id, "progress": 12.5, "message": "Warming up"})
    batch.refresh_from_db()
    assert (batch.progress, batch.message, batch.revision) == (12.5, "Warming up", receipt.revision)
    assert say("batch:progress", {"batchId": batch.id, "progress": 12.5, "message": "Warming up"}).revision is None
    say("batch:progress", {"batchId": batch.id, "progress": None})
    batch.refresh_from_db()
    assert (batch.progress, batch.message) == (None, "Warming up"), "what is left out stays, null is indeterminate"


def test_a_new_estimate_is_shown_also_where_it_says_the_same_number(folder: Folder, clock: Any) -> None:
    batch = make_batch(folder)
    say("batch:progress", {"batchId": batch.id, "estimatedTimeSeconds": 30})
    before = Batch.objects.get().estimated_end_at
    clock.move(seconds=20)
    receipt = say("batch:progress", {"batchId": batch.id, "estimatedTimeSeconds": 30})
    after = Batch.objects.get()
    assert (after.estimated_end_at - before).total_seconds() == pytest.approx(20, abs=5)
    assert after.revision == receipt.revision is not None


@pytest.mark.parametrize("status", ["complete", "partial", "error", "cancelled"])
def test_end_keeps_status_and_message(folder: Folder, status: str) -> None:
    batch = make_batch(folder)
    receipt = say("batch:end", {"batchId": batch.id, "status": status, "message": "Because"})
    batch.refresh_from_db()
    assert (batch.status, batch.message, batch.is_running) == (status, "Because", False)
    assert batch.revision == batch.placeholders_revision == receipt.revision
    assert batch.ended_at is not None and batch.stall_at is None
    again = say("batch:end", {"batchId": batch.id, "status": status, "message": "Because"})
    assert again.revision is None


@pytest.mark.parametrize(
    ("status", "message", "ends_as"),
    [
        ("complete", "", ("processing", "")),
        ("partial", "Half", ("processing", "")),
        ("error", "Out of memory", ("error", "Out of memory")),
        ("error", "", ("error", "The batch failed.")),
        ("cancelled", "", ("error", "The batch was cancelled.")),
        ("cancelled", "Enough", ("error", "Enough")),
    ],
)
def test_end_and_what_is_still_pending(folder: Folder, status: str, message: str, ends_as: Any) -> None:
    batch = make_batch(folder)
    done = make_item(folder, batch=batch)
    pending = make_pending_item(folder, batch=batch, progress=30)
    say("batch:end", {"batchId": batch.id, "status": status, "message": message})
    pending.refresh_from_db()
    assert (pending.status, pending.message) == ends_as
    done.refresh_from_db()
    assert (done.status, done.is_pending) == ("complete", False)
    check_all()


@pytest.mark.parametrize("status", ["error", "cancelled"])
def test_an_update_revives_what_failed_with_its_batch(folder: Folder, status: str) -> None:
    batch = make_batch(folder)
    item = make_pending_item(folder, batch=batch)
    say("batch:end", {"batchId": batch.id, "status": status})
    say("item:update", {"itemId": item.id, "status": "processing", "progress": 80})
    item.refresh_from_db()
    assert (item.status, item.is_pending, item.progress, item.message) == ("processing", True, 80, "")
    batch.refresh_from_db()
    assert batch.status == status, "its own worker ended it"
    check_all()


def test_end_reaches_pending_items_in_other_folders(alice: Any, folder: Folder) -> None:
    """A batch's item may have moved on: its own folder takes a revision as well."""
    other = make_folder(alice)
    batch = make_batch(folder)
    item = make_pending_item(folder, batch=batch)
    Item.objects.filter(id=item.id).update(folder=other, revision=0, card_revision=0, created_revision=0)
    say("batch:end", {"batchId": batch.id, "status": "cancelled"})
    item.refresh_from_db()
    other.refresh_from_db()
    assert (item.status, item.revision, other.revision) == ("error", 1, 1)


def test_a_late_item_is_kept_and_counted(folder: Folder) -> None:
    batch = make_batch(folder, 2)
    for status in ("complete", "error", "cancelled"):
        say("batch:end", {"batchId": batch.id, "status": status})
        make_item(folder, batch=batch)
        make_pending_item(folder, batch=batch)
    batch.refresh_from_db()
    assert (batch.item_count, batch.done_count, batch.status) == (6, 3, "cancelled")
    assert Item.objects.filter(batch=batch, is_pending=True).count() == 1
    check_all()


def test_batch_may_end_otherwise_after_all(folder: Folder) -> None:
    batch = make_batch(folder)
    item = make_pending_item(folder, batch=batch)
    say("batch:end", {"batchId": batch.id, "status": "complete"})
    say("batch:end", {"batchId": batch.id, "status": "error", "message": "It was not"})
    item.refresh_from_db()
    assert (item.status, item.message) == ("error", "It was not")


def test_events_for_an_unknown_batch_are_not_found() -> None:
    item = {"name": "x", "type": "image"}
    assert refusal("batch:progress", {"batchId": "no", "item": item}) == "not_found"
    assert refusal("batch:progress", {"batchId": "no", "progress": 5}) == "not_found"
    assert refusal("batch:end", {"batchId": "no", "status": "error"}) == "not_found"


def test_cancel_asks_the_worker_once_and_lapses_with_the_batch(alice: Any, folder: Folder, token: Any) -> None:
    batch = make_batch(folder, sender=worker_of(token))
    cancel_batch(person(alice), batch.id)
    cancel_batch(person(alice), batch.id)
    [command] = pending_commands(token)
    assert (command.type, command.payload) == ("batch:cancel", {"batchId": batch.id})
    assert Batch.objects.get().cancel_asked_at is not None
    say("batch:end", {"batchId": batch.id, "status": "cancelled"}, worker_of(token))
    assert not pending_commands(token).exists()
    with pytest.raises(NotifyError, match="already ended"):
        cancel_batch(person(alice), batch.id)


def test_cancel_ends_a_batch_that_nobody_could_be_asked_about(alice: Any, folder: Folder) -> None:
    batch = make_batch(folder)
    item = make_pending_item(folder, batch=batch)
    cancel_batch(person(alice), batch.id)
    batch.refresh_from_db()
    item.refresh_from_db()
    assert (batch.status, item.status, item.message) == ("cancelled", "error", "Cancelled by Alice Adams.")


@pytest.mark.parametrize("at_once", [True, False])
def test_only_the_newest_strips_stay_on_the_page(folder: Folder, at_once: bool) -> None:
    events = [("batch:start", start(folder, f"b{number:02}")) for number in range(STRIPS_SHOWN + 5)]
    for run in [events] if at_once else [[event] for event in events]:
        say_all(run)
    shown = Batch.objects.filter(folder=folder, folded=False).order_by("id").values_list("id", flat=True)
    assert list(shown) == [f"b{number:02}" for number in range(5, STRIPS_SHOWN + 5)]
