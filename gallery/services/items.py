"""Items: they arrive, develop, finish or fail, are edited and removed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from gallery.access import Sender, require_editor
from gallery.contract.errors import NotifyError
from gallery.contract.events import BatchProgressEvent, ItemRemoveEvent, ItemUpdateEvent
from gallery.contract.items import ItemFields
from gallery.contract.receipts import Receipt
from gallery.models import Batch, Command, Item
from gallery.models.fields import new_id, order_key
from gallery.services.change import Change
from gallery.services.commands import lapse_commands
from gallery.services.files import discard_on_commit
from gallery.services.locks import require_unlocked
from gallery.services.needs import know_batch
from gallery.services.rows import new_row
from gallery.services.slots import bury_slots, free_slots
from gallery.services.stalls import hear_batch, hear_item, look_later, stop_listening

CARD_FIELDS = ("name", "type", "thumb_url", "media_url", "width", "height", "duration", "metadata")
LOCKED_FIELDS = {"name", "metadata"}  # what a lease protects; progress and pictures always come through
# What an event asks of an item that is there, and what it asks besides where it changes the card, or removes it.
READ_FOR_EVENTS = (
    "id", "folder", "batch", "slot", "status", "is_pending", "progress", "message", "estimated_time_seconds",
    "estimated_end_at", "media_url", "preview_file", "stalled_at", "retry_asked_at", "revision", "trashed_at",
)  # fmt: skip
READ_FOR_CHANGES = (*CARD_FIELDS, "edited_fields")
READ_FOR_REMOVAL = ("media_file", "thumb_file", "rendition_file")
PROGRESS_FIELDS = ("progress", "message", "estimated_time_seconds")
NEVER_EDITED = frozenset(PROGRESS_FIELDS)


def add_item(change: Change, sender: Sender, event: BatchProgressEvent) -> Receipt:
    """An item of a batch arrives in the place of one placeholder; the same id again is an update."""
    batch = change.batch(sender, event.batch_id)
    fields = event.item
    item = change.items.get(fields.id) if fields.id else None
    if item is not None:
        if item.batch_id != batch.id:
            raise NotifyError("conflict", "An item with this id exists elsewhere.")
        if event.index is not None and event.index != item.slot:
            raise NotifyError("conflict", f"This item has slot {item.slot} of its batch.")
        return _update_again(change, sender, item, fields)
    slots = free_slots(change, batch)
    slot = slots.take_lowest() if event.index is None else slots.take(event.index)
    item = _new_item(change, batch, slot, fields)
    item.created_by = sender.label
    item.preview_file = slots.hand_over_preview(change, slot)
    drop_spare_preview(change, item)
    hear_batch(change, batch)
    count(change, batch, item_count=1, **_tally(item))
    change.touch(batch, "next_slot")
    return _receipt(item, item.revision)


def _new_item(change: Change, batch: Batch, slot: int, fields: ItemFields) -> Item:
    item_id = fields.id or new_id()
    item = new_row(
        Item,
        id=item_id,
        folder_id=batch.folder_id,
        batch_id=batch.id,
        slot=slot,
        status=fields.status,
        is_pending=fields.is_pending,
        progress=fields.progress if fields.is_pending else None,
        message=fields.message,
        created_at=change.now,
        heard_at=change.now,
        order_key=order_key(batch.started_at, batch.id, slot, item_id),
        **{name: getattr(fields, name) for name in CARD_FIELDS},
    )
    if item.is_pending:
        _estimate(change, item, fields.estimated_time_seconds)
    know_batch(item, batch)
    change.arrive(item)
    change.add(item)
    change.items[item.id] = item
    return item


def _update_again(change: Change, sender: Sender, item: Item, fields: ItemFields) -> Receipt:
    """The batch sends an item that is there: only what it says this time changes."""
    said = fields.model_fields_set
    status = fields.status if said & {"status", "is_pending"} else None
    changes = {name: getattr(fields, name) for name in (*CARD_FIELDS, *PROGRESS_FIELDS) if name in said}
    return _apply(change, sender, item, status, changes)


def update_item(change: Change, sender: Sender, event: ItemUpdateEvent) -> Receipt:
    """The item goes on, is finished or has failed."""
    item = change.item(sender, event.item_id)
    changes = event.item.said() if event.item else {}
    changes |= {name: getattr(event, name) for name in ("progress", "message") if name in event.model_fields_set}
    return _apply(change, sender, item, event.status, changes)


def _apply(change: Change, sender: Sender, item: Item, status: str | None, changes: dict[str, Any]) -> Receipt:
    """Check everything first, then change: an event that is refused leaves nothing behind."""
    if not (sender.by_hand or changes.keys() <= NEVER_EDITED) and item.edited_fields:
        changes = {name: value for name, value in changes.items() if name not in item.edited_fields}
    changed = {name for name, value in changes.items() if getattr(item, name) != value}
    if not changed.isdisjoint(LOCKED_FIELDS):
        require_unlocked(change, sender, item)
    stamps_before = change.stamps
    if status is None:
        revive_item(change, item)
    elif status != item.status:
        _turn(change, item, status)
    elif not item.is_pending:
        stop_listening(change, item)  # not given up by the sweeper any more: its worker says so itself
    for name in changed.intersection(CARD_FIELDS):
        setattr(item, name, changes[name])
        change.touch_item(item, "card", name)
    if item.is_pending:
        _report(change, item, changes)
    elif "message" in changes and item.message != changes["message"]:
        item.message = changes["message"]
        change.touch_item(item, "card", "message")
    hear_item(change, item)
    drop_spare_preview(change, item)
    return _receipt(item, change.revision_since(stamps_before, item.folder_id))


def _report(change: Change, item: Item, changes: dict[str, Any]) -> None:
    """A progress tick: pages swap the progress element, not the card."""
    before = (item.progress, item.message, item.estimated_end_at)
    if "progress" in changes:
        item.progress = changes["progress"]
    if "message" in changes:
        item.message = changes["message"]
    if "estimated_time_seconds" in changes:
        _estimate(change, item, changes["estimated_time_seconds"])
    if before != (item.progress, item.message, item.estimated_end_at):
        change.touch_item(item, "progress", "progress", "message")


def _estimate(change: Change, item: Item, seconds: float | None) -> None:
    item.estimated_time_seconds = seconds
    item.estimated_end_at = None if seconds is None else change.now + timedelta(seconds=seconds)
    change.touch(item, "estimated_time_seconds", "estimated_end_at")
    if item.is_pending:
        look_later(change, item)


def _turn(change: Change, item: Item, status: str) -> None:
    """From pending to finished or failed and back; the batch's counters follow."""
    before = _tally(item)
    item.status = Item.Status(status)
    item.is_pending = item.status == Item.Status.PROCESSING
    item.progress, item.message = None, ""
    _estimate(change, item, None)
    if item.is_pending:
        item.stalled_at = None
    else:
        stop_listening(change, item)
    if item.retry_asked_at is not None:
        item.retry_asked_at = None
        if item.batch is not None:
            lapse_commands(item.batch, Command.Type.ITEM_RETRY, item.id)
    change.touch_item(
        item, "card", "status", "is_pending", "progress", "message", "stall_at", "stalled_at", "retry_asked_at"
    )
    if item.batch is not None:
        after = _tally(item)
        count(change, item.batch, **{name: after[name] - before[name] for name in after})


