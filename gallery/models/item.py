from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from gallery import dom_ids
from gallery.models.fields import ID_LENGTH, KeyField, new_id
from gallery.models.lock import ItemLock

PROGRESS_FIELDS = ("progress", "message", "estimated_time_seconds", "estimated_end_at")
# The columns that name a file below MEDIA_ROOT.
STORED_FILES = ("media_file", "thumb_file", "rendition_file", "preview_file")
LIVING = Q(trashed_at__isnull=True)
TRASHED = Q(trashed_at__isnull=False)


class ItemQuerySet(models.QuerySet["Item"]):
    def living(self) -> ItemQuerySet:
        """Those that are not in the trash: what everybody who reads a folder begins with."""
        return self.filter(LIVING)

    def trashed(self) -> ItemQuerySet:
        """Those that somebody has thrown away."""
        return self.filter(TRASHED)

    def with_trash(self) -> ItemQuerySet:
        """All, and it is meant: an item in the trash keeps its slot, its files and its worker."""
        return self.all()


class Item(models.Model):
    """A picture, a video, a sound or a file: developing, finished or failed."""

    class Type(models.TextChoices):
        IMAGE = "image"
        VIDEO = "video"
        AUDIO = "audio"
        FILE = "file"

    class Status(models.TextChoices):
        PROCESSING = "processing"
        COMPLETE = "complete"
        ERROR = "error"

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    folder = models.ForeignKey("gallery.Folder", models.CASCADE, related_name="items")
    batch = models.ForeignKey("gallery.Batch", models.SET_NULL, null=True, related_name="items", db_index=False)
    slot = models.IntegerField(null=True)  # 0-based place in the batch
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=10, choices=Type.choices, default=Type.IMAGE)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.COMPLETE)
    is_pending = models.BooleanField(default=False)
    progress = models.FloatField(null=True)  # 0–100; null: indeterminate
    message = models.CharField(max_length=2000, blank=True, default="")
    estimated_time_seconds = models.FloatField(null=True)
    estimated_end_at = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=200, blank=True, default="")

    thumb_url = models.CharField(max_length=2000, blank=True, default="")
    media_url = models.CharField(max_length=2000, blank=True, default="")
    media_file = models.CharField(max_length=200, blank=True, default="")  # paths below MEDIA_ROOT
    thumb_file = models.CharField(max_length=200, blank=True, default="")
    # What browsers show in place of the file, where they cannot show that itself; when to ask the task worker for it.
    rendition_file = models.CharField(max_length=200, blank=True, default="", db_default="")
    rendition_due_at = models.DateTimeField(null=True)
    preview_file = models.CharField(max_length=200, blank=True, default="")
    content_type = models.CharField(max_length=100, blank=True, default="")
    size = models.BigIntegerField(null=True)  # bytes
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    duration = models.FloatField(null=True)  # seconds
    metadata = models.JSONField(default=dict, blank=True)
    edited_fields = models.JSONField(default=list, blank=True)  # what a person changed by hand
    is_starred = models.BooleanField(default=False, db_default=False)
    content_hash = models.CharField(max_length=64, blank=True, default="", db_default="")  # SHA-256, hex
    # In the trash: the row stays in its folder with all it has, its worker goes on, and nobody who reads sees it.
    trashed_at = models.DateTimeField(null=True)
    trashed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )

    created_at = models.DateTimeField(default=timezone.now)
    heard_at = models.DateTimeField(default=timezone.now)
    stall_at = models.DateTimeField(null=True)  # when the sweeper looks at it next
    stalled_at = models.DateTimeField(null=True)
    retry_asked_at = models.DateTimeField(null=True)

    order_key = KeyField(max_length=300)
    revision = models.BigIntegerField(default=0)  # the newest of the four below
    card_revision = models.BigIntegerField(default=0)
    progress_revision = models.BigIntegerField(default=0)
    lock_revision = models.BigIntegerField(default=0)
    created_revision = models.BigIntegerField(default=0)  # when it came into this folder

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "slot"], name="one_item_a_slot")]
        indexes = [
            models.Index(fields=["folder", "-order_key"], name="item_living_order", condition=LIVING),
            models.Index(fields=["folder", "revision"], name="item_living_revision", condition=LIVING),
            models.Index(fields=["folder"], name="item_living_pending", condition=LIVING & Q(is_pending=True)),
            models.Index(fields=["folder", "content_hash"], name="item_hash", condition=LIVING & ~Q(content_hash="")),
            models.Index(fields=["folder", "-trashed_at", "-id"], name="item_trash", condition=TRASHED),
            models.Index(fields=["trashed_at"], name="item_trash_due", condition=TRASHED),
            models.Index(
                fields=["rendition_due_at"], name="item_rendition_due", condition=Q(rendition_due_at__isnull=False)
            ),
            models.Index(fields=["stall_at"], name="item_stall", condition=Q(stall_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_trashed(self) -> bool:
        """Whether it lies in the trash."""
        return self.trashed_at is not None

    @property
    def lock(self) -> ItemLock | None:
        """The lease that is held now, if any."""
        known = self._state.fields_cache
        # Where it was read with the item and there is none, the attribute raises, which costs a tenth of a card.
        lease = known["lease"] if "lease" in known else getattr(self, "lease", None)
        return lease if lease is not None and lease.is_held else None

    @property
    def is_stalled(self) -> bool:
        """Pending, and not heard from for too long."""
        return self.is_pending and self.stalled_at is not None

    @property
    def is_awaiting_media(self) -> bool:
        """Complete, but its picture is not there yet: the preview stays until it is."""
        return self.status == self.Status.COMPLETE and not self.media_url

    @property
    def progress_fraction(self) -> float | None:
        """0–1, or None while indeterminate."""
        return None if self.progress is None else self.progress / 100

    @property
    def placeholder_id(self) -> str:
        """The DOM id of the placeholder that this item takes the place of, or ''."""
        return dom_ids.placeholder(self.batch_id, self.slot) if self.batch_id and self.slot is not None else ""

    @property
    def preview_url(self) -> str:
        """Where the newest preview is served, or ''."""
        return file_url(self.id, self.preview_file, "preview")

    @property
    def rendition_url(self) -> str:
        """Where the version for browsers is served, or ''."""
        return file_url(self.id, self.rendition_file, "rendition")

    @property
    def shown_url(self) -> str:
        """What a page plays or shows large."""
        return self.rendition_url or self.media_url

    @property
    def stored_files(self) -> list[str]:
        """The paths of all files that go with it."""
        return [path for name in STORED_FILES if (path := getattr(self, name))]

    @property
    def can_retry(self) -> bool:
        """Whether a worker can be asked to make it again."""
        return self.status == self.Status.ERROR and self.batch is not None and self.batch.token_id is not None


def file_url(item_id: str, path: str, kind: str) -> str:
    """The URL of one of an item's stored files; the file's own name makes it new with each version."""
    if not path:
        return ""
    version = path.rsplit("/", 1)[-1].split(".")[0]
    return reverse("gallery:media", args=[item_id, version, kind])
