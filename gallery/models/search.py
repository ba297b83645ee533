from __future__ import annotations

from django.db import models

from gallery.models.fields import ID_LENGTH, KeyField


class SearchDocument(models.Model):
    """What can be found of one item, as ``gallery/services/search_index.py`` last wrote it down.

    The database keeps a full text index over the three columns of words (see the migration). ``id`` grows with the
    item's place in the default order, so that an index that answers by ids answers in that order.
    """

    id = models.BigIntegerField(primary_key=True)
    # No foreign keys: it is derived, written apart from what it follows, and whoever reads it joins what is there.
    item_id = models.CharField(max_length=ID_LENGTH, unique=True)
    folder_id = models.CharField(max_length=ID_LENGTH)
    facets = models.TextField()  # what filters ask for: exact, one word each
    open_words = models.TextField()  # what everybody who sees the item may find it by
    private_words = models.TextField()  # and what only those who may read its metadata
    name_key = KeyField(max_length=600)
    size = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["folder_id", "id"], name="search_time"),
            models.Index(fields=["folder_id", "name_key", "id"], name="search_name"),
            models.Index(fields=["folder_id", "size", "id"], name="search_size"),
        ]

    def __str__(self) -> str:
        return self.item_id


class SearchProgress(models.Model):
    """Up to which revision of a folder its items are written down."""

    folder_id = models.CharField(primary_key=True, max_length=ID_LENGTH)
    revision = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.folder_id} at {self.revision}"
