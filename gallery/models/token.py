from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def hash_token(secret: str) -> str:
    """What is stored of a token: it has 256 random bits, so that one round of SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


class WorkerTokenQuerySet(models.QuerySet["WorkerToken"]):
    def usable(self, now: datetime | None = None) -> WorkerTokenQuerySet:
        """Neither expired nor revoked, of a user who may still sign in."""
        now = now or timezone.now()
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None, owner__is_active=True)


class WorkerToken(models.Model):
    """A worker's credential: it may do what its owner may do."""

    name = models.CharField(_("name"), max_length=200)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="worker_tokens", verbose_name=_("owner")
    )
    folder = models.ForeignKey(
        "gallery.Folder",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Where its batches go that name no folder."),
        verbose_name=_("folder"),
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)

    objects = WorkerTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("worker token")
        verbose_name_plural = _("worker tokens")

    def __str__(self) -> str:
        return self.name

    def renew_secret(self) -> str:
        """Give the token a new secret and return it: the only moment at which it can be read."""
        secret = secrets.token_urlsafe(32)
        self.digest = hash_token(secret)
        return secret
