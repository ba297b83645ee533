"""Which rows some events speak of, and in which folders those are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from gallery.models import Batch, BatchSlot, Item, ItemLock
from gallery.services.rows import among, listed, read_rows, select

FOLDERS_OF_ITEMS = """
SELECT DISTINCT gallery_item.folder_id, gallery_batch.folder_id
FROM gallery_item LEFT JOIN gallery_batch ON gallery_batch.id = gallery_item.batch_id WHERE
"""


know_batch = Item._meta.get_field("batch").set_cached_value  # (item, batch or None)


@dataclass
class Needs:
    """The ids that some events speak of; from them follow the folders to lock and the rows to read."""

    folder_ids: set[str] = field(default_factory=set)
    item_ids: set[str] = field(default_factory=set)
    batch_ids: set[str] = field(default_factory=set)
    ending_batch_ids: set[str] = field(default_factory=set)  # their pending items are touched, wherever they are
    slots: set[tuple[str, int]] = field(default_factory=set)  # (batch id, index)
    item_fields: set[str] = field(default_factory=set)  # of items, the others being deferred; empty reads all

    def find_folders(self) -> set[str]:
        """The folders of these rows as they stand now (before the lock: they may still move)."""
        folders = set(self.folder_ids)
        if self.item_ids:
            for pair in select(FOLDERS_OF_ITEMS + among("gallery_item.id"), [listed(self.item_ids)]):
                folders.update(pair)
        if batch_ids := self.batch_ids | self.ending_batch_ids:
            folders.update(Batch.objects.filter(id__in=batch_ids).values_list("folder_id", flat=True))
        if self.ending_batch_ids:
            pending = Item.objects.with_trash().filter(batch__in=self.ending_batch_ids, is_pending=True)
            folders.update(pending.values_list("folder_id", flat=True).distinct())
        return folders - {None, ""}

    def read_items(self) -> dict[str, Item]:
        """By their ids."""
        items = {item.id: item for item in read_rows(Item, "id", self.item_ids, sorted(self.item_fields))}
        if self.ending_batch_ids:
            for item in Item.objects.with_trash().filter(batch__in=self.ending_batch_ids, is_pending=True):
                items.setdefault(item.id, item)
        return items

    def read_batches(self, items: dict[str, Item]) -> dict[str, Batch]:
        """By their ids; also those of the items, each of which then knows its own."""
        of_items = {item.batch_id for item in items.values() if item.batch_id}
        ids = self.batch_ids | self.ending_batch_ids | of_items
        batches = {batch.id: batch for batch in read_rows(Batch, "id", ids)}
        for item in items.values():
            know_batch(item, batches.get(item.batch_id))
        return batches

    def read_slots(self) -> dict[tuple[str, int], BatchSlot]:
        """By batch id and index."""
        indexes: dict[str, set[int]] = defaultdict(set)
        for batch_id, index in self.slots:
            indexes[batch_id].add(index)
        return {
            (batch_id, slot.index): slot
            for batch_id, wanted in indexes.items()
            for slot in BatchSlot.objects.filter(batch=batch_id, index__in=wanted)
        }


def read_leases(items: dict[str, Item]) -> dict[str, ItemLock]:
    """By the ids of their items."""
    return {lease.item_id: lease for lease in read_rows(ItemLock, "item_id", items)}
