"""Who else may look into a folder or change it: its owners say so, and open pages follow within seconds."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from gallery.access import Role, Sender
from gallery.contract.errors import FieldError, NotifyError
from gallery.models import Membership
from gallery.services.folders import announce_access, own_folder
from gallery.services.revisions import database_errors

MOST_MEMBERS = 500  # of one folder; more belong into a group or a public one


def put_member(sender: Sender, folder_id: str, username: str, role: str) -> Membership:
    """Let somebody into a folder, or change what they may do there.

    Raises ``invalid`` where nobody is called so or there is no such role, ``conflict`` for the folder's own owner and
    where there are too many, ``forbidden`` and ``not_found`` for who may not say so.
    """
    if role not in Role.values:
        raise NotifyError("invalid", _("There is no such role."), [FieldError("role", "is none")])
    with database_errors(), transaction.atomic():
        folder = own_folder(sender, folder_id, is_locked=True)
        user = _named(username)
        if user.pk == folder.owner_id:
            raise NotifyError("conflict", _("“%(name)s” owns this folder.") % {"name": username})
        others = folder.memberships.exclude(user=user)
        if others.count() >= MOST_MEMBERS:
            raise NotifyError("conflict", _("A folder has at most %(count)s members.") % {"count": MOST_MEMBERS})
        membership, _is_new = Membership.objects.update_or_create(folder=folder, user=user, defaults={"role": role})
        announce_access(folder_id)
    return membership


def remove_member(sender: Sender, folder_id: str, user_id: int) -> None:
    """Let somebody out of a folder again: by its owners, or by themselves.

    Raises ``not_found`` where they are not in, ``forbidden`` for who may not say so.
    """
    with database_errors(), transaction.atomic():
        if sender.user_key != user_id:
            own_folder(sender, folder_id, is_locked=True)
        removed, _rows = Membership.objects.filter(folder=folder_id, user=user_id).delete()
        if not removed:
            raise NotifyError("not_found", _("They are not a member of this folder any more."))
        announce_access(folder_id)


def _named(username: str) -> Any:
    users = get_user_model()
    name = username.replace("\0", "").strip()[:150]
    user = users._default_manager.filter(**{users.USERNAME_FIELD: name}, is_active=True).first()
    if user is None:
        raise NotifyError("invalid", _("There is nobody called “%(name)s” here.") % {"name": name})
    return user
