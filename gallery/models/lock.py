from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gallery.models.fields import ID_LENGTH


class ItemLock(models.Model):
    """A lease on an item. The row outlives the lease, so that ``fence`` goes on growing."""

    item = models.OneToOneField(
        "gallery.Item", models.CASCADE, primary_key=True, related_name="lease", verbose_name=_("item")
    )
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    holder_name = models.CharField(_("held by"), max_length=ID_LENGTH + 100, blank=True, default="")
    fence = models.BigIntegerField(_("fence"), default=0)
    expires_at = models.DateTimeField(_("expires at"), null=True, db_index=True)

    class Meta:
        verbose_name = _("lock")
        verbose_name_plural = _("locks")

    def __str__(self) -> str:
        return f"{self.item_id}: {self.holder_name or 'free'}"

    @property
    def is_held(self) -> bool:
        """Whether the lease runs now; one that has ended is free at once, before the sweeper says so."""
        return self.expires_at is not None and self.expires_at > timezone.now()

    @property
    def shown_holder(self) -> str:
        """The name that others read: a person's own, or the site's in the reader's language."""
        return gettext("the site") if self.holder_id is None else self.holder_name

    @property
    def initials(self) -> str:
        """Up to two letters for the badge."""
        words = self.holder_name.split()
        return "".join(word[0] for word in words[:2]).upper()
