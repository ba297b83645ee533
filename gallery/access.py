"""Who may see and change what. Every query that a person or a worker triggers is filtered here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from gallery.contract.errors import NotifyError
from gallery.models import Batch, Folder, Item, MassAction, Membership, WorkerToken

User = AbstractBaseUser | AnonymousUser
Role = Membership.Role

NOT_FOUND = {
    "folder": _("There is no folder with this id, or you may not see it."),
    "batch": _("There is no batch with this id, or you may not see it."),
    "item": _("There is no item with this id, or you may not see it."),
    "action": _("There is no such action, or you may not see it."),
}
ROLES = Membership.objects.filter(folder=OuterRef("pk")).values("role")
READ_ONLY = _("You may look at this folder, but not change it.")


@dataclass(frozen=True)
class Sender:
    """Who speaks: a person, a worker with its token, or (``user`` None) the site's own code, which may do all."""

    user: Any = None
    token: WorkerToken | None = None
    by_hand: bool = False  # a person in the browser or with a session: what they edit stays edited

    @property
    def is_site(self) -> bool:
        return self.user is None

    @cached_property
    def scope(self) -> str:
        """Among whose events an idempotency id is unique."""
        return f"token:{self.token.pk}" if self.token else "site"

    @cached_property
    def user_key(self) -> int | None:
        """Whose rights these are; None is the site."""
        return None if self.is_site else self.user.pk

    @cached_property
    def label(self) -> str:
        """The name that others see."""
        return display_name(self.user) if self.user else ""


SITE = Sender()


def by_hand(user: Any) -> Sender:
    """A person who does it themselves, in the browser."""
    return Sender(user=user, by_hand=True)


def display_name(user: Any) -> str:
    """A person's name as others see it."""
    return (user.get_full_name() or user.get_username())[:200]


def visible_folders(user: User) -> QuerySet[Folder]:
    """The folders that this person may look at."""
    public = Q(visibility=Folder.Visibility.PUBLIC)
    if not user.is_authenticated:
        return Folder.objects.filter(public, going_at=None)
    shared = Q(visibility=Folder.Visibility.MEMBERS, id__in=Membership.objects.filter(user=user).values("folder"))
    # A private folder's memberships wait until it is shared; a public one's say who may change it.
    return Folder.objects.filter(public | Q(owner=user) | shared, going_at=None)


def editable_folders(user: User) -> QuerySet[Folder]:
    """The folders that this person may change."""
    if not user.is_authenticated:
        return Folder.objects.none()
    memberships = Membership.objects.filter(user=user, role__in=[Role.EDITOR, Role.OWNER])
    shared = Q(id__in=memberships.values("folder")) & ~Q(visibility=Folder.Visibility.PRIVATE)
    return Folder.objects.filter(Q(owner=user) | shared, going_at=None)


def roles_in(sender: Sender, folder_ids: Iterable[str]) -> dict[str, Role | None]:
    """The sender's role in each of these folders that exist; None where they may not even look."""
    folders = Folder.objects.filter(id__in=list(folder_ids), going_at=None)
    folders = folders.only("id", "owner_id", "visibility", "going_at")
    if sender.is_site:
        return {folder.id: Role.OWNER for folder in folders}
    memberships = {}
    if sender.user.is_authenticated:
        memberships = dict(
            Membership.objects.filter(user=sender.user, folder__in=list(folder_ids)).values_list("folder_id", "role")
        )
    return {folder.id: _role(sender.user, folder, memberships.get(folder.id)) for folder in folders}


def _role(user: Any, folder: Folder, membership: str | None) -> Role | None:
    if folder.going_at is not None:
        return None
    if user.is_authenticated and folder.owner_id == user.pk:
        return Role.OWNER
    if membership and folder.visibility != Folder.Visibility.PRIVATE:
        return Role(membership)
    return Role.VIEWER if folder.visibility == Folder.Visibility.PUBLIC else None


def role_in(user: User, folder_id: str) -> Role | None:
    """What this person is in that folder; None: they may not see it."""
    return roles_in(Sender(user=user), [folder_id]).get(folder_id)


def role_of(user: User, folder: Folder) -> Role | None:
    """The same of a folder that was read already."""
    membership = None
    if user.is_authenticated and folder.owner_id != user.pk:
        membership = folder.memberships.filter(user=user).values_list("role", flat=True).first()
    return _role(user, folder, membership)


