"""Work for the task worker. Services name a task of ``gallery.tasks`` and need not import what calls them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Warning
from django.db import transaction
from django.db.models import Count, Min
from django.utils import timezone
from django.utils.module_loading import import_string

OURS = "gallery.tasks."
KEPT = timedelta(hours=24)  # what is over, so that an administrator may look at it
NEVER_ENDED = timedelta(hours=24)  # the row of a worker that was killed says "running" for ever


def enqueue_on_commit(task: str, *arguments: Any) -> None:
    """Have the task of ``gallery.tasks`` with this name run once the transaction is committed.

    A queue that does not take it is logged and forgiven: the rows that are committed by then say what is to be done,
    and the sweeper asks for it again.
    """
    transaction.on_commit(lambda: import_string(OURS + task).enqueue(*arguments), robust=True)


def waits_in_queue(task: str) -> bool:
    """Whether it would wait for its turn; Django's ``ImmediateBackend`` runs it inside the call that enqueues it."""
    return import_string(OURS + task).get_backend().supports_defer


def check_backend(**_: Any) -> list[CheckMessage]:
    """A system check: says plainly what becomes of long work where no task worker does it."""
    backend = import_string(OURS + "carry_on_mass_action").get_backend()
    what = {
        "ImmediateBackend": "runs long work within the request that asks for it, which then takes that long.",
        "DummyBackend": "never runs anything: actions on many items, renditions and generators wait for ever.",
    }.get(type(backend).__name__)
    if what is None:
        return []
    hint = "Choose a backend that has workers, such as django_tasks_db.DatabaseBackend (docs/install.md)."
    return [Warning(f"The tasks' {type(backend).__name__} {what}", hint=hint, id="gallery.W001")]


@dataclass(frozen=True)
class Queue:
    """How much waits and runs, of all tasks of the project."""

    waiting: int
    running: int
    oldest_seconds: float  # that the oldest of those that wait has waited


def read_queue() -> Queue | None:
    """The queue as it is now; None where the project keeps its tasks elsewhere."""
    results = _results()
    if results is None:
        return None
    now = timezone.now()
    waiting = results.ready().aggregate(number=Count("pk"), oldest=Min("enqueued_at"))
    running = results.running().filter(started_at__gt=now - NEVER_ENDED).count()
    waited = (now - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0.0
    return Queue(waiting["number"], running, max(0.0, waited))


def forget_finished(now: datetime) -> None:
    """Let go what our tasks left in the database; other apps' tasks are their own."""
    results = _results()
    if results is not None:
        ours = results.filter(task_path__startswith=OURS)
        ours.filter(finished_at__lt=now - KEPT).delete()
        ours.filter(status="RUNNING", started_at__lt=now - NEVER_ENDED).delete()


def _results() -> Any:
    """The rows of django-tasks-db, if the project has it."""
    if not apps.is_installed("django_tasks_db"):
        return None
    return apps.get_model("django_tasks_database", "DBTaskResult").objects.order_by()
