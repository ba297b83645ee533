"""A folder that goes, with what is in it: how much that is, and how it goes in pieces that hold nobody up."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from gallery.access import Role, Sender
from gallery.models import BatchSlot, Folder, Item, MassAction, Tombstone
from gallery.models.mass_action import REMOVE_FOLDER
from gallery.services.change import Change
from gallery.services.files import discard_on_commit
from gallery.services.folders import announce_access, own_folder
from gallery.services.mass_actions import Status, close, keep_action, patience, show, with_open
from gallery.services.mass_requests import MOST_IN_REQUEST
from gallery.services.revisions import database_errors, give_back_revision, take_revision
from gallery.services.trash import purge_items
from gallery.services.trees import branch_of

PIECE = 250  # items a transaction: nobody looks at them, but others write meanwhile
SLOTS_A_PIECE = 5_000


@dataclass(frozen=True)
class Contents:
    """What goes with a folder, and what stays: folders of other people, which move up to where it stood."""

    going: list[Folder]  # the folder itself first, then those in it
    staying: list[Folder]

    @property
    def item_count(self) -> int:
        """Without those in the trash."""
        return sum(folder.item_count for folder in self.going)

    @property
    def folder_count(self) -> int:
        """Without the folder itself."""
        return len(self.going) - 1


def contents_of(sender: Sender, folder: Folder) -> Contents:
    """Down from the folder as far as this sender is the owner."""
    return Contents(*branch_of(sender, folder, lambda role: role == Role.OWNER))


def delete_folder(sender: Sender, folder_id: str) -> None:
    """The folder and all that is in it is gone at once for everybody; the sockets of those who look close with 4404.

    What there is of it is removed after that, in the background where it is much.
    """
    with database_errors(), transaction.atomic():
        folder = own_folder(sender, folder_id)
        locked = {one.id for one in contents_of(sender, folder).going}
        for gone_id in sorted(locked):
            take_revision(gone_id)
        folder = own_folder(sender, folder_id)
        ids = [one.id for one in contents_of(sender, folder).going if one.id in locked]
        for spared_id in locked - set(ids):  # put elsewhere, or given away, before the lock
            give_back_revision(spared_id)
        Folder.objects.filter(parent__in=ids).exclude(id__in=ids).update(parent=folder.parent_id)
        Folder.objects.filter(id__in=ids).update(going_at=timezone.now())
        for gone_id in ids:
            announce_access(gone_id)
        total = Item.objects.with_trash().filter(folder__in=ids).count()
        removal = keep_action(
            sender,
            REMOVE_FOLDER,
            {"folderIds": ids, "name": folder.name},
            total=max(1, total),
            now=timezone.now(),
            folded=total <= MOST_IN_REQUEST,
        )
    if removal.folded:
        while removal.is_open:
            remove_a_piece(removal)
            removal.refresh_from_db()


def remove_a_piece(removal: MassAction) -> bool:
    """Some of the items of folders that go, then what their batches left, at last the folders. True: it came on.

    It begins anew wherever it was left, for what is removed is not found again; two at once do no harm.
    """
    going = set(removal.arguments["folderIds"])
    item_ids = set(Item.objects.with_trash().filter(folder__in=going).values_list("pk", flat=True)[:PIECE])
    slots = BatchSlot.objects.filter(folder__in=going)
    slot_ids = [] if item_ids else list(slots.values_list("pk", flat=True)[:SLOTS_A_PIECE])

    def work(change: Change, row: MassAction) -> bool:
        mine = [item for item in change.items.values() if item.folder_id in going]
        purge_items(change, mine)
        # Nobody catches up here any more. They go with each piece, for all at once would be many.
        change.after_rows.append(lambda: Tombstone.objects.filter(folder__in=going).delete())
        if slot_ids:
            previews = slots.filter(pk__in=slot_ids).exclude(preview_file="")
            discard_on_commit(*previews.values_list("preview_file", flat=True))
            slots.filter(pk__in=slot_ids).delete()
        row.done_count += len(mine)
        row.status, row.message, row.taken_up = Status.RUNNING, "", 0
        row.moved_at, row.look_at = change.now, change.now + patience()
        show(change, row, "done_count", "status", "message", "taken_up", "moved_at", "look_at")
        if not item_ids and not slot_ids:
            Folder.objects.filter(id__in=going).delete()
            close(change, row, Status.COMPLETE, "")
        return True

    return bool(with_open(removal, work, item_ids=item_ids))
