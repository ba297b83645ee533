"""Folders: created, changed and put elsewhere; whoever has them open hears of it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from gallery.access import NOT_FOUND, Role, Sender, require_editor, role_in
from gallery.contract.errors import FieldError, NotifyError
from gallery.contract.rules import check_typed_name
from gallery.doorbell import ACCESS, FOLDER, ring_on_commit
from gallery.models import Folder, Item
from gallery.services.checks import checked
from gallery.services.revisions import database_errors, take_revision
from gallery.services.trees import DEPTH, TOO_DEEP, ancestors, lock_for_move

NOT_EDITED = ("id", "revision", "memory_floor", "item_count")  # others count them up meanwhile
OWNERS_ONLY = _("Only the folder's owner may do this.")


def create_folder(
    user: Any,
    *,
    name: str,
    visibility: str = Folder.Visibility.PRIVATE,
    parent_id: str | None = None,
    sort: str = Folder.Sort.NEWEST,
) -> Folder:
    """A new folder that this person owns; within another one, if that may be changed by them."""
    name = checked("name", check_typed_name, name)
    _require_choice("visibility", visibility, Folder.Visibility.values)
    _require_choice("sort", sort, Folder.Sort.values)
    with database_errors(), transaction.atomic():
        if parent_id is not None:
            require_editor(role_in(user, parent_id))
            if len(ancestors(parent_id)) >= DEPTH:
                raise NotifyError("conflict", TOO_DEEP % {"depth": DEPTH})
        folder = Folder.objects.create(name=name, owner=user, visibility=visibility, parent_id=parent_id, sort=sort)
        announce_access(folder.id)
    return folder


def save_folder(folder: Folder) -> None:
    """Store a changed folder (name, visibility, owner); pages and sockets that are open follow."""
    with database_errors(), transaction.atomic():
        revision = take_revision(folder.id)
        fields = [field.name for field in Folder._meta.concrete_fields if field.name not in NOT_EDITED]
        folder.save(**({"update_fields": fields} if revision else {"force_insert": True}))
        announce_access(folder.id, revision or 0)


def edit_folder(sender: Sender, folder_id: str, changes: dict[str, Any]) -> None:
    """Change ``name``, ``sort`` or ``cover_id`` (editors), put it into ``parent_id`` (editors of both, None: to the
    top) or change its ``visibility`` (owners). All of it happens or, where something is refused, nothing.
    """
    changes = dict(changes)
    role = role_of_sender(sender, folder_id)
    require_editor(role)
    if "visibility" in changes:
        if role != Role.OWNER:
            raise NotifyError("forbidden", OWNERS_ONLY)
        _require_choice("visibility", changes["visibility"], Folder.Visibility.values)
    if "name" in changes:
        changes["name"] = checked("name", check_typed_name, changes["name"])
    if "sort" in changes:
        _require_choice("sort", changes["sort"], Folder.Sort.values)
    parent_id = changes.get("parent_id")
    if parent_id is not None:
        require_editor(role_of_sender(sender, parent_id))
    with database_errors(), transaction.atomic():
        if "parent_id" in changes:
            lock_for_move(folder_id, parent_id)
        _write(folder_id, changes)


def _write(folder_id: str, changes: dict[str, Any]) -> None:
    revision = take_revision(folder_id)
    if revision is None:
        raise NotifyError("not_found", NOT_FOUND["folder"])
    if changes.get("cover_id") is not None:
        _require_within(folder_id, changes["cover_id"])
    if changes:
        Folder.objects.filter(id=folder_id).update(**changes)
    if changes.keys() & {"visibility", "parent_id"}:
        announce_access(folder_id, revision)
    else:
        ring_on_commit(FOLDER, folder_id, revision)


def role_of_sender(sender: Sender, folder_id: str) -> Role | None:
    """What this sender is in the folder; the site may do all."""
    if sender.is_site:
        return Role.OWNER if Folder.objects.filter(id=folder_id, going_at=None).exists() else None
    return role_in(sender.user, folder_id)


def own_folder(sender: Sender, folder_id: str, *, is_locked: bool = False) -> Folder:
    """The folder, where this sender is one of its owners; ``is_locked``: held until the commit.

    Raises ``not_found`` for who may not see it, ``forbidden`` for who is none.
    """
    role = role_of_sender(sender, folder_id)
    if role is not None and role != Role.OWNER:
        raise NotifyError("forbidden", OWNERS_ONLY)
    require_editor(role)
    folders = Folder.objects.select_for_update() if is_locked else Folder.objects
    folder = folders.filter(id=folder_id).first()
    if folder is None:
        raise NotifyError("not_found", NOT_FOUND["folder"])
    return folder


def announce_access(folder_id: str = "", revision: int = 0) -> None:
    """Somebody's rights changed, or what there is: after the commit every process looks at its open sockets again."""
    if folder_id:
        ring_on_commit(FOLDER, folder_id, revision)
    ring_on_commit(ACCESS)


def _require_within(folder_id: str, item_id: str) -> None:
    if not Item.objects.living().filter(id=item_id, folder=folder_id).exists():
        raise NotifyError("not_found", "There is no such item in this folder.", [FieldError("coverId", "is not there")])


def _require_choice(field: str, value: Any, choices: list[str]) -> None:
    if value not in choices:
        error = FieldError(field, f"must be one of: {', '.join(choices)}")
        raise NotifyError("invalid", f"{field} {error.message}.", [error])
