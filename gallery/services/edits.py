"""What a person, or a worker through the API, does with an item: edit it, or ask for it once more."""

from __future__ import annotations

from typing import Any

from gallery.access import Sender
from gallery.contract.errors import NotifyError
from gallery.models import Command, Item
from gallery.services.change import Change
from gallery.services.commands import queue_command
from gallery.services.locks import require_unlocked
from gallery.services.needs import Needs
from gallery.services.revisions import transact


def edit_item(sender: Sender, item_id: str, changes: dict[str, Any]) -> Item:
    """Change an item's name or metadata; what a person edits is remembered, and no worker overwrites it."""

    def work(change: Change) -> Item:
        item = change.item(sender, item_id)
        require_unlocked(change, sender, item)
        changed = [name for name, value in changes.items() if getattr(item, name) != value]
        if not sender.by_hand:
            changed = [name for name in changed if name not in item.edited_fields]
        for name in changed:
            setattr(item, name, changes[name])
        if changed:
            change.touch_item(item, "card", *changed)
        if sender.by_hand and (edited := set(changed) - set(item.edited_fields)):
            item.edited_fields = [*item.edited_fields, *sorted(edited)]
            change.touch(item, "edited_fields")
        return item

    return transact(Needs(item_ids={item_id}), work)


def retry_item(sender: Sender, item_id: str) -> None:
    """A person asks the worker to make a failed item once more."""

    def work(change: Change) -> None:
        item = change.item(sender, item_id)
        if not item.can_retry:
            raise NotifyError("conflict", "Only a failed item whose worker is known can be tried again.")
        item.retry_asked_at = change.now
        change.touch_item(item, "card", "retry_asked_at")
        queue_command(item.batch.token_id, Command.Type.ITEM_RETRY, {"itemId": item.id}, item.batch)

    transact(Needs(item_ids={item_id}), work)
