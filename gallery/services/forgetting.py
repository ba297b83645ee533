"""What is remembered for a while only: receipts, tombstones, previews, trash. Every minute some of it is let go."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from gallery.contract.limits import REMEMBERED_EVENTS, REMEMBERED_HOURS
from gallery.media.incoming import discard_abandoned
from gallery.models import BatchSlot, EventReceipt, Folder, Item, Tombstone
from gallery.services.batches import touch_slot
from gallery.services.change import Change
from gallery.services.files import INCOMING, discard_on_commit, media_root
from gallery.services.needs import Needs
from gallery.services.rendition_queue import ask_again_for_renditions
from gallery.services.revisions import database_errors, transact
from gallery.services.search_index import forget_folders
from gallery.services.sweep import AT_ONCE, each_due
from gallery.services.trash import empty_trash
from gallery.services.uploads import forget_uploads
from gallery.task_queue import forget_finished

RECEIPTS_AT_ONCE = 5_000


TOMBSTONES_KEPT = timedelta(hours=24)


PREVIEWS_KEPT = timedelta(hours=1)


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
    each_due(items.values_list("id", flat=True), "item_ids", _forget_preview)
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
