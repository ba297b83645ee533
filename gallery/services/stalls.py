"""Work that is not heard from: when it stalls, when it is given up, and how a word revives it."""

from __future__ import annotations

from datetime import timedelta

from gallery.conf import conf
from gallery.models import Batch, Item
from gallery.services.change import Change


def patience(estimated_seconds: float | None) -> timedelta:
    """How long work may be silent before it is shown as stalled."""
    return timedelta(seconds=max(conf.STALLED_AFTER, estimated_seconds or 0))


def look_later(change: Change, work: Item | Batch) -> None:
    """The sweeper looks at it when it has been silent for too long from now."""
    estimate = work.estimated_time_seconds
    if estimate not in change.next_looks:
        change.next_looks[estimate] = change.now + patience(estimate)
    work.stall_at = change.next_looks[estimate]
    change.touch(work, "stall_at")


def hear_item(change: Change, item: Item) -> None:
    """The item's worker has spoken: whatever was shown as stalled or given up goes on.

    ``stall_at`` stays: the sweeper finds then that the item was heard from, and looks later.
    """
    item.heard_at = change.now
    change.touch(item, "heard_at")
    if item.is_pending and item.stalled_at is not None:
        item.stalled_at = None
        look_later(change, item)
        change.touch_item(item, "card", "stalled_at")
    if item.batch is not None:
        hear_batch(change, item.batch)


def hear_batch(change: Change, batch: Batch) -> None:
    """The batch's worker has spoken: a stalled batch goes on, one that was given up runs again."""
    if batch.heard_at is change.now and batch.stalled_at is None:
        return  # it has spoken in this very transaction
    batch.heard_at = change.now
    change.touch(batch, "heard_at")
    if batch.was_given_up:
        batch.status, batch.message, batch.ended_at, batch.fold_at = Batch.Status.RUNNING, "", None, None
        batch.cancel_asked_at = None  # what was asked has lapsed; a person may ask again
        batch.placeholders_revision = change.stamp(batch.folder_id)
        change.touch_batch(
            batch, "status", "message", "ended_at", "fold_at", "cancel_asked_at", "placeholders_revision"
        )
    if batch.is_running:
        look_later(change, batch)
        if batch.stalled_at is not None:
            batch.stalled_at = None
            change.touch_batch(batch, "stalled_at")


def stop_listening(change: Change, work: Item | Batch) -> None:
    """Finished work cannot stall."""
    work.stall_at = None
    work.stalled_at = None
    change.touch(work, "stall_at", "stalled_at")
