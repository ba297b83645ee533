"""What time changes: leases end, work stalls and is given up, strips fold, memory fades. One process wins each."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone

from gallery.conf import conf
from gallery.contract.limits import REMEMBERED_EVENTS, REMEMBERED_HOURS
from gallery.media.incoming import discard_abandoned
from gallery.models import Batch, BatchSlot, EventReceipt, Folder, Item, ItemLock, PartialUpload, Tombstone
from gallery.services.batches import close_batch, fold_batch, touch_slot
from gallery.services.change import Change
from gallery.services.files import INCOMING, discard_on_commit, media_root
from gallery.services.generator_runs import look_after_runs
from gallery.services.items import fail_item
from gallery.services.locks import free_item
from gallery.services.mass_actions import look_after_mass_actions
from gallery.services.messages import announce_due_messages
from gallery.services.needs import Needs
from gallery.services.rendition_queue import ask_again_for_renditions
from gallery.services.revisions import database_errors, transact
from gallery.services.search_index import forget_folders
from gallery.services.stalls import patience
from gallery.services.trash import empty_trash
from gallery.services.uploads import forget_uploads
from gallery.task_queue import forget_finished

logger = logging.getLogger("gallery.sweep")

AT_ONCE = 200  # rows a transaction
RECEIPTS_AT_ONCE = 5_000
TOMBSTONES_KEPT = timedelta(hours=24)
PREVIEWS_KEPT = timedelta(hours=1)
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
    _each(ItemLock.objects.filter(expires_at__lte=now).values_list("item_id", flat=True), "item_ids", _end_lease)
    _each(Item.objects.filter(stall_at__lte=now).values_list("id", flat=True), "item_ids", _stall_item)
    _each(Batch.objects.filter(stall_at__lte=now).values_list("id", flat=True), "ending_batch_ids", _stall_batch)
    _each(Batch.objects.filter(fold_at__lte=now).values_list("id", flat=True), "batch_ids", _fold)
    look_after_mass_actions(now)
    look_after_runs(now)
    announce_due_messages()


def _each(due: Any, needs: str, work: Callable[[Change, str], None]) -> None:
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


def forget() -> None:
    """Let old memory go: receipts, tombstones, previews of what is over; called every minute."""
    now = timezone.now()
    with database_errors():
        _forget_receipts(now - timedelta(hours=REMEMBERED_HOURS))
        _forget_beyond_the_limit()
        _forget_tombstones(now - TOMBSTONES_KEPT)
        forget_finished(now)
    _forget_previews(now - PREVIEWS_KEPT)
    empty_trash()
    forget_uploads(now)
    ask_again_for_renditions(now)
    forget_folders()
    discard_abandoned(media_root() / INCOMING)


def _forget_receipts(before: datetime) -> None:
    """Oldest first, by their ids, which grow with time: an index on the time would cost every event."""
    while oldest := EventReceipt.objects.order_by("id").values_list("id", "created_at")[:RECEIPTS_AT_ONCE]:
        old = [key for key, created_at in oldest if created_at < before]
        if old:
            EventReceipt.objects.filter(id__lte=old[-1]).delete()
        if len(old) < len(oldest):
            break


def _forget_beyond_the_limit() -> None:
    scopes = EventReceipt.objects.order_by().values_list("scope", flat=True).distinct()
    for scope in scopes:
        newest = EventReceipt.objects.filter(scope=scope).order_by("-id").values_list("id", flat=True)
        for edge in newest[REMEMBERED_EVENTS : REMEMBERED_EVENTS + 1]:
            EventReceipt.objects.filter(scope=scope, id__lte=edge).delete()


def _forget_tombstones(before: datetime) -> None:
    """First the floor rises, so that nobody catches up past a tombstone that is about to go."""
    old = Tombstone.objects.filter(buried_at__lt=before)
    for folder_id, revision in old.order_by().values_list("folder").annotate(Max("revision")):
        Folder.objects.filter(id=folder_id, memory_floor__lt=revision).update(memory_floor=revision)
        old.filter(folder=folder_id, revision__lte=revision).delete()


def _forget_previews(before: datetime) -> None:
    items = Item.objects.exclude(preview_file="").filter(heard_at__lt=before, is_pending=False)
    _each(items.values_list("id", flat=True), "item_ids", _forget_preview)
    slots = BatchSlot.objects.exclude(preview_file="").filter(heard_at__lt=before)[:AT_ONCE]
    for batch_id, index in slots.values_list("batch_id", "index"):
        transact(
            Needs(batch_ids={batch_id}, slots={(batch_id, index)}),
            lambda change, key=(batch_id, index): _forget_slot_preview(change, key),
        )


def _forget_preview(change: Change, item_id: str) -> None:
    item = change.items.get(item_id)
    if item is not None and item.preview_file:
        discard_on_commit(item.preview_file)
        item.preview_file = ""
        change.touch_item(item, "card", "preview_file")


def _forget_slot_preview(change: Change, key: tuple[str, int]) -> None:
    slot = change.slots.get(key)
    if slot is not None and slot.preview_file:
        discard_on_commit(slot.preview_file)
        slot.preview_file = ""
        touch_slot(change, slot, "preview_file")
