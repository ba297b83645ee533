from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gallery import dom_ids
from gallery.models.fields import ID_LENGTH, new_id, order_key


class Batch(models.Model):
    """One run of a worker that makes ``total`` items."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        COMPLETE = "complete", _("Complete")
        PARTIAL = "partial", _("Ended in part")
        ERROR = "error", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.CharField(_("id"), primary_key=True, max_length=ID_LENGTH, default=new_id)
    folder = models.ForeignKey("gallery.Folder", models.CASCADE, related_name="batches", verbose_name=_("folder"))
    total = models.IntegerField(_("items in all"))
    label = models.CharField(_("label"), max_length=200)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.RUNNING)
    message = models.CharField(_("message"), max_length=2000, blank=True, default="")
    progress = models.FloatField(null=True)  # 0–100 as the worker said it; null: it did not
    estimated_time_seconds = models.FloatField(null=True)
    estimated_end_at = models.DateTimeField(null=True)
    item_count = models.IntegerField(default=0)
    done_count = models.IntegerField(_("done"), default=0)
    failed_count = models.IntegerField(_("failed"), default=0)
    next_slot = models.IntegerField(default=0)  # no slot below it is free

    # Begun by a generator that can be asked again, and whether what it makes are items of their own.
    is_repeatable = models.BooleanField(default=False, db_default=False)
    makes_items = models.BooleanField(default=True, db_default=True)

    token = models.ForeignKey(
        "gallery.WorkerToken", models.SET_NULL, null=True, related_name="batches", verbose_name=_("worker token")
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    who = models.CharField(_("who"), max_length=200, blank=True, default="")

    started_at = models.DateTimeField(_("started at"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    heard_at = models.DateTimeField(_("heard at"), default=timezone.now)
    stall_at = models.DateTimeField(null=True)  # when the sweeper looks at it next
    stalled_at = models.DateTimeField(null=True)
    fold_at = models.DateTimeField(null=True)  # when its strip leaves the page
    cancel_asked_at = models.DateTimeField(null=True)
    folded = models.BooleanField(default=False)

    revision = models.BigIntegerField(default=0)
    placeholders_revision = models.BigIntegerField(default=0)  # when its placeholders last came or went

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        indexes = [
            models.Index(fields=["folder", "revision"], name="batch_revision"),
            models.Index(fields=["folder", "-started_at"], name="batch_shown", condition=models.Q(folded=False)),
            models.Index(fields=["stall_at"], name="batch_stall", condition=models.Q(stall_at__isnull=False)),
            models.Index(fields=["fold_at"], name="batch_fold", condition=models.Q(fold_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_running(self) -> bool:
        return self.status == self.Status.RUNNING

    @property
    def is_stalled(self) -> bool:
        return self.is_running and self.stalled_at is not None

    @property
    def was_given_up(self) -> bool:
        """Ended by the sweeper, not by its worker: an event revives it."""
        return not self.is_running and self.stalled_at is not None

    @property
    def can_try_again(self) -> bool:
        """Whether a person can have it made once more."""
        return self.status == self.Status.ERROR and self.is_repeatable

    @property
    def finished_count(self) -> int:
        """Items that are complete or failed."""
        return self.done_count + self.failed_count

    @property
    def shown_progress(self) -> float | None:
        """0–100: what the worker says, else how many of the items are finished."""
        if self.progress is not None:
            return self.progress
        return min(100.0, 100.0 * self.finished_count / self.total) if self.finished_count else None

    @property
    def order_key(self) -> str:
        """Where its strip stands: newest first."""
        return order_key(self.started_at, self.id, 0, "")


class BatchSlot(models.Model):
    """A place of a batch that has spoken: its status line or preview, or the item that took it (for good)."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="slots")
    folder = models.ForeignKey("gallery.Folder", models.CASCADE, related_name="+")
    index = models.IntegerField()
    used = models.BooleanField(default=False)
    item_id = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    progress = models.FloatField(null=True)
    message = models.CharField(max_length=2000, blank=True, default="")
    preview_file = models.CharField(max_length=200, blank=True, default="")
    heard_at = models.DateTimeField(default=timezone.now)
    revision = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "index"], name="one_row_a_slot")]
        indexes = [models.Index(fields=["folder", "revision"], name="slot_revision")]

    def __str__(self) -> str:
        return f"{self.batch_id} #{self.index}"


class Placeholder:
    """A free slot as the page shows it: the batch, its index, and what the slot has said so far."""

    def __init__(self, batch: Batch, index: int, slot: BatchSlot | None = None) -> None:
        self.batch = batch
        self.index = index
        self.number = index + 1
        self.dom_id = dom_ids.placeholder(batch.id, index)
        self.order_key = order_key(batch.started_at, batch.id, index, "")
        self.progress = slot.progress if slot else None
        self.message = slot.message if slot else ""
        self.has_spoken = slot is not None
        self.revision = max(batch.placeholders_revision, slot.revision if slot else 0)
        self.preview_url = ""
        if slot and slot.preview_file:
            version = slot.preview_file.rsplit("/", 1)[-1].split(".")[0]
            self.preview_url = reverse("gallery:slot_preview", args=[batch.id, index, version])
