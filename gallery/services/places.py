"""Items that move from folder to folder."""

from __future__ import annotations

from collections.abc import Iterable

from gallery.models import Folder, Item
from gallery.services.change import Change
from gallery.services.slots import bury_slots, stands_with_batch


def move_items(change: Change, items: Iterable[Item], folder_id: str) -> None:
    """Let these leave where they are, and arrive there; they keep their batch, their worker and their place in time."""
    moving = [item for item in items if item.folder_id != folder_id]
    bury_slots(change, [item for item in moving if stands_with_batch(item)])
    for item in moving:
        change.leave(item)
        item.folder_id = folder_id
        change.touch(item, "folder")
        change.arrive(item)
    Folder.objects.filter(cover__in=[item.id for item in moving]).update(cover=None)
