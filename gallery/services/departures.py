"""What remains of items that leave a folder: a tombstone for pages that sleep; of those that go, nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from gallery.models import Folder, Item, ItemLock, ItemTag, Tombstone


def write_tombstones(left: Mapping[tuple[str, str], bool], revisions: Mapping[str, int]) -> None:
    """For each (folder id, item id) that has left; those of what came, or came back, go."""
    back: dict[str, list[str]] = defaultdict(list)
    gone = []
    for (folder_id, item_id), has_left in left.items():
        if has_left:
            gone.append(Tombstone(folder_id=folder_id, item_id=item_id, revision=revisions[folder_id]))
        else:
            back[folder_id].append(item_id)
    for folder_id, item_ids in back.items():
        Tombstone.objects.filter(folder=folder_id, item_id__in=item_ids).delete()
    if gone:
        Tombstone.objects.bulk_create(
            gone,
            update_conflicts=True,
            unique_fields=["folder", "item_id"],
            update_fields=["revision", "buried_at"],
        )


def delete_items(ids: Collection[str]) -> None:
    """The rows of these items, and whatever hangs on them."""
    ItemLock.objects.filter(item__in=ids).delete()
    ItemTag.objects.filter(item__in=ids).delete()
    Folder.objects.filter(cover__in=ids).update(cover=None)
    Item.objects.filter(id__in=ids)._raw_delete("default")
