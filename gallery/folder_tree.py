"""Folders in folders as one person sees them: the way to a folder, and where something may be put."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q

from gallery.access import Role, visible_folders
from gallery.models import Folder, Membership
from gallery.services.trees import DEPTH

FOLDERS_LISTED = 500  # at most, in the panel and where one of them is chosen


@dataclass(frozen=True)
class Branch:
    """A folder, and how deep it stands; ``around`` is called what it stands in, where that is not among the others."""

    folder: Folder
    depth: int
    around: str = ""


def trail_to(user: Any, folder: Folder) -> list[Folder]:
    """The folders around this one that the person may see, from the outside in."""
    trail: list[Folder] = []
    parent_id = folder.parent_id
    while parent_id is not None and len(trail) < DEPTH:
        parent = visible_folders(user).filter(id=parent_id).first()
        if parent is None or parent in trail:
            break
        trail.insert(0, parent)
        parent_id = parent.parent_id
    return trail


def branches(folders: list[Folder]) -> list[Branch]:
    """The folders as a tree, each level by the alphabet; one whose parent is not among them stands at the top."""
    known = {folder.id for folder in folders}
    below: dict[str | None, list[Folder]] = defaultdict(list)
    for folder in sorted(folders, key=lambda folder: (folder.name.casefold(), folder.id)):
        below[folder.parent_id if folder.parent_id in known else None].append(folder)
    found: list[Branch] = []
    waiting = [Branch(folder, 0) for folder in reversed(below[None])]
    while waiting:
        branch = waiting.pop()
        found.append(branch)
        waiting += [Branch(folder, branch.depth + 1) for folder in reversed(below[branch.folder.id])]
    return found


def tree_of(user: Any) -> list[Branch]:
    """All folders that this person may see, the newest where they are too many."""
    return branches(list(visible_folders(user).order_by("-created_at", "-id")[:FOLDERS_LISTED]))


def editable_tree(user: Any, without: Folder | None = None, q: str = "") -> list[Branch]:
    """Where this person may put something, by its name where they are too many; without a folder and what is in it."""
    member = Membership.objects.filter(user=user, role__in=(Role.EDITOR, Role.OWNER)).values("folder")
    shared = Q(id__in=member) & ~Q(visibility=Folder.Visibility.PRIVATE)
    folders = visible_folders(user).filter(Q(owner=user) | shared, name__icontains=q).order_by("-created_at", "-id")
    found, skipped = [], DEPTH + 1  # the depth at which what is left out began
    for branch in branches(list(folders[:FOLDERS_LISTED])):
        if branch.depth <= skipped:
            skipped = branch.depth if without is not None and branch.folder.id == without.id else DEPTH + 1
        if skipped > DEPTH:
            found.append(branch)
    outside = {branch.folder.parent_id for branch in found if branch.depth == 0} - {None}
    names = dict(visible_folders(user).filter(id__in=outside).values_list("id", "name")) if outside else {}
    return [replace(one, around="" if one.depth else names.get(one.folder.parent_id, "")) for one in found]