def _tally(item: Item) -> dict[str, int]:
    return {
        "done_count": int(item.status == Item.Status.COMPLETE),
        "failed_count": int(item.status == Item.Status.ERROR),
    }


def count(change: Change, batch: Batch, **differences: int) -> None:
    """Keep the counters on the batch's row, and guess the end from the pace where the worker does not say it."""
    for name, difference in differences.items():
        setattr(batch, name, getattr(batch, name) + difference)
    if batch.is_running and batch.estimated_time_seconds is None and batch.finished_count:
        pace = (change.now - batch.started_at) / batch.finished_count
        batch.estimated_end_at = change.now + pace * max(0, batch.total - batch.finished_count)
        change.touch(batch, "estimated_end_at")
    if any(differences.values()):
        change.touch_batch(batch, *differences)


def fail_item(change: Change, item: Item, message: str, *, given_up: bool = False) -> None:
    """The item is shown as failed until an update revives it."""
    stalled_at = item.stalled_at
    _turn(change, item, Item.Status.ERROR)
    item.message = message
    if given_up:
        item.stalled_at = stalled_at or change.now


def revive_item(change: Change, item: Item) -> None:
    """The sweeper had given it up, and yet its worker speaks: it is pending again."""
    if item.status == Item.Status.ERROR and item.stalled_at is not None:
        _turn(change, item, Item.Status.PROCESSING)


def remove_item(change: Change, sender: Sender, event: ItemRemoveEvent) -> Receipt:
    """A result is discarded."""
    item = change.item(sender, event.item_id)
    require_editor(change.role(sender, item.folder_id), "item")  # to finish what was taken elsewhere is one thing …
    require_unlocked(change, sender, item)
    stamps_before = change.stamps
    discount(change, item)
    if item.batch is not None:
        bury_slots(change, [item])
        if not sender.by_hand:  # a person who tidies up does not wake a worker that is gone
            hear_batch(change, item.batch)
    change.remove_item(item)
    discard_on_commit(*item.stored_files)
    return _receipt(item, change.revision_since(stamps_before, item.folder_id))


def discount(change: Change, item: Item) -> None:
    """The item's row is about to go: its batch counts it no more."""
    if item.batch is not None:
        count(change, item.batch, item_count=-1, **{name: -value for name, value in _tally(item).items()})


def drop_spare_preview(change: Change, item: Item) -> None:
    """A preview has done its duty once the item is complete and its picture is there."""
    if item.preview_file and item.status == Item.Status.COMPLETE and item.media_url:
        discard_on_commit(item.preview_file)
        item.preview_file = ""
        change.touch_item(item, "card", "preview_file")


def _receipt(item: Item, revision: int | None) -> Receipt:
    return Receipt(None, revision, item.folder_id, item.batch_id, item.id)
