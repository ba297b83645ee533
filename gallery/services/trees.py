"""Folders in folders: which stand in which, and how one is put elsewhere without ever making a circle."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.utils.translation import gettext_lazy as _

from gallery.access import Role, Sender, roles_in
from gallery.contract.errors import NotifyError
from gallery.models import Folder

DEPTH = 20  # folders inside each other
INTO_ITSELF = _("A folder cannot be moved into itself, nor into a folder that stands in it.")
TOO_DEEP = _("Folders stand at most %(depth)s deep in each other.")


def ancestors(folder_id: str | None) -> list[str]:
    """The folder and those around it, from the inside out."""
    way: list[str] = []
    while folder_id is not None and folder_id not in way and len(way) <= DEPTH:
        way.append(folder_id)
        folder_id = Folder.objects.filter(id=folder_id).values_list("parent_id", flat=True).first()
    return way


def children_of(folder_ids: Iterable[str]) -> list[Folder]:
    return list(Folder.objects.filter(parent__in=list(folder_ids), going_at=None).order_by("id"))


def branch_of(
    sender: Sender, folder: Folder, takes: Callable[[Role | None], bool]
) -> tuple[list[Folder], list[Folder]]:
    """The folder and those in it, outer ones first, as far as the sender's role there is taken; and where it ended."""
    taken, left, level = [folder], [], [folder]
    known = {folder.id}
    while level:
        children = [child for child in children_of(one.id for one in level) if child.id not in known]
        known.update(child.id for child in children)
        roles = roles_in(sender, [child.id for child in children])
        level = [child for child in children if takes(roles.get(child.id))]
        taken += level
        left += [child for child in children if not takes(roles.get(child.id))]
    return taken, left


def lock_for_move(folder_id: str, parent_id: str | None) -> None:
    """Within a transaction: this folder may be put into that one, or ``conflict`` is raised.

    Two moves at once could make a circle that neither sees. So each locks the folders around the place where it goes:
    whichever comes second finds them changed, looks again, and refuses.
    """
    around = ancestors(parent_id)
    while True:
        rows = Folder.objects.select_for_update().filter(id__in={folder_id, *around}).order_by("id")
        list(rows.values_list("id", flat=True))
        found = ancestors(parent_id)
        if found == around:
            break
        around = found
    if folder_id in around:
        raise NotifyError("conflict", INTO_ITSELF)
    if len(around) + _height(folder_id) > DEPTH:
        raise NotifyError("conflict", TOO_DEEP % {"depth": DEPTH})


def _height(folder_id: str) -> int:
    """How many folders stand in each other from this one on."""
    level, height = [folder_id], 0
    while level and height <= DEPTH:
        height += 1
        level = [child.id for child in children_of(level)]
    return height
