"""What one transaction read and is about to write: services mark rows here, and all are written together at its end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F
from django.utils import timezone

from gallery.access import NOT_FOUND, Role, Sender, may_edit, require_editor, roles_in
from gallery.contract.errors import NotifyError
from gallery.doorbell import FOLDER, ring_on_commit
from gallery.models import Batch, BatchSlot, EventReceipt, Folder, Item, ItemLock
from gallery.services.departures import delete_items, write_tombstones
from gallery.services.needs import Needs, read_leases
from gallery.services.row_writes import insert_columns, insert_rows, update_rows

PART_REVISIONS = {part: f"{part}_revision" for part in ("card", "progress", "lock")}

RECEIPT_COLUMNS = ("scope", "event_id", "digest", "receipt")


class NothingChanged(Exception):
    """Raised at the end of a transaction that has nothing to write, so that it rolls back."""


class Change:
    """The rows of one transaction. ``revisions`` are the locked folders with the revision each change takes."""

    def __init__(self, revisions: dict[str, int], needs: Needs) -> None:
        self.revisions = revisions
        self.now = timezone.now()
        self.items = needs.read_items()
        self.batches = needs.read_batches(self.items)
        self.leases = read_leases(self.items)
        self.slots = needs.read_slots()
        self.receipts: list[tuple[str, str, str, str]] = []  # scope, event id, digest, receipt of EventReceipt
        self.free_slots: dict[str, Any] = {}  # batch id → gallery.services.slots.FreeSlots
        self.next_looks: dict[float | None, datetime] = {}  # estimated seconds → when silence becomes a stall
        self._roles: dict[Any, dict[str, Role | None]] = {}
        self.stamps = 0  # how often something was changed for all to see
        self._changed_folders: set[str] = set()
        self._dirty: dict[int, tuple[models.Model, set[str]]] = {}  # by id(): hashing a model costs more
        self._new: dict[type[models.Model], dict[int, models.Model]] = defaultdict(dict)
        self._removed: dict[str, Item] = {}  # their rows go
        self._left: dict[tuple[str, str], bool] = {}  # (folder id, item id) → whether it left, or came
        self.after_rows: list[Callable[[], object]] = []  # what is written once the new rows are there
        self._counts: Counter[str] = Counter()  # folder id → how many more items it has

    def folders_of_rows(self) -> set[str]:
        """The folders that the rows turned out to be in, under the lock."""
        rows = [*self.items.values(), *self.batches.values()]
        return {row.folder_id for row in rows}

    # What services ask

    def role(self, sender: Sender, folder_id: str) -> Role | None:
        """The sender's role in a folder."""
        roles = self._roles.setdefault(sender.user_key, {})
        if folder_id not in roles:
            found = roles_in(sender, {folder_id, *self.revisions})
            roles.update({key: found.get(key) for key in {folder_id, *self.revisions}})
        return roles[folder_id]

    def item(self, sender: Sender, item_id: str) -> Item:
        """An item that the sender may change; raises ``not_found`` or ``forbidden``.

        A worker goes on with what lies in the trash and is told nothing of it; a person has to take it out first.
        """
        item = self.items.get(item_id)
        if item is None or (sender.by_hand and item.is_trashed):
            raise NotifyError("not_found", NOT_FOUND["item"])
        if not self._is_own_work(sender, item):
            require_editor(self.role(sender, item.folder_id), "item")
        return item

    def _is_own_work(self, sender: Sender, item: Item) -> bool:
        """A worker finishes what it makes, also where somebody has moved it to a folder that it may not write."""
        made_it = sender.token is not None and item.batch is not None and item.batch.token_id == sender.token.pk
        return made_it and may_edit(self.role(sender, item.batch.folder_id))

    def batch(self, sender: Sender, batch_id: str) -> Batch:
        """A batch that the sender may change; raises ``not_found`` or ``forbidden``."""
        batch = self.batches.get(batch_id)
        if batch is None:
            raise NotifyError("not_found", NOT_FOUND["batch"])
        require_editor(self.role(sender, batch.folder_id), "batch")
        return batch

    def lease_against(self, sender: Sender, item: Item) -> ItemLock | None:
        """The lease that keeps this sender out: one that another user holds now."""
        lease = self.leases.get(item.id)
        held = lease is not None and lease.expires_at is not None and lease.expires_at > self.now
        return lease if held and lease.holder_id != sender.user_key else None

    def know_slot(self, slot: BatchSlot) -> BatchSlot:
        """The one object that stands for this row here: two would each write what the other does not know."""
        return self.slots.setdefault((slot.batch_id, slot.index), slot)

    # What services say

    def revision_since(self, stamps: int, folder_id: str) -> int | None:
        """What a receipt says: the folder's revision, if something of it was changed since ``stamps`` were counted."""
        return self.revisions[folder_id] if self.stamps > stamps and folder_id in self._changed_folders else None

    def stamp(self, folder_id: str) -> int:
        """The revision that this transaction gives to what it changes in the folder."""
        self.stamps += 1
        self._changed_folders.add(folder_id)
        return self.revisions[folder_id]

    def touch(self, row: models.Model, *names: str) -> None:
        """These fields are to be written; nobody needs to see it."""
        if row._state.adding:
            return
        if (known := self._dirty.get(id(row))) is None:
            self._dirty[id(row)] = (row, set(names))
        else:
            known[1].update(names)

    def touch_item(self, item: Item, part: str, *names: str) -> None:
        """These fields are to be written, and pages shall see it: ``part`` is card, progress or lock."""
        if item.trashed_at is not None:  # no page shows it
            self.touch(item, *names)
            return
        revision = self.stamp(item.folder_id)
        part_revision = PART_REVISIONS[part]
        setattr(item, part_revision, revision)
        item.revision = revision
        self.touch(item, "revision", part_revision, *names)

    def touch_batch(self, batch: Batch, *names: str) -> None:
        """These fields are to be written, and the strip on the pages shall show it."""
        batch.revision = self.stamp(batch.folder_id)
        self.touch(batch, "revision", *names)

    def add(self, row: models.Model) -> None:
        """A new row."""
        self._new[type(row)][id(row)] = row

    def arrive(self, item: Item) -> None:
        """The item is in its folder from now on: new there, or back. All of it is news to whoever looks."""
        revision = self.stamp(item.folder_id)
        names = ("created_revision", *PART_REVISIONS.values())
        for name in names:
            setattr(item, name, revision)
        item.revision = revision
        self.touch(item, "revision", *names)
        self._left[item.folder_id, item.id] = False
        self._counts[item.folder_id] += 1

    def leave(self, item: Item) -> None:
        """The item is no more in its folder, for whoever looks; a tombstone says so to those who sleep."""
        self.stamp(item.folder_id)
        self._left[item.folder_id, item.id] = True
        self._counts[item.folder_id] -= 1

    def recount(self, folder_id: str, more: int) -> None:
        """So many more items than the folder's counter says."""
        self.stamp(folder_id)
        self._counts[folder_id] += more

    def remove_item(self, item: Item) -> None:
        """The item goes, with all it has."""
        if not item.is_trashed:
            self.leave(item)
        self._removed[item.id] = item
        del self.items[item.id]
        self._forget(item)
        if lease := self.leases.pop(item.id, None):
            self._forget(lease)

    def _forget(self, row: models.Model) -> None:
        self._dirty.pop(id(row), None)
        self._new[type(row)].pop(id(row), None)

    # What is written

    def write(self) -> set[str]:
        """Write everything, ring on commit; returns the folders in which nothing changed after all."""
        if not (self._changed_folders or self._dirty or self._removed or self.receipts or any(self._new.values())):
            raise NothingChanged
        if self._removed:
            delete_items(list(self._removed))
        write_tombstones(self._left, self.revisions)
        for model in (Batch, Item, ItemLock, BatchSlot):
            insert_rows(model, list(self._new[model].values()))
        if self.receipts:
            columns = zip(RECEIPT_COLUMNS, map(list, zip(*self.receipts, strict=True)), strict=True)
            insert_columns(EventReceipt, {**dict(columns), "created_at": [self.now] * len(self.receipts)})
        update_rows(self._dirty.values())
        for write in self.after_rows:
            write()
        for folder_id, more in self._counts.items():
            if more:
                Folder.objects.filter(id=folder_id).update(item_count=F("item_count") + more)
        for folder_id in self._changed_folders:
            ring_on_commit(FOLDER, folder_id, self.revisions[folder_id])
        # What goes out of the trash for good changes no folder's page; the trash has its own.
        for folder_id in {item.folder_id for item in self._removed.values()} - self._changed_folders:
            ring_on_commit(FOLDER, folder_id, 0)
        return set(self.revisions) - self._changed_folders
