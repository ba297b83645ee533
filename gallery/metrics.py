"""What this process counts for Prometheus; ``docs/operations.md`` says each in a sentence.

Labels have few values: types of events, codes, doors, streams, queues. Nothing is counted per viewer on the way of a
frame: a broadcast is counted once, with the number of those who got it.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
TICK_SECONDS = (0.05, 0.06, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5, 1, 2.5, 5)

# The way in
EVENTS = Counter("darkroom_events", "Events by type and outcome: ack, or the code of the error.", ["type", "outcome"])
INGEST_SECONDS = Histogram(
    "darkroom_ingest_seconds", "From the arrival of a frame, body or call to its answer.", ["door"], buckets=SECONDS
)
UNANSWERED = Gauge("darkroom_unanswered_events", "Events on workers' sockets that have no answer yet.")
WORKERS = Gauge("darkroom_worker_sockets", "Open sockets of workers.")

# The way out
VIEWERS = Gauge("darkroom_viewers", "Open pages.", ["stream"])
PAUSED = Gauge("darkroom_paused_viewers", "Pages that get nothing until they acknowledge what they have.")
BROADCASTS = Counter("darkroom_broadcasts", "Frames that were made, each once for all its viewers.", ["stream"])
FRAMES = Counter("darkroom_frames", "Frames that were sent, counted for each viewer.", ["stream"])
FRAME_BYTES = Counter("darkroom_frame_bytes", "Bytes of the frames that were sent, before compression.", ["stream"])
REVISIONS = Counter("darkroom_broadcast_revisions", "Revisions that the frames brought to those who were up to date.")
CATCH_UPS = Counter("darkroom_catchups", "Viewers who had fallen behind and were brought up to date by one frame.")
RESETS = Counter("darkroom_resets", "Viewers who were told to load their page again.")
TICK = Histogram("darkroom_tick_seconds", "From a folder's frame until its next one may follow.", buckets=TICK_SECONDS)
BUILD_SECONDS = Histogram("darkroom_frame_build_seconds", "Asking what is new and rendering it.", buckets=SECONDS)
SEND_SECONDS = Histogram(
    "darkroom_frame_send_seconds", "Processor time for sending one frame to all its viewers.", buckets=SECONDS
)

# Between processes, and beneath them
RINGS = Counter("darkroom_rings", "Rings of the doorbell that were heard, here or from the layer.", ["source"])
MISSED_RINGS = Counter("darkroom_missed_rings", "Changes that no ring told of; the poll found them.")
QUEUE = Gauge("darkroom_queue_length", "Work that waits for a thread.", ["queue"])
TASKS = Gauge("darkroom_tasks", "Background tasks, of all processes together.", ["state"])
TASKS_WAIT = Gauge("darkroom_tasks_oldest_seconds", "How long the oldest waiting background task has waited.")
UP = Gauge("darkroom_up", "1 while this process reaches it, else 0.", ["part"])

UNREAD = "none"  # the type of what was refused before it was read


def count_events(outcomes: Iterable[tuple[str, str]]) -> None:
    """``(type, outcome)`` of each."""
    for (kind, outcome), number in Tally(outcomes).items():
        EVENTS.labels(kind, outcome).inc(number)


def count_refused(code: str, number: int = 1) -> None:
    """Events that were refused before anybody read them."""
    EVENTS.labels(UNREAD, code).inc(number)


def count_broadcast(stream: str, viewers: int, size: int) -> None:
    """One frame of ``size`` bytes went to so many."""
    BROADCASTS.labels(stream).inc()
    FRAMES.labels(stream).inc(viewers)
    FRAME_BYTES.labels(stream).inc(viewers * size)
