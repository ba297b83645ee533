"""Batches: they start, say how far they are, and end."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from gallery.access import NOT_FOUND, Sender, require_editor
from gallery.contract.errors import FieldError, NotifyError
from gallery.contract.events import BatchEndEvent, BatchProgressEvent, BatchStartEvent
from gallery.contract.receipts import Receipt
from gallery.models import Batch, BatchSlot, Command
from gallery.services.change import Change
from gallery.services.commands import lapse_commands, queue_command
from gallery.services.items import fail_item
from gallery.services.locks import CANCELLED_BY, THE_SITE
from gallery.services.needs import Needs
from gallery.services.revisions import transact
from gallery.services.slots import is_used, require_index, slot_taken
from gallery.services.stalls import hear_batch, look_later, stop_listening

STRIPS_SHOWN = 20  # batches on a folder's page at once
FOLD_AFTER = timedelta(minutes=10)
FOLD_FAILED_AFTER = timedelta(hours=24)


def target_folder(sender: Sender, event: BatchStartEvent) -> str:
    """Where the batch goes: the folder it names, else the token's own; raises ``invalid`` where there is neither."""
    if event.target_folder_id:
        return event.target_folder_id
    if sender.token is not None and sender.token.folder_id:
        return sender.token.folder_id
    error = FieldError("payload.targetFolderId", "is missing, and the token has no folder of its own")
    raise NotifyError("invalid", f"{error.field} {error.message}.", [error])


def start_batch(change: Change, sender: Sender, event: BatchStartEvent) -> Receipt:
    """Begin the batch; sent again with the same values it changes nothing."""
    folder_id = target_folder(sender, event)
    require_editor(change.role(sender, folder_id))
    batch = change.batches.get(event.batch_id)
    if batch is not None:
        return _start_again(change, batch, event, folder_id)
    batch = Batch(
        id=event.batch_id,
        folder_id=folder_id,
        total=event.total,
        label=event.label,
        token=sender.token,
        owner=sender.user,
        who=sender.label,
        started_at=change.now,
        heard_at=change.now,
        placeholders_revision=change.stamp(folder_id),
    )
    _estimate(change, batch, event.estimated_time_seconds)
    change.add(batch)
    change.batches[batch.id] = batch
    change.touch_batch(batch)
    _fold_oldest(change, folder_id)
    return Receipt(revision=batch.revision, folder_id=folder_id, batch_id=batch.id)


def _start_again(change: Change, batch: Batch, event: BatchStartEvent, folder_id: str) -> Receipt:
    if batch.folder_id != folder_id or batch.total != event.total:
        raise NotifyError("conflict", "A batch with this id was started with another total or folder.")
    stamps_before = change.stamps
    hear_batch(change, batch)
    if batch.label != event.label:
        batch.label = event.label
        change.touch_batch(batch, "label")
    return _receipt(change, batch, stamps_before)


def _estimate(change: Change, batch: Batch, seconds: float | None) -> None:
    batch.estimated_time_seconds = seconds
    batch.estimated_end_at = None if seconds is None else change.now + timedelta(seconds=seconds)
    change.touch(batch, "estimated_time_seconds", "estimated_end_at")
    if batch.is_running:
        look_later(change, batch)


def _fold_oldest(change: Change, folder_id: str) -> None:
    """Keep the page bounded: the strips beyond the newest leave it, running or not."""
    kept = Batch.objects.filter(folder=folder_id, folded=False).order_by("-started_at", "-id")
    started_here = [batch for batch in change.batches.values() if batch._state.adding]
    shown = [*(change.batches.setdefault(batch.id, batch) for batch in kept), *started_here]
    shown = [batch for batch in shown if batch.folder_id == folder_id and not batch.folded]
    for batch in sorted(shown, key=lambda batch: (batch.started_at, batch.id), reverse=True)[STRIPS_SHOWN:]:
        fold_batch(change, batch)


