"""What a person, or a worker through the API, does with an item: edit it, star it, tag it, or ask for it once more."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from gallery.access import Sender
from gallery.contract.errors import NotifyError
from gallery.contract.rules import check_tags, check_typed_name
from gallery.models import Command, Item, ItemTag
from gallery.services.change import Change
from gallery.services.checks import checked
from gallery.services.commands import queue_command
from gallery.services.locks import require_unlocked
from gallery.services.needs import Needs
from gallery.services.revisions import transact

LOCKED = {"name", "metadata"}  # a star or a tag takes nothing from whoever is writing


def edit_item(sender: Sender, item_id: str, changes: dict[str, Any]) -> Item:
    """Change an item's name, metadata, star or tags; what a person edits is remembered, and no worker overwrites it."""
    changes = dict(changes)
    if sender.by_hand and "name" in changes:
        changes["name"] = checked("name", check_typed_name, changes["name"])
    tags = checked("tags", check_tags, changes.pop("tags")) if "tags" in changes else None

    def work(change: Change) -> Item:
        item = change.item(sender, item_id)
        if changes.keys() & LOCKED:
            require_unlocked(change, sender, item)
        put_changes(change, sender, item, changes, tags)
        return item

    return transact(Needs(item_ids={item_id}), work)


def put_changes(
    change: Change, sender: Sender, item: Item, changes: dict[str, Any], tags: list[str] | None = None
) -> None:
    """The same within a transaction, with values that were checked, for an item that may be changed."""
    changed = [name for name, value in changes.items() if getattr(item, name) != value]
    written = list(changed)
    if not sender.by_hand:
        written = [name for name in changed if name not in item.edited_fields]
    for name in written:
        setattr(item, name, changes[name])
    if tags is not None and (sender.by_hand or "tags" not in item.edited_fields) and _put_tags(item, tags):
        changed.append("tags")
        change.touch_item(item, "card")
    if written:
        change.touch_item(item, "card", *written)
    if sender.by_hand and (edited := set(changed) - set(item.edited_fields)):
        item.edited_fields = [*item.edited_fields, *sorted(edited)]
        change.touch(item, "edited_fields")


def _put_tags(item: Item, tags: list[str]) -> bool:
    """Whether they are others than before. The folder is locked: nobody else puts them meanwhile."""
    before = set(ItemTag.objects.filter(item=item.id).values_list("name", flat=True))
    if before == set(tags):
        return False
    ItemTag.objects.filter(item=item.id).exclude(name__in=tags).delete()
    ItemTag.objects.bulk_create([ItemTag(item_id=item.id, name=name) for name in tags if name not in before])
    return True


def retry_item(sender: Sender, item_id: str) -> None:
    """A person asks the worker to make a failed item once more."""

    def work(change: Change) -> None:
        item = change.item(sender, item_id)
        if not item.can_retry:
            raise NotifyError("conflict", _("Only a failed item whose worker is known can be tried again."))
        item.retry_asked_at = change.now
        change.touch_item(item, "card", "retry_asked_at")
        queue_command(item.batch.token_id, Command.Type.ITEM_RETRY, {"itemId": item.id}, item.batch)

    transact(Needs(item_ids={item_id}), work)
