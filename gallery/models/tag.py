from __future__ import annotations

from django.db import models

from gallery.contract.limits import TAG_LENGTH
from gallery.models.fields import KeyField


class ItemTag(models.Model):
    """One word that people gave an item. Tags are lower case, so that "Sunset" and "sunset" are one."""

    item = models.ForeignKey("gallery.Item", models.CASCADE, related_name="tags", db_index=False)
    name = KeyField(max_length=TAG_LENGTH)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "name"], name="one_tag_each")]
        indexes = [models.Index(fields=["name", "item"], name="tag_items")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