def fold_batch(change: Change, batch: Batch) -> None:
    """Take the batch's strip and placeholders off the page; its items stay."""
    batch.folded, batch.fold_at = True, None
    batch.placeholders_revision = change.stamp(batch.folder_id)
    change.touch_batch(batch, "folded", "fold_at", "placeholders_revision")


def report_progress(change: Change, sender: Sender, event: BatchProgressEvent) -> Receipt:
    """A status line without an item: of the batch or, with ``index``, of that placeholder."""
    batch = change.batch(sender, event.batch_id)
    if event.index is not None:
        return _report_slot(change, batch, event)
    stamps_before = change.stamps
    hear_batch(change, batch)
    report_line(change, batch, event)
    return _receipt(change, batch, stamps_before)


def report_line(change: Change, batch: Batch, event: BatchProgressEvent) -> None:
    """What the event says of the batch itself, with or without an item; one that has ended says no more."""
    before = (batch.progress, batch.message, batch.estimated_end_at)
    if batch.is_running:
        said = event.model_fields_set
        if "progress" in said:
            batch.progress = event.progress
        if "message" in said:
            batch.message = event.message
        if "estimated_time_seconds" in said:
            _estimate(change, batch, event.estimated_time_seconds)
        if before != (batch.progress, batch.message, batch.estimated_end_at):
            change.touch_batch(batch, "progress", "message")


def _report_slot(change: Change, batch: Batch, event: BatchProgressEvent) -> Receipt:
    slot = speaking_slot(change, batch, event.index)
    stamps_before = change.stamps
    hear_batch(change, batch)
    before = (slot.progress, slot.message)
    said = event.model_fields_set
    if "progress" in said:
        slot.progress = event.progress
    if "message" in said:
        slot.message = event.message
    if before != (slot.progress, slot.message) or slot._state.adding:
        touch_slot(change, slot, "progress", "message")
    return _receipt(change, batch, stamps_before)


def speaking_slot(change: Change, batch: Batch, index: int) -> BatchSlot:
    """The free slot that is spoken of; raises ``invalid`` past the total, ``conflict`` where an item has taken it."""
    require_index(batch, index)
    if is_used(batch, index) or index in getattr(change.free_slots.get(batch.id), "taken_here", ()):
        raise slot_taken(index)
    slot = change.slots.get((batch.id, index))
    if slot is None:
        slot = BatchSlot(batch=batch, folder_id=batch.folder_id, index=index)
        change.slots[batch.id, index] = slot
        change.add(slot)
    return slot


def touch_slot(change: Change, slot: BatchSlot, *names: str) -> None:
    """The placeholder's new words are to be written and seen."""
    slot.heard_at = change.now
    slot.revision = change.stamp(slot.folder_id)
    change.touch(slot, "heard_at", "revision", *names)


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


def _receipt(change: Change, batch: Batch, stamps_before: int) -> Receipt:
    revision = change.revision_since(stamps_before, batch.folder_id)
    return Receipt(revision=revision, folder_id=batch.folder_id, batch_id=batch.id)


def cancel_batch(sender: Sender, batch_id: str) -> None:
    """A person asks the batch's worker to stop; where no worker could hear it, the batch ends at once."""

    def work(change: Change) -> None:
        batch = change.batch(sender, batch_id)
        if not batch.is_running:
            raise NotifyError("conflict", _("This batch has already ended."))
        if batch.token_id is None:
            close_batch(change, batch, Batch.Status.CANCELLED, CANCELLED_BY.format(sender.label or THE_SITE))
            return
        if batch.cancel_asked_at is None:
            batch.cancel_asked_at = change.now
            change.touch_batch(batch, "cancel_asked_at")
            queue_command(batch.token_id, Command.Type.BATCH_CANCEL, {"batchId": batch.id}, batch)

    if not Batch.objects.filter(id=batch_id).exists():
        raise NotifyError("not_found", NOT_FOUND["batch"])
    transact(Needs(batch_ids={batch_id}, ending_batch_ids={batch_id}), work)
