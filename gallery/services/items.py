"""What events say of items: they arrive, develop, finish or fail, are edited and removed."""

from __future__ import annotations

from typing import Any

from gallery.access import Sender, require_editor
from gallery.contract.errors import NotifyError
from gallery.contract.events import BatchProgressEvent, ItemRemoveEvent, ItemUpdateEvent
from gallery.contract.items import ItemFields
from gallery.contract.receipts import Receipt
from gallery.models import Batch, Item
from gallery.models.fields import new_id, order_key
from gallery.services.change import Change
from gallery.services.files import discard_on_commit
from gallery.services.item_states import count, discount, drop_spare_preview, estimate_end, revive_item, tally, turn
from gallery.services.locks import require_unlocked
from gallery.services.needs import know_batch
from gallery.services.rows import new_row
from gallery.services.slots import bury_slots, free_slots
from gallery.services.stalls import hear_batch, hear_item, stop_listening

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
    count(change, batch, item_count=1, **tally(item))
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
        estimate_end(change, item, fields.estimated_time_seconds)
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
        turn(change, item, status)
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
        estimate_end(change, item, changes["estimated_time_seconds"])
    if before != (item.progress, item.message, item.estimated_end_at):
        change.touch_item(item, "progress", "progress", "message")


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


def _receipt(item: Item, revision: int | None) -> Receipt:
    return Receipt(None, revision, item.folder_id, item.batch_id, item.id)
