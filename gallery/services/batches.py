"""Batches: they start and say how far they are. How they end is in ``batch_ends``."""

from __future__ import annotations

from datetime import timedelta

from gallery.access import Sender, require_editor
from gallery.contract.errors import FieldError, NotifyError
from gallery.contract.events import BatchProgressEvent, BatchStartEvent
from gallery.contract.receipts import Receipt
from gallery.models import Batch, BatchSlot
from gallery.services.batch_ends import fold_batch
from gallery.services.change import Change
from gallery.services.slots import is_used, require_index, slot_taken
from gallery.services.stalls import hear_batch, look_later

STRIPS_SHOWN = 20  # batches on a folder's page at once


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


def _receipt(change: Change, batch: Batch, stamps_before: int) -> Receipt:
    revision = change.revision_since(stamps_before, batch.folder_id)
    return Receipt(revision=revision, folder_id=batch.folder_id, batch_id=batch.id)
