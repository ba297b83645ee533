from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gallery.models.fields import ID_LENGTH, new_id


class Folder(models.Model):
    """A place where pictures develop. ``revision`` counts its changes and only grows."""

    class Visibility(models.TextChoices):
        PRIVATE = "private", _("Only me")
        MEMBERS = "members", _("Shared with members")
        PUBLIC = "public", _("Public to look at")

    class Sort(models.TextChoices):
        NEWEST = "newest", _("Newest first")
        OLDEST = "oldest", _("Oldest first")
        NAME = "name", _("By name")
        SIZE = "size", _("Largest first")

    id = models.CharField(_("id"), primary_key=True, max_length=ID_LENGTH, default=new_id)
    name = models.CharField(_("name"), max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="owned_folders", verbose_name=_("owner")
    )
    visibility = models.CharField(
        _("visibility"), max_length=10, choices=Visibility.choices, default=Visibility.PRIVATE
    )
    # Where it is shown in the tree, and no more: rights are its own. Whoever deletes the parent lifts it up.
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="children")
    cover = models.ForeignKey("gallery.Item", models.SET_NULL, null=True, blank=True, related_name="+")
    sort = models.CharField(max_length=10, choices=Sort.choices, default=Sort.NEWEST, db_default=Sort.NEWEST)
    item_count = models.IntegerField(_("items"), default=0, db_default=0, editable=False)  # without those in the trash
    revision = models.BigIntegerField(_("revision"), default=0, editable=False)
    # Tombstones up to this revision are gone: whoever stands below it cannot catch up and loads the page again.
    memory_floor = models.BigIntegerField(default=0, editable=False)
    # Somebody has deleted it: nobody sees it any more, and what there is of it is being removed.
    going_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("folder")
        verbose_name_plural = _("folders")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["-created_at", "-id"], name="folder_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def order_key(self) -> str:
        """The home page's order: newest first."""
        return f"{int(self.created_at.timestamp() * 1_000_000):017d}!{self.id}"


class Membership(models.Model):
    """What a person may do in somebody's folder."""

    class Role(models.TextChoices):
        VIEWER = "viewer", _("May look")
        EDITOR = "editor", _("May change")
        OWNER = "owner", _("May manage")

    folder = models.ForeignKey(Folder, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="folder_memberships", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.VIEWER)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(fields=["folder", "user"], name="one_membership_each")]

    def __str__(self) -> str:
        return f"{self.user} in {self.folder}: {self.role}"
