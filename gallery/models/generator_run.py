from __future__ import annotations

from django.db import models


class GeneratorRun(models.Model):
    """What somebody asked of a generator: kept with its batch, so that it can be asked again."""

    batch = models.OneToOneField("gallery.Batch", models.CASCADE, primary_key=True, related_name="run")
    generator = models.CharField(max_length=50)  # its name
    item_ids = models.JSONField(default=list)  # the selection, in its order
    answers = models.TextField(blank=True, default="")  # of the form, URL-encoded
    # When its task worker counts as dead; null: its turn has not come, or it is over.
    beat_due_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["beat_due_at"], name="run_beat_due", condition=models.Q(beat_due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.generator} {self.batch_id}"
