"""Locks: a lease that one user holds on an item, and a sentence for everybody else."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from gallery.access import Sender
from gallery.contract import limits
from gallery.contract.errors import NotifyError
from gallery.contract.events import ItemLockEvent, ItemUnlockEvent
from gallery.contract.parse import parse_event
from gallery.contract.receipts import Receipt
from gallery.models import Item, ItemLock
from gallery.services.change import Change
from gallery.services.needs import Needs
from gallery.services.revisions import transact

THE_SITE = "the site"
CANCELLED_BY_THE_SITE = "Cancelled by the site."
CANCELLED_BY = "Cancelled by {}."  # as batches and actions keep it; gallery.templatetags.texts knows it


def cancelled_by(sender: Sender) -> str:
    """The sentence that a batch or an action keeps which this sender has cancelled."""
    return CANCELLED_BY.format(sender.label) if sender.label else CANCELLED_BY_THE_SITE


def require_unlocked(change: Change, sender: Sender, item: Item) -> None:
    """Raise ``locked``, and say who holds it, where another user does."""
    if lease := change.lease_against(sender, item):
        seconds = max(1, round((lease.expires_at - change.now).total_seconds()))
        said = _("%(name)s is editing this item (for %(seconds)s s more, unless renewed).")
        raise NotifyError("locked", said % {"name": lease.shown_holder, "seconds": seconds})


def lock_item(change: Change, sender: Sender, event: ItemLockEvent) -> Receipt:
    """Take or renew the lease; the fence grows with every new one. In the trash nobody sees it: no revision."""
    item = change.item(sender, event.item_id)
    require_unlocked(change, sender, item)
    stamps_before = change.stamps
    lease = change.leases.get(item.id)
    if lease is None:
        lease = ItemLock(item_id=item.id)
        change.add(lease)
        change.leases[item.id] = lease
    is_mine = lease.is_held and lease.holder_id == sender.user_key
    if not is_mine:
        lease.fence += 1
        lease.holder_id = sender.user_key
        lease.holder_name = sender.label or THE_SITE
    lease.expires_at = change.now + timedelta(seconds=event.ttl_seconds)
    change.touch(lease, "fence", "holder", "holder_name", "expires_at")
    change.touch_item(item, "lock")
    return _receipt(item, change.revision_since(stamps_before, item.folder_id), lease.fence)


def unlock_item(change: Change, sender: Sender, event: ItemUnlockEvent) -> Receipt:
    """Give the lease back; without one, nothing changes."""
    item = change.item(sender, event.item_id)
    require_unlocked(change, sender, item)
    stamps_before = change.stamps
    free_item(change, item)
    return _receipt(item, change.revision_since(stamps_before, item.folder_id))


def free_item(change: Change, item: Item) -> bool:
    """End the item's lease, whoever holds it; False where there was none."""
    lease = change.leases.get(item.id)
    if lease is None or lease.expires_at is None:
        return False
    lease.expires_at, lease.holder_id, lease.holder_name = None, None, ""
    change.touch(lease, "expires_at", "holder", "holder_name")
    change.touch_item(item, "lock")
    return True


def acquire_lock(sender: Sender, item_id: str, ttl_seconds: int = limits.LEASE_SECONDS) -> Receipt:
    """A person begins to edit; raises ``locked`` where somebody else does, ``invalid`` for what no event may say."""
    event = parse_event("item:lock", {"itemId": item_id, "ttlSeconds": ttl_seconds}).event
    return transact(Needs(item_ids={item_id}), lambda change: lock_item(change, sender, event))


def release_lock(sender: Sender, item_id: str) -> Receipt:
    """A person is done with editing; raises ``invalid`` for what no item's id can be."""
    event = parse_event("item:unlock", {"itemId": item_id}).event
    return transact(Needs(item_ids={item_id}), lambda change: unlock_item(change, sender, event))


def break_lock(item_id: str) -> None:
    """An administrator frees an item that somebody else holds."""

    def work(change: Change) -> None:
        if item := change.items.get(item_id):
            free_item(change, item)

    transact(Needs(item_ids={item_id}), work)


def _receipt(item: Item, revision: int | None, fence: int | None = None) -> Receipt:
    return Receipt(revision=revision, folder_id=item.folder_id, item_id=item.id, fence=fence)
