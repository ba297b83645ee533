from __future__ import annotations

from django.db import models
from django.utils import timezone

from gallery.models.fields import ID_LENGTH, new_id


class Command(models.Model):
    """What a person asks of a worker. The row goes when the worker acknowledges it or it has lapsed."""

    class Type(models.TextChoices):
        BATCH_CANCEL = "batch:cancel"
        ITEM_RETRY = "item:retry"
        SYSTEM_DRAIN = "system:drain"

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    token = models.ForeignKey("gallery.WorkerToken", models.CASCADE, related_name="commands")
    type = models.CharField(max_length=20, choices=Type.choices)
    payload = models.JSONField(default=dict)
    batch = models.ForeignKey("gallery.Batch", models.CASCADE, null=True, related_name="commands")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.type} for {self.token}"

    def as_json(self) -> dict[str, object]:
        """The command as the worker receives it."""
        return {"type": self.type, "id": self.id, "payload": self.payload}
