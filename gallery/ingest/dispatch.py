"""Which service each event calls, and which rows it speaks of."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from gallery.access import Sender
from gallery.contract.errors import NotifyError
from gallery.contract.events import (
    BatchEndEvent,
    BatchProgressEvent,
    BatchStartEvent,
    Event,
    ItemLockEvent,
    ItemRemoveEvent,
    ItemUnlockEvent,
    ItemUpdateEvent,
)
from gallery.contract.parse import Envelope
from gallery.contract.receipts import Receipt
from gallery.services.batch_ends import end_batch
from gallery.services.batches import report_line, report_progress, start_batch, target_folder
from gallery.services.change import Change
from gallery.services.items import READ_FOR_CHANGES, READ_FOR_REMOVAL, add_item, remove_item, update_item
from gallery.services.locks import lock_item, unlock_item
from gallery.services.needs import Needs


def _progress(change: Change, sender: Sender, event: BatchProgressEvent) -> Receipt:
    if event.item is None:
        return report_progress(change, sender, event)
    receipt = add_item(change, sender, event)
    report_line(change, change.batches[event.batch_id], event)
    return receipt


SERVICES: dict[type[Event], Callable[[Change, Sender, Any], Receipt]] = {
    BatchStartEvent: start_batch,
    BatchProgressEvent: _progress,
    BatchEndEvent: end_batch,
    ItemUpdateEvent: update_item,
    ItemRemoveEvent: remove_item,
    ItemLockEvent: lock_item,
    ItemUnlockEvent: unlock_item,
}


def apply_event(change: Change, sender: Sender, envelope: Envelope) -> Receipt:
    """Let the event's service change the rows."""
    return SERVICES[type(envelope.event)](change, sender, envelope.event)


def needs_of(sender: Sender, event: Event, needs: Needs) -> None:
    """Add the ids that this event speaks of."""
    if isinstance(event, BatchStartEvent):
        needs.batch_ids.add(event.batch_id)
        with suppress(NotifyError):  # said again, to the sender, when the event is applied
            needs.folder_ids.add(target_folder(sender, event))
    elif isinstance(event, BatchProgressEvent):
        needs.batch_ids.add(event.batch_id)
        if event.item is None and event.index is not None:
            needs.slots.add((event.batch_id, event.index))
        elif event.item is not None and event.item.id:
            needs.item_ids.add(event.item.id)
            needs.item_fields.update(READ_FOR_CHANGES)
    elif isinstance(event, BatchEndEvent):
        needs.batch_ids.add(event.batch_id)
        if event.status in ("error", "cancelled"):
            needs.ending_batch_ids.add(event.batch_id)
    else:
        needs.item_ids.add(event.item_id)
        if isinstance(event, ItemUpdateEvent) and event.item:
            needs.item_fields.update(READ_FOR_CHANGES)
        elif isinstance(event, ItemRemoveEvent):
            needs.item_fields.update(READ_FOR_REMOVAL)
