"""What time changes: leases end, work stalls and is given up, strips fold. One process wins each."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from gallery.conf import conf
from gallery.models import Batch, Item, ItemLock, PartialUpload
from gallery.services.batch_ends import close_batch, fold_batch
from gallery.services.change import Change
from gallery.services.generator_runs import look_after_runs
from gallery.services.item_states import fail_item
from gallery.services.locks import free_item
from gallery.services.mass_actions import look_after_mass_actions
from gallery.services.messages import announce_due_messages
from gallery.services.needs import Needs
from gallery.services.revisions import transact
from gallery.services.stalls import patience

logger = logging.getLogger("gallery.sweep")

AT_ONCE = 200  # rows a transaction
CLOCK_TOLERANCE = timedelta(seconds=30)
STOPPED_MINUTES = "The upload stopped {} minutes ago. Whoever sent it can choose the file again, and it goes on."
STOPPED_SECONDS = "The upload stopped {} seconds ago. Whoever sent it can choose the file again, and it goes on."
SILENT_MINUTES = "The worker has not been heard from for {} minutes."
SILENT_SECONDS = "The worker has not been heard from for {} seconds."


class _Clock:
    """Notices that this machine's clock was moved back."""

    def __init__(self) -> None:
        self.latest = timezone.now()

    def went_back(self, now: datetime) -> bool:
        before, self.latest = self.latest, now
        return now < before - CLOCK_TOLERANCE


_clock = _Clock()


def sweep() -> None:
    """Everything that is due now; each server process calls this every second."""
    now = timezone.now()
    if _clock.went_back(now):
        Item.objects.filter(stall_at__gt=now).update(stall_at=now)  # a word alone would not correct it
    each_due(ItemLock.objects.filter(expires_at__lte=now).values_list("item_id", flat=True), "item_ids", _end_lease)
    each_due(Item.objects.filter(stall_at__lte=now).values_list("id", flat=True), "item_ids", _stall_item)
    each_due(Batch.objects.filter(stall_at__lte=now).values_list("id", flat=True), "ending_batch_ids", _stall_batch)
    each_due(Batch.objects.filter(fold_at__lte=now).values_list("id", flat=True), "batch_ids", _fold)
    look_after_mass_actions(now)
    look_after_runs(now)
    announce_due_messages()


def each_due(due: Any, needs: str, work: Callable[[Change, str], None]) -> None:
    """Do the work for some of the ids that are due, in one transaction that has these rows (a field of ``Needs``)."""
    ids = set(due[:AT_ONCE])
    if ids:
        transact(Needs(**{needs: ids}), lambda change: [work(change, key) for key in ids])


def _is_due(at: datetime | None, change: Change) -> bool:
    """Read again under the lock: another process, or a word from the worker, may have been quicker."""
    return at is not None and at <= change.now


def _end_lease(change: Change, item_id: str) -> None:
    lease = change.leases.get(item_id)
    if lease is not None and _is_due(lease.expires_at, change):
        free_item(change, change.items[item_id])


def _stall_item(change: Change, item_id: str) -> None:
    item = change.items.get(item_id)
    if item is None or not _is_due(item.stall_at, change):
        return
    if not item.is_pending:
        item.stall_at = None
        change.touch(item, "stall_at")
    elif item.stalled_at is None and (due := _silent_too_long_at(item, change)) > change.now:
        item.stall_at = due  # it was heard from meanwhile
        change.touch(item, "stall_at")
    elif item.stalled_at is None:
        item.stalled_at, item.stall_at = change.now, _give_up_at(item)
        change.touch_item(item, "card", "stalled_at", "stall_at")
    else:
        fail_item(change, item, _not_heard_from(item, change), given_up=True)


def _silent_too_long_at(item: Item, change: Change) -> datetime:
    return min(item.heard_at, change.now) + patience(item.estimated_time_seconds)


def _stall_batch(change: Change, batch_id: str) -> None:
    batch = change.batches.get(batch_id)
    if batch is None or not _is_due(batch.stall_at, change):
        return
    if batch.stalled_at is None:
        batch.stalled_at, batch.stall_at = change.now, _give_up_at(batch)
        change.touch_batch(batch, "stalled_at", "stall_at")
    if batch.cancel_asked_at is not None:
        close_batch(change, batch, Batch.Status.CANCELLED, "Cancelled; the worker did not answer.", given_up=True)
    elif _is_due(batch.stall_at, change):
        close_batch(change, batch, Batch.Status.ERROR, _not_heard_from(batch, change), given_up=True)


def _give_up_at(work: Item | Batch) -> datetime:
    return work.heard_at + conf.GIVE_UP_FACTOR * patience(work.estimated_time_seconds)


def _not_heard_from(work: Item | Batch, change: Change) -> str:
    """As it is kept; ``gallery.templatetags.texts`` knows these sentences."""
    seconds = (change.now - work.heard_at).total_seconds()
    in_minutes = seconds >= 120
    time = f"{seconds / 60:.0f}" if in_minutes else f"{seconds:.0f}"
    if isinstance(work, Item) and PartialUpload.objects.filter(item_id=work.id).exists():
        return (STOPPED_MINUTES if in_minutes else STOPPED_SECONDS).format(time)
    return (SILENT_MINUTES if in_minutes else SILENT_SECONDS).format(time)


def _fold(change: Change, batch_id: str) -> None:
    batch = change.batches.get(batch_id)
    if batch is not None and _is_due(batch.fold_at, change):
        fold_batch(change, batch)
