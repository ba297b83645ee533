from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from gallery.models.fields import ID_LENGTH, new_id


class PartialUpload(models.Model):
    """A file that arrives in pieces. How much of it is there, its file in the incoming folder says by its size.

    Item and folder are named without a foreign key: either may go while bytes are still coming.
    """

    class State(models.TextChoices):
        SENDING = "sending"
        WAITING = "waiting"  # all is here, and so is the same file in the folder: its sender decides
        DONE = "done"
        REFUSED = "refused"  # for the reason in `message`

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    item_id = models.CharField(max_length=ID_LENGTH, unique=True)
    folder_id = models.CharField(max_length=ID_LENGTH)  # where it was begun
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.SENDING)
    name = models.CharField(max_length=200)
    claimed_type = models.CharField(max_length=100, blank=True, default="")
    length = models.BigIntegerField()  # bytes
    content_hash = models.CharField(max_length=64, blank=True, default="")  # SHA-256 as its sender says it
    asks_about_duplicates = models.BooleanField(default=False)
    recipe = models.JSONField(default=dict, blank=True)  # how it was made, as a sidecar says it
    position_at = models.DateTimeField(default=timezone.now)  # where its card stands, with `place`
    place = models.IntegerField(default=0)  # among the files that were chosen together
    message = models.CharField(max_length=2000, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    heard_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.name
