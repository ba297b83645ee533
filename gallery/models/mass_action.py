from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from gallery.models.fields import ID_LENGTH, new_id, order_key
from gallery.models.folder import Folder

REMOVE_FOLDER = "remove"
ARRIVALS_KEPT = 1_250  # pieces; whoever moves 100,000 items will not take it back by a button


class MassAction(models.Model):
    """What a person does with very many items of a folder at once, in the background.

    The selection is a list of ids and, besides, a view of the folder (an address's query) as it was at a revision.
    ``list_position`` and ``view_position`` say how far it has come. They are written in the transaction that does the
    work, so that whoever takes it up goes on exactly there.
    """

    class Status(models.TextChoices):
        WAITING = "waiting"  # no task worker has taken it up yet
        RUNNING = "running"
        COMPLETE = "complete"
        PARTIAL = "partial"  # some could not be done
        ERROR = "error"
        CANCELLED = "cancelled"

    OPEN = (Status.WAITING, Status.RUNNING)

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    # Where its strip stands before everybody: of copies where they go. None: only before whoever asked for it.
    folder = models.ForeignKey("gallery.Folder", models.CASCADE, related_name="mass_actions", null=True)
    # Where its items are, if not there; whoever asked for it sees the strip there too, and nobody else does.
    source = models.ForeignKey("gallery.Folder", models.CASCADE, related_name="+", null=True)
    kind = models.CharField(max_length=20)  # a key of gallery.services.verbs.VERBS, or REMOVE_FOLDER
    arguments = models.JSONField(default=dict)
    item_ids = models.JSONField(default=list)
    view = models.TextField(blank=True, default="")
    list_position = models.IntegerField(default=0)  # into item_ids
    # The revisions at which pieces of it came into the folder where they go: what is there since can be taken back.
    arrivals = models.JSONField(default=list)
    view_position = models.CharField(max_length=300, blank=True, default="")  # the order key of its last item

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    message = models.CharField(max_length=2000, blank=True, default="")
    total = models.IntegerField()
    done_count = models.IntegerField(default=0)
    failed_count = models.IntegerField(default=0)
    failures = models.JSONField(default=list)  # the first few: [name, reason]

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    who = models.CharField(max_length=200, blank=True, default="")
    asked_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now)  # when it last came on
    look_at = models.DateTimeField(null=True)  # when the sweeper looks at it next
    taken_up = models.IntegerField(default=0)  # how often, without coming on meanwhile
    ended_at = models.DateTimeField(null=True)
    fold_at = models.DateTimeField(null=True)  # when its strip leaves the page
    folded = models.BooleanField(default=False)
    revision = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["folder", "revision"], name="mass_action_revision"),
            models.Index(fields=["folder"], name="mass_action_shown", condition=models.Q(folded=False)),
            models.Index(fields=["look_at"], name="mass_action_look", condition=models.Q(look_at__isnull=False)),
            models.Index(fields=["fold_at"], name="mass_action_fold", condition=models.Q(fold_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.total}"

    @property
    def is_open(self) -> bool:
        """Still to be done, or to be done further."""
        return self.status in self.OPEN

    @property
    def found_in(self) -> Folder:
        """The folder in which its items were selected."""
        return self.source or self.folder

    @property
    def can_cancel(self) -> bool:
        """Whether what is left may stay as it is."""
        return self.is_open and self.kind != REMOVE_FOLDER

    @property
    def can_undo(self) -> bool:
        """Whether there is a way back, and something to go it with."""
        if self.is_open or not self.done_count:
            return False
        return self.kind == "delete" or (self.kind == "move" and 0 < len(self.arrivals) <= ARRIVALS_KEPT)

    @property
    def place(self) -> tuple[int, str]:
        """How far it has come."""
        return self.list_position, self.view_position

    @property
    def finished_count(self) -> int:
        """Items that it has come past."""
        return self.done_count + self.failed_count

    @property
    def progress(self) -> float | None:
        """0–100; None before it begins."""
        return None if self.status == self.Status.WAITING else min(100.0, 100.0 * self.finished_count / self.total)

    @property
    def order_key(self) -> str:
        """Where its strip stands among the batches': newest first."""
        return order_key(self.asked_at, self.id, 0, "")
