"""How an item goes from pending to finished or failed and back, and what its batch counts of it."""

from __future__ import annotations

from datetime import timedelta

from gallery.models import Batch, Command, Item
from gallery.services.change import Change
from gallery.services.commands import lapse_commands
from gallery.services.files import discard_on_commit
from gallery.services.stalls import look_later, stop_listening


def estimate_end(change: Change, item: Item, seconds: float | None) -> None:
    """The worker says how many seconds it will take from now; None: it does not know."""
    item.estimated_time_seconds = seconds
    item.estimated_end_at = None if seconds is None else change.now + timedelta(seconds=seconds)
    change.touch(item, "estimated_time_seconds", "estimated_end_at")
    if item.is_pending:
        look_later(change, item)


def turn(change: Change, item: Item, status: str) -> None:
    """From pending to finished or failed and back; the batch's counters follow."""
    before = tally(item)
    item.status = Item.Status(status)
    item.is_pending = item.status == Item.Status.PROCESSING
    item.progress, item.message = None, ""
    estimate_end(change, item, None)
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
        after = tally(item)
        count(change, item.batch, **{name: after[name] - before[name] for name in after})


def tally(item: Item) -> dict[str, int]:
    """What the item adds to each of its batch's counters."""
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
    turn(change, item, Item.Status.ERROR)
    item.message = message
    if given_up:
        item.stalled_at = stalled_at or change.now


def revive_item(change: Change, item: Item) -> None:
    """The sweeper had given it up, and yet its worker speaks: it is pending again."""
    if item.status == Item.Status.ERROR and item.stalled_at is not None:
        turn(change, item, Item.Status.PROCESSING)


def discount(change: Change, item: Item) -> None:
    """The item's row is about to go: its batch counts it no more."""
    if item.batch is not None:
        count(change, item.batch, item_count=-1, **{name: -value for name, value in tally(item).items()})


def drop_spare_preview(change: Change, item: Item) -> None:
    """A preview has done its duty once the item is complete and its picture is there."""
    if item.preview_file and item.status == Item.Status.COMPLETE and item.media_url:
        discard_on_commit(item.preview_file)
        item.preview_file = ""
        change.touch_item(item, "card", "preview_file")
