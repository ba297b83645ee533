"""Batches end: a worker says so, a person asks for it or nothing is heard any more. Later their strips fold."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from gallery.access import NOT_FOUND, Sender
from gallery.contract.errors import NotifyError
from gallery.contract.events import BatchEndEvent
from gallery.contract.receipts import Receipt
from gallery.models import Batch, Command
from gallery.services.change import Change
from gallery.services.commands import lapse_commands, queue_command
from gallery.services.item_states import fail_item
from gallery.services.locks import cancelled_by
from gallery.services.needs import Needs
from gallery.services.revisions import transact
from gallery.services.stalls import stop_listening

FOLD_AFTER = timedelta(minutes=10)


FOLD_FAILED_AFTER = timedelta(hours=24)


def fold_batch(change: Change, batch: Batch) -> None:
    """Take the batch's strip and placeholders off the page; its items stay."""
    batch.folded, batch.fold_at = True, None
    batch.placeholders_revision = change.stamp(batch.folder_id)
    change.touch_batch(batch, "folded", "fold_at", "placeholders_revision")


def end_batch(change: Change, sender: Sender, event: BatchEndEvent) -> Receipt:
    """The batch is over; what is still pending fails with it when it was cancelled or went wrong."""
    batch = change.batch(sender, event.batch_id)
    if (batch.status, batch.message) == (event.status, event.message) and batch.stalled_at is None:
        return Receipt(folder_id=batch.folder_id, batch_id=batch.id)
    close_batch(change, batch, event.status, event.message)
    return Receipt(revision=batch.revision, folder_id=batch.folder_id, batch_id=batch.id)


def close_batch(change: Change, batch: Batch, status: str, message: str, *, given_up: bool = False) -> None:
    """End the batch and take its placeholders off the page."""
    batch.status, batch.message = Batch.Status(status), message
    batch.ended_at = change.now
    batch.heard_at = batch.heard_at if given_up else change.now
    went_well = batch.status in (Batch.Status.COMPLETE, Batch.Status.CANCELLED)
    batch.fold_at = None if batch.folded else change.now + (FOLD_AFTER if went_well else FOLD_FAILED_AFTER)
    batch.placeholders_revision = change.stamp(batch.folder_id)
    if given_up:
        batch.stall_at = None
        change.touch(batch, "stall_at")
    else:
        stop_listening(change, batch)
    change.touch_batch(batch, "status", "message", "ended_at", "heard_at", "fold_at", "placeholders_revision")
    if batch.status in (Batch.Status.ERROR, Batch.Status.CANCELLED):
        reason = message or ("The batch was cancelled." if status == "cancelled" else "The batch failed.")
        for item in [item for item in change.items.values() if item.batch_id == batch.id and item.is_pending]:
            fail_item(change, item, reason, given_up=given_up)
    lapse_commands(batch, Command.Type.BATCH_CANCEL)


def cancel_batch(sender: Sender, batch_id: str) -> None:
    """A person asks the batch's worker to stop; where no worker could hear it, the batch ends at once."""

    def work(change: Change) -> None:
        batch = change.batch(sender, batch_id)
        if not batch.is_running:
            raise NotifyError("conflict", _("This batch has already ended."))
        if batch.token_id is None:
            close_batch(change, batch, Batch.Status.CANCELLED, cancelled_by(sender))
            return
        if batch.cancel_asked_at is None:
            batch.cancel_asked_at = change.now
            change.touch_batch(batch, "cancel_asked_at")
            queue_command(batch.token_id, Command.Type.BATCH_CANCEL, {"batchId": batch.id}, batch)

    if not Batch.objects.filter(id=batch_id).exists():
        raise NotifyError("not_found", NOT_FOUND["batch"])
    transact(Needs(batch_ids={batch_id}, ending_batch_ids={batch_id}), work)
