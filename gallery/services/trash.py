"""The trash: what is thrown away leaves every page, stays in its folder for 30 days, and can be taken out again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from gallery.access import Sender, require_editor
from gallery.models import Item
from gallery.services.change import Change
from gallery.services.files import discard_on_commit
from gallery.services.item_states import discount
from gallery.services.locks import free_item
from gallery.services.needs import Needs
from gallery.services.revisions import transact
from gallery.services.slots import bury_slots, stands_with_batch

TRASH_KEPT = timedelta(days=30)
AT_ONCE = 500  # items a transaction


def trash_items(change: Change, sender: Sender, items: Collection[Item], at: datetime | None = None) -> None:
    """Throw these away: their workers go on with them, unseen, so that nothing is lost should they come back."""
    bury_slots(change, [item for item in items if stands_with_batch(item)])
    for item in items:
        free_item(change, item)
        change.leave(item)
        item.trashed_at, item.trashed_by_id = at or change.now, sender.user_key
        change.touch(item, "trashed_at", "trashed_by")


def restore_items(change: Change, items: Iterable[Item]) -> None:
    """Take these out of the trash: they stand where they stood, as far as their workers have come meanwhile."""
    for item in items:
        item.trashed_at = item.trashed_by_id = None
        change.touch(item, "trashed_at", "trashed_by")
        change.arrive(item)


def purge_items(change: Change, items: Iterable[Item]) -> None:
    """Delete these for good, with their files."""
    items = list(items)
    bury_slots(change, [item for item in items if not item.is_trashed and stands_with_batch(item)])
    for item in items:
        discount(change, item)
        change.remove_item(item)
        discard_on_commit(*item.stored_files)


def empty_trash_of(sender: Sender, folder_id: str) -> int:
    """Delete for good what lies in one folder's trash now; returns how much that was."""
    before, deleted = timezone.now(), 0

    def work(change: Change) -> int:
        require_editor(change.role(sender, folder_id))
        mine = [item for item in change.items.values() if item.folder_id == folder_id and item.is_trashed]
        purge_items(change, mine)
        return len(mine)

    trash = Item.objects.trashed().filter(folder=folder_id, trashed_at__lte=before).order_by("-trashed_at", "-id")
    while True:
        item_ids = set(trash.values_list("id", flat=True)[:AT_ONCE])
        deleted += transact(Needs(folder_ids={folder_id}, item_ids=item_ids), work)
        if not item_ids:
            return deleted


def empty_trash() -> None:
    """What was thrown away long ago goes for good, in pieces so that nobody waits long (the sweeper)."""
    before = timezone.now() - TRASH_KEPT

    def work(change: Change) -> None:
        due = [item for item in change.items.values() if item.trashed_at is not None and item.trashed_at < before]
        purge_items(change, due)  # without those that somebody took out meanwhile

    overdue = Item.objects.trashed().filter(trashed_at__lt=before).order_by("trashed_at").values_list("id", flat=True)
    while item_ids := set(overdue[:AT_ONCE]):
        transact(Needs(item_ids=item_ids), work)
