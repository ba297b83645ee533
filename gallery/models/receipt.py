from __future__ import annotations

from django.db import models
from django.utils import timezone

from gallery.models.fields import ID_LENGTH


class EventReceipt(models.Model):
    """What was answered to an event that had an id, so that the same event again changes nothing."""

    scope = models.CharField(max_length=40)  # "token:7", or "site" for the Python and Channels doors
    event_id = models.CharField(max_length=ID_LENGTH)
    digest = models.CharField(max_length=64)  # of type and payload
    receipt = models.TextField()  # JSON: what of gallery.contract.receipts.Receipt is not null
    created_at = models.DateTimeField(default=timezone.now)  # grows with the id: no index of its own

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "event_id"], name="one_receipt_an_event")]

    def __str__(self) -> str:
        return f"{self.scope} {self.event_id}"
