"""The trash: what is thrown away leaves every page, stays in its folder for 30 days, and can be taken out again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta

from django.utils import timezone

from gallery.access import NOT_FOUND, Sender, require_editor
from gallery.contract.errors import NotifyError
from gallery.contract.parse import parse_event
from gallery.models import Item
from gallery.services.change import Change
from gallery.services.files import discard_on_commit
from gallery.services.items import discount
from gallery.services.locks import free_item, require_unlocked
from gallery.services.needs import Needs
from gallery.services.revisions import transact
from gallery.services.slots import bury_slots

TRASH_KEPT = timedelta(days=30)
AT_ONCE = 500  # items a transaction


def trash_items(change: Change, sender: Sender, items: Collection[Item]) -> None:
    """Throw these away: their workers go on with them, unseen, so that nothing is lost should they come back."""
    for item in items:
        require_unlocked(change, sender, item)
    bury_slots(change, items)
    for item in items:
        free_item(change, item)
        change.leave(item)
        item.trashed_at, item.trashed_by_id = change.now, sender.user_key
        change.touch(item, "trashed_at", "trashed_by")


def restore_items(change: Change, sender: Sender, items: Iterable[Item]) -> None:
    """Take these out of the trash: they stand where they stood, as far as their workers have come meanwhile."""
    for item in items:
        require_editor(change.role(sender, item.folder_id), "item")
        item.trashed_at = item.trashed_by_id = None
        change.touch(item, "trashed_at", "trashed_by")
        change.arrive(item)


def purge_items(change: Change, items: Iterable[Item]) -> None:
    """Delete these for good, with their files."""
    for item in items:
        discount(change, item)
        change.remove_item(item)
        discard_on_commit(item.media_file, item.thumb_file, item.preview_file)


def throw_away(sender: Sender, item_id: str) -> None:
    """A person, or a worker through the API, puts an item into the trash; raises ``invalid`` for what can be no id."""
    parse_event("item:remove", {"itemId": item_id})

    def work(change: Change) -> None:
        item = change.item(sender, item_id)
        if item.is_trashed:
            raise NotifyError("not_found", NOT_FOUND["item"])
        trash_items(change, sender, [item])

    transact(Needs(item_ids={item_id}), work)


def bring_back(sender: Sender, item_id: str) -> None:
    """Take an item out of the trash; raises ``not_found`` where it is not there (any more)."""

    def work(change: Change) -> None:
        item = change.items.get(item_id)
        if item is None or not item.is_trashed:
            raise NotifyError("not_found", NOT_FOUND["item"])
        restore_items(change, sender, [item])

    transact(Needs(item_ids={item_id}), work)


def empty_trash() -> None:
    """What was thrown away long ago goes for good, in pieces so that nobody waits long (the sweeper)."""
    before = timezone.now() - TRASH_KEPT

    def work(change: Change) -> None:
        due = [item for item in change.items.values() if item.trashed_at is not None and item.trashed_at < before]
        purge_items(change, due)  # without those that somebody took out meanwhile

    overdue = Item.objects.trashed().filter(trashed_at__lt=before).order_by("trashed_at").values_list("id", flat=True)
    while item_ids := set(overdue[:AT_ONCE]):
        transact(Needs(item_ids=item_ids), work)
