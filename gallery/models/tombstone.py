from __future__ import annotations

from django.db import models
from django.utils import timezone

from gallery.models.fields import ID_LENGTH


class Tombstone(models.Model):
    """What remains of an item that left a folder, so that a page that slept hears of it."""

    folder = models.ForeignKey("gallery.Folder", models.CASCADE, related_name="tombstones")
    item_id = models.CharField(max_length=ID_LENGTH)
    revision = models.BigIntegerField()
    buried_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["folder", "item_id"], name="one_tombstone_each")]
        indexes = [models.Index(fields=["folder", "revision"], name="tombstone_revision")]

    def __str__(self) -> str:
        return f"{self.item_id} left {self.folder_id} at {self.revision}"
