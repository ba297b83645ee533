"""The gauges, read when somebody asks; and by how much the counters have grown in the last minute."""

from __future__ import annotations

import math
import time
from collections import deque
from threading import Event
from typing import TYPE_CHECKING

from django.db import Error

from gallery import metrics, outages
from gallery.doorbell import shared_layer
from gallery.live import threads
from gallery.task_queue import Queue, read_queue

if TYPE_CHECKING:
    from gallery.live.switchboard import Switchboard

REMEMBER_EVERY = 5.0  # seconds
PATIENCE_SECONDS = 2.0  # with a busy event loop
REMEMBERED = 13  # so that the oldest is a minute old
QUEUES = {
    "frames": threads.FRAMES,
    "watch": threads.WATCH,
    "sweep": threads.SWEEP,
    "actions": threads.ACTIONS,
    "ingest": threads.INGEST,
}
COUNTERS = (
    metrics.EVENTS, metrics.BROADCASTS, metrics.FRAMES, metrics.FRAME_BYTES, metrics.REVISIONS, metrics.CATCH_UPS,
    metrics.RESETS, metrics.RINGS, metrics.MISSED_RINGS, metrics.TICK, metrics.BUILD_SECONDS, metrics.SEND_SECONDS,
    metrics.INGEST_SECONDS,
)  # fmt: skip

Key = tuple[str, tuple[tuple[str, str], ...]]  # a sample's name and labels
_remembered: deque[tuple[float, dict[Key, float]]] = deque(maxlen=REMEMBERED)


def observe(board: Switchboard) -> None:
    """Bring the gauges up to date; on the event loop, whose sets these are."""
    pages = [subscriber for hub in board.hubs.values() for subscriber in hub.subscribers]
    metrics.VIEWERS.labels("folder").set(len(pages))
    metrics.VIEWERS.labels("home").set(len(board.home.subscribers))
    metrics.PAUSED.set(sum(page.is_paused for page in (*pages, *board.home.subscribers)))
    sockets = [socket for sockets in board.workers.tokens.values() for socket in sockets]
    metrics.WORKERS.set(len(sockets))
    metrics.UNANSWERED.set(sum(socket.unanswered for socket in sockets))
    for name, executor in QUEUES.items():
        metrics.QUEUE.labels(name).set(executor._work_queue.qsize())
    metrics.UP.labels("database").set(not outages.database.is_on)
    if shared_layer() is not None:
        metrics.UP.labels("channel layer").set(not outages.channel_layer.is_on)


def observe_from_thread(board: Switchboard) -> None:
    """The same for those who are not on the event loop; waits for it a moment."""
    done = Event()
    board.loop.call_soon_threadsafe(lambda: (observe(board), done.set()))
    done.wait(PATIENCE_SECONDS)


def observe_tasks() -> Queue | None:
    """Ask the database how many tasks wait; None where they are kept elsewhere, or it is away."""
    try:
        queue = None if outages.database.is_on else read_queue()
    except Error:
        queue = None
    if queue is not None:
        metrics.TASKS.labels("waiting").set(queue.waiting)
        metrics.TASKS.labels("running").set(queue.running)
        metrics.TASKS_WAIT.set(queue.oldest_seconds)
    return queue


def remember() -> None:
    """Keep the counters as they are now, for the figures of the last minute."""
    _remembered.append((time.monotonic(), _totals()))


def _totals() -> dict[Key, float]:
    totals = {}
    for counter in COUNTERS:
        for metric in counter.collect():
            for sample in metric.samples:
                if not sample.name.endswith("_created"):
                    totals[sample.name, tuple(sorted(sample.labels.items()))] = sample.value
    return totals


class LastMinute:
    """What the counters have grown by since the oldest totals that are remembered."""

    def __init__(self) -> None:
        now, totals = time.monotonic(), _totals()
        since, before = _remembered[0] if _remembered else (now, totals)
        self.seconds = max(now - since, 0.001)
        self._grown = {key: value - before.get(key, 0.0) for key, value in totals.items()}

    def sum(self, name: str, **labels: str) -> float:
        """Over all samples of that name with these labels."""
        wanted = set(labels.items())
        return sum(value for (key, said), value in self._grown.items() if key == name and wanted <= set(said))

    def outcomes(self) -> dict[str, float]:
        """Events by what became of them."""
        found: dict[str, float] = {}
        for (name, labels), value in self._grown.items():
            if name == "darkroom_events_total" and value:
                outcome = dict(labels)["outcome"]
                found[outcome] = found.get(outcome, 0.0) + value
        return found

    def within(self, name: str, share: float) -> float | None:
        """The bucket (seconds) within which that share of a histogram lies; None where there is nothing."""
        buckets: dict[float, float] = {}
        for (key, labels), value in self._grown.items():
            if key == f"{name}_bucket":
                edge = float(dict(labels)["le"])
                buckets[edge] = buckets.get(edge, 0.0) + value
        total = buckets.get(math.inf, 0.0)
        return next((edge for edge in sorted(buckets) if buckets[edge] >= share * total), None) if total else None
