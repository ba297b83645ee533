"""What is kept of a generator's run: that its task worker lives, how far it is, and that it can be asked again."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread

from django.db import Error, connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gallery.access import Sender
from gallery.contract.errors import NotifyError
from gallery.models import Batch, GeneratorRun
from gallery.services.batch_ends import close_batch, fold_batch
from gallery.services.change import Change
from gallery.services.item_states import count
from gallery.services.needs import Needs
from gallery.services.revisions import transact

BEAT_SECONDS = 5.0
DEAD_AFTER = timedelta(seconds=30)  # without a beat
TASK_WORKER_ENDED = "The task worker ended in the midst of it. Try again."
ASKED_ALREADY = _("Somebody has started this again already.")

logger = logging.getLogger("gallery.generators")


@contextmanager
def kept_alive(batch_id: str) -> Iterator[bool]:
    """Say that it is at work until the end of the block; False where somebody else is at it, or it was asked again."""
    run = GeneratorRun.objects.filter(pk=batch_id)
    if not run.filter(beat_due_at=None).update(beat_due_at=timezone.now() + DEAD_AFTER):
        yield False
        return
    over = Event()
    thread = Thread(target=_beat, args=(batch_id, over), name="generator-heartbeat", daemon=True)
    thread.start()
    try:
        yield True
    finally:
        over.set()
        thread.join()
        run.update(beat_due_at=None)


def _beat(batch_id: str, over: Event) -> None:
    while not over.wait(BEAT_SECONDS):
        try:
            due_at = timezone.now() + DEAD_AFTER
            GeneratorRun.objects.filter(pk=batch_id).update(beat_due_at=due_at)
        except Error as error:  # the next beat may be heard
            logger.warning("The database did not hear that the run of batch %s goes on: %s", batch_id, error)
        finally:
            connection.close()


def look_after_runs(now: datetime) -> None:
    """The sweeper: what a task worker that was killed has left is failed, so that somebody can ask again."""
    for batch_id in GeneratorRun.objects.filter(beat_due_at__lte=now).values_list("pk", flat=True):
        needs = Needs(batch_ids={batch_id}, ending_batch_ids={batch_id})
        transact(needs, lambda change, key=batch_id: _give_up(change, key))


def _give_up(change: Change, batch_id: str) -> None:
    """A task worker that lives after all (its machine slept) revives the batch by its next word."""
    silent = GeneratorRun.objects.filter(pk=batch_id, beat_due_at__lte=change.now)
    batch = change.batches.get(batch_id)
    if silent.update(beat_due_at=None) and batch is not None and batch.is_running:
        batch.stalled_at = change.now
        change.touch_batch(batch, "stalled_at")
        close_batch(change, batch, Batch.Status.ERROR, TASK_WORKER_ENDED, given_up=True)


def take_over(sender: Sender, batch_id: str) -> None:
    """The batch is about to be asked again: its strip goes, and it can be asked no more. Raises ``conflict``."""

    def work(change: Change) -> None:
        batch = change.batch(sender, batch_id)
        if not GeneratorRun.objects.filter(pk=batch_id).delete()[0]:
            raise NotifyError("conflict", str(ASKED_ALREADY))
        batch.is_repeatable = False
        change.touch(batch, "is_repeatable")
        fold_batch(change, batch)

    transact(Needs(batch_ids={batch_id}), work)


def count_done(sender: Sender, batch_id: str, *, done: int = 0, failed: int = 0) -> None:
    """For a run that makes no items of its own: so many more of its total are finished."""

    def work(change: Change) -> None:
        count(change, change.batch(sender, batch_id), done_count=done, failed_count=failed)

    transact(Needs(batch_ids={batch_id}), work)