def may_edit(role: Role | None) -> bool:
    return role in (Role.EDITOR, Role.OWNER)


def may_read_metadata(user: User, folder: Folder) -> bool:
    """Prompts and parameters are for the folder's own people, not for whoever looks at a public folder."""
    if not user.is_authenticated:
        return False
    return folder.owner_id == user.pk or folder.memberships.filter(user=user).exists()


def folder_for(user: User, folder_id: str) -> Folder:
    """The folder, if this person may see it; raises ``NotifyError`` ``not_found``."""
    return folder_and_role(user, folder_id)[0]


def folder_and_role(user: User, folder_id: str, folders: QuerySet[Folder] | None = None) -> tuple[Folder, Role | None]:
    """The same and what this person is there, with one question; ``folders``: which to look among, as annotated."""
    asked = Folder.objects.all() if folders is None else folders
    if user.is_authenticated:
        asked = asked.annotate(membership_role=Subquery(ROLES.filter(user=user.pk)))
    try:
        folder = asked.get(id=storable(folder_id))
    except Folder.DoesNotExist:
        raise NotifyError("not_found", NOT_FOUND["folder"]) from None
    role = _role(user, folder, getattr(folder, "membership_role", None))
    if role is None:
        raise NotifyError("not_found", NOT_FOUND["folder"])
    return folder, role


def item_for(user: User, item_id: str, *, with_trash: bool = False) -> Item:
    """The item, if this person may see its folder; raises ``NotifyError`` ``not_found``.

    ``with_trash``: also one that was thrown away, for those who may change the folder (they, and their workers).
    """
    items = visible_items(user, with_trash=with_trash).filter(id=storable(item_id))
    item = items.select_related("folder", "batch", "lease").first()
    if item is None or (item.is_trashed and not may_edit(role_of(user, item.folder))):
        raise NotifyError("not_found", NOT_FOUND["item"])
    return item


def item_of_worker(sender: Sender, item_id: str) -> Item:
    """The item whose file or preview this sender may send: in a folder that it may change, or made by its own batch."""
    found = Item.objects.with_trash().filter(id=storable(item_id)).select_related("folder", "batch", "lease").first()
    batch = None if found is None else found.batch
    made_it = batch is not None and sender.token is not None and batch.token_id == sender.token.pk
    if made_it and may_edit(role_in(sender.user, batch.folder_id)):
        return found
    item = item_for(sender.user, item_id, with_trash=True)
    require_editor(role_of(sender.user, item.folder), "item")
    return item


def visible_items(user: User, *, with_trash: bool = False) -> QuerySet[Item]:
    items = Item.objects.with_trash() if with_trash else Item.objects.living()
    return items.filter(folder__in=visible_folders(user))


def batch_for(user: User, batch_id: str) -> Batch:
    """The batch, if this person may see its folder; raises ``NotifyError`` ``not_found``."""
    batch = Batch.objects.filter(id=storable(batch_id), folder__in=visible_folders(user)).first()
    if batch is None:
        raise NotifyError("not_found", NOT_FOUND["batch"])
    return batch


def mass_action_for(user: User, action_id: str) -> MassAction:
    """The action, if this person may see its folder; raises ``NotifyError`` ``not_found``."""
    action = MassAction.objects.filter(id=storable(action_id), folder__in=visible_folders(user)).first()
    if action is None:
        raise NotifyError("not_found", NOT_FOUND["action"])
    return action


def own_mass_actions(user: User, folder_id: str | None = None) -> QuerySet[MassAction]:
    """What this person has asked for that others do not see here: copies from this folder, folders that go."""
    if not user.is_authenticated:
        return MassAction.objects.none()
    here = Q(folder=None) | Q(source=folder_id) if folder_id else Q(folder=None)
    return MassAction.objects.filter(here, owner=user, folded=False).defer("item_ids", "view").order_by("-asked_at")


def storable(row_id: str) -> str:
    """An id from an address, which may hold anything; PostgreSQL refuses even to look for NUL."""
    return "" if "\0" in row_id else row_id


def require_editor(role: Role | None, kind: str = "folder") -> None:
    """Refuse who may not see the thing (``not_found``) or may not change it (``forbidden``)."""
    if role is None:
        raise NotifyError("not_found", NOT_FOUND[kind])
    if not may_edit(role):
        raise NotifyError("forbidden", READ_ONLY)
