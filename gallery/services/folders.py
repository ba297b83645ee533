"""Folders: created, changed and removed; whoever has them open hears of it."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from gallery.access import NOT_FOUND, Role, Sender, role_in
from gallery.contract import limits
from gallery.contract.errors import FieldError, NotifyError
from gallery.doorbell import ACCESS, FOLDER, ring_on_commit
from gallery.models import BatchSlot, Folder, Item
from gallery.services.files import discard_on_commit
from gallery.services.revisions import database_errors, take_revision

NOT_EDITED = ("id", "revision", "memory_floor", "item_count")  # others count them up meanwhile


def create_folder(user: Any, *, name: str, visibility: str = Folder.Visibility.PRIVATE) -> Folder:
    """A new folder that this person owns."""
    name = " ".join(name.split())
    errors = []
    if not name:
        errors.append(FieldError("name", "is missing"))
    elif len(name) > limits.NAME_LENGTH:
        errors.append(FieldError("name", f"must have at most {limits.NAME_LENGTH} characters"))
    elif "\0" in name:
        errors.append(FieldError("name", "must not contain NUL characters"))
    if visibility not in Folder.Visibility.values:
        errors.append(FieldError("visibility", f"must be one of: {', '.join(Folder.Visibility.values)}"))
    if errors:
        raise NotifyError("invalid", f"{errors[0].field} {errors[0].message}.", errors)
    with database_errors(), transaction.atomic():
        folder = Folder.objects.create(name=name, owner=user, visibility=visibility)
        ring_on_commit(FOLDER, folder.id, 0)
    return folder


def save_folder(folder: Folder) -> None:
    """Store a changed folder (name, visibility, owner); pages and sockets that are open follow."""
    with database_errors(), transaction.atomic():
        revision = take_revision(folder.id)
        fields = [field.name for field in Folder._meta.concrete_fields if field.name not in NOT_EDITED]
        folder.save(**({"update_fields": fields} if revision else {"force_insert": True}))
        announce_access(folder.id, revision or 0)


def delete_folder(sender: Sender, folder_id: str) -> None:
    """Remove the folder and all that is in it; its sockets close with 4404."""
    role = role_in(sender.user, folder_id) if sender.user else Role.OWNER
    if role is None:
        raise NotifyError("not_found", NOT_FOUND["folder"])
    if role != Role.OWNER:
        raise NotifyError("forbidden", "Only the folder's owner may delete it.")
    with database_errors(), transaction.atomic():
        take_revision(folder_id)
        for item in Item.objects.filter(folder=folder_id).only("media_file", "thumb_file", "preview_file").iterator():
            discard_on_commit(item.media_file, item.thumb_file, item.preview_file)
        slots = BatchSlot.objects.filter(folder=folder_id).exclude(preview_file="")
        discard_on_commit(*slots.values_list("preview_file", flat=True))
        Folder.objects.filter(id=folder_id).delete()
        announce_access(folder_id)


def announce_access(folder_id: str = "", revision: int = 0) -> None:
    """Somebody's rights changed: after the commit every process looks at its open sockets again."""
    if folder_id:
        ring_on_commit(FOLDER, folder_id, revision)
    ring_on_commit(ACCESS)
