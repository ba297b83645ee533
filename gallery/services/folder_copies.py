"""A folder copied with what is in it: the folders at once, their items after that in the background."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gallery.access import NOT_FOUND, Sender, require_editor
from gallery.contract.errors import NotifyError
from gallery.contract.rules import check_typed_name
from gallery.models import Folder
from gallery.services.checks import checked
from gallery.services.folders import announce_access, role_of_sender
from gallery.services.mass_actions import keep_action
from gallery.services.mass_requests import require_turn
from gallery.services.revisions import database_errors
from gallery.services.trees import DEPTH, TOO_DEEP, ancestors, branch_of

MOST_FOLDERS = 100  # that are copied together


def folders_to_copy(sender: Sender, folder: Folder) -> list[Folder]:
    """The folder and, from the outside in, those in it that this sender may see."""
    return branch_of(sender, folder, lambda role: role is not None)[0]


def copy_folder(sender: Sender, folder_id: str, *, name: str, parent_id: str | None = None) -> Folder:
    """A new folder of the sender's own with copies of all items, also those of the folders in it.

    Private, for it has no members yet. What still develops is left out, and said on the action's strip. Raises
    ``not_found``, ``forbidden`` (where it shall stand), ``invalid`` (the name) and ``conflict`` (too much at once).
    """
    name = checked("name", check_typed_name, name)
    if role_of_sender(sender, folder_id) is None:
        raise NotifyError("not_found", NOT_FOUND["folder"])
    if parent_id is not None:
        require_editor(role_of_sender(sender, parent_id))
    with database_errors(), transaction.atomic():
        sources = folders_to_copy(sender, Folder.objects.get(id=folder_id))
        _require_room(sources, parent_id)
        require_turn(sender, sources[0], "copy")
        copies: dict[str, Folder] = {}
        for source in sources:
            around = copies.get(source.parent_id or "")
            copies[source.id] = Folder.objects.create(
                name=source.name if copies else name,
                owner=sender.user,
                parent_id=around.id if around else parent_id,
                sort=source.sort,
            )
            announce_access(copies[source.id].id)
            if source.item_count:
                _copy_items(sender, source, copies[source.id])
    return copies[folder_id]


def _require_room(sources: list[Folder], parent_id: str | None) -> None:
    if len(sources) > MOST_FOLDERS:
        raise NotifyError("conflict", _("At most %(count)s folders are copied at once.") % {"count": MOST_FOLDERS})
    heights: dict[str | None, int] = {}
    for source in sources:
        heights[source.id] = heights.get(source.parent_id, 0) + 1
    if len(ancestors(parent_id)) + max(heights.values()) > DEPTH:
        raise NotifyError("conflict", TOO_DEEP % {"depth": DEPTH})


def _copy_items(sender: Sender, source: Folder, copy: Folder) -> None:
    keep_action(
        sender,
        "copy",
        {"folderId": copy.id},
        total=source.item_count,
        now=timezone.now(),
        folder=copy,
        source=source,
        view=f"all={source.revision}",
    )
