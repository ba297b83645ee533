from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gallery import dom_ids
from gallery.models.fields import ID_LENGTH, new_id


class SystemMessageQuerySet(models.QuerySet["SystemMessage"]):
    def current(self, now: datetime | None = None) -> SystemMessageQuerySet:
        """Those whose time is now."""
        now = now or timezone.now()
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), starts_at__lte=now, ended=False)

    def shown_on(self, folder_id: str | None) -> SystemMessageQuerySet:
        """Those of the whole site and, on a folder's page, of that folder."""
        return self.filter(Q(folder=None) | Q(folder=folder_id)) if folder_id else self.filter(folder=None)


class SystemMessage(models.Model):
    """What an administrator says to everyone, or to everyone in one folder."""

    class Level(models.TextChoices):
        INFO = "info", _("Info")
        SUCCESS = "success", _("Success")
        WARNING = "warning", _("Warning")
        ERROR = "error", _("Error")

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    text = models.CharField(_("text"), max_length=2000)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices, default=Level.INFO)
    folder = models.ForeignKey(
        "gallery.Folder", models.CASCADE, null=True, blank=True, related_name="messages", verbose_name=_("folder")
    )
    dismissible = models.BooleanField(_("can be put away"), default=True)
    starts_at = models.DateTimeField(_("starts at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True, db_index=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("said by")
    )
    started = models.BooleanField(default=False, editable=False)  # the pages were told that its time has come …
    ended = models.BooleanField(default=False, editable=False)  # … and that it is over

    objects = SystemMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("system message")
        verbose_name_plural = _("system messages")
        ordering = ["-starts_at", "-id"]

    def __str__(self) -> str:
        return self.text

    @property
    def dom_id(self) -> str:
        return dom_ids.message(self.id)


class SiteRevision(models.Model):
    """The one row that counts the changes of system messages."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    messages = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.messages)
