"""A folder that goes, with what is in it: how much that is, and how it goes in pieces that hold nobody up."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from gallery.access import NOT_FOUND, Role, Sender, require_editor, roles_in
from gallery.contract.errors import NotifyError
from gallery.models import BatchSlot, Folder, Item
from gallery.services.change import Change
from gallery.services.files import discard_on_commit
from gallery.services.folders import OWNERS_ONLY, announce_access, role_of_sender
from gallery.services.needs import Needs
from gallery.services.revisions import database_errors, give_back_revision, take_revision, transact
from gallery.services.trash import purge_items
from gallery.services.trees import ancestors, children_of

AT_ONCE = 1_000  # items a transaction


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
    going, staying, level = [folder], [], [folder]
    known = {folder.id}
    while level:
        children = [child for child in children_of(one.id for one in level) if child.id not in known]
        known.update(child.id for child in children)
        roles = roles_in(sender, [child.id for child in children])
        level = [child for child in children if roles.get(child.id) == Role.OWNER]
        going += level
        staying += [child for child in children if roles.get(child.id) != Role.OWNER]
    return Contents(going, staying)


def delete_folder(sender: Sender, folder_id: str) -> None:
    """Remove the folder and all that is in it for good; the sockets of those who look close with 4404."""
    folder = _own_folder(sender, folder_id)
    going = contents_of(sender, folder).going
    for one in going:
        _purge_items(sender, one.id, folder_id)
    with database_errors(), transaction.atomic():
        for gone_id in sorted(one.id for one in going):
            take_revision(gone_id)
        folder = _own_folder(sender, folder_id)
        still = {one.id for one in contents_of(sender, folder).going}
        ids = [one.id for one in going if one.id in still]
        for spared_id in {one.id for one in going} - still:
            give_back_revision(spared_id)
        Folder.objects.filter(parent__in=ids).exclude(id__in=ids).update(parent=folder.parent_id)
        _discard_files(ids)
        Folder.objects.filter(id__in=ids).delete()
        for gone_id in ids:
            announce_access(gone_id)


def _own_folder(sender: Sender, folder_id: str) -> Folder:
    role = role_of_sender(sender, folder_id)
    if role is not None and role != Role.OWNER:
        raise NotifyError("forbidden", OWNERS_ONLY)
    require_editor(role)
    folder = Folder.objects.filter(id=folder_id).first()
    if folder is None:
        raise NotifyError("not_found", NOT_FOUND["folder"])
    return folder


def _goes_with(sender: Sender, folder_id: str, outer_id: str) -> bool:
    """Whether it still stands in the other one, and all on the way is the sender's (see ``contents_of``)."""
    way = ancestors(folder_id)
    if outer_id not in way:
        return False
    inside = way[: way.index(outer_id) + 1]
    roles = roles_in(sender, inside)
    return all(roles.get(one_id) == Role.OWNER for one_id in inside)


def _purge_items(sender: Sender, folder_id: str, outer_id: str) -> None:
    """With their batches' counters, which may stand in other folders; what comes meanwhile goes with the folder.

    A large folder takes a while, in which somebody may put one that stands in it elsewhere: that one is let be.
    """
    items = Item.objects.with_trash().filter(folder=folder_id).values_list("pk", flat=True)
    while _goes_with(sender, folder_id, outer_id) and (ids := set(items[:AT_ONCE])):
        transact(Needs(item_ids=ids), lambda change: purge_items(change, _still_in(change, folder_id)))


def _still_in(change: Change, folder_id: str) -> list[Item]:
    return [item for item in change.items.values() if item.folder_id == folder_id]


def _discard_files(folder_ids: list[str]) -> None:
    for item in Item.objects.with_trash().filter(folder__in=folder_ids).iterator():
        discard_on_commit(*item.stored_files)
    slots = BatchSlot.objects.filter(folder__in=folder_ids).exclude(preview_file="")
    discard_on_commit(*slots.values_list("preview_file", flat=True))
