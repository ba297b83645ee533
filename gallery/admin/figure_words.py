"""The figures of this process as an administrator reads them: in words and units."""

from __future__ import annotations

import math
from dataclasses import dataclass

from prometheus_client import Gauge

from gallery import metrics, outages
from gallery.doorbell import shared_layer
from gallery.live.figures import QUEUES, LastMinute, observe_tasks

SLOW_SECONDS = 1.0  # for an answer
LONG_WAIT_SECONDS = 300.0  # for a background task


@dataclass(frozen=True)
class Figure:
    """One line: what it is, its value with its unit, and what it means."""

    name: str
    value: str
    meaning: str
    is_bad: bool = False


def groups(minute: LastMinute) -> list[tuple[str, list[Figure]]]:
    """All figures; the gauges must have been observed."""
    return [
        ("Now", _now()),
        ("Events in the last minute", _way_in(minute)),
        ("Pages in the last minute", _way_out(minute)),
    ]


def _now() -> list[Figure]:
    waiting = {name: _read(metrics.QUEUE.labels(name)) for name in QUEUES}
    queued = ", ".join(f"{name} {number}" for name, number in waiting.items() if number) or "none"
    is_away, has_layer = outages.database.is_on, shared_layer() is not None
    layer_away = has_layer and outages.channel_layer.is_on
    paused = _read(metrics.PAUSED)
    return [
        Figure("Database", "away" if is_away else "answers", "What pages and doors ask.", is_away),
        Figure(
            "Channel layer",
            "away" if layer_away else "answers" if has_layer else "none",
            "What the server processes ring each other by; without it they poll.",
            layer_away,
        ),
        Figure("Open folder pages", f"{_read(metrics.VIEWERS.labels('folder')):,}", "Item pages are among them."),
        Figure("Open home pages", f"{_read(metrics.VIEWERS.labels('home')):,}", "The list of folders."),
        Figure("Paused pages", f"{paused:,}", "They get nothing until they acknowledge what they have.", paused > 0),
        Figure("Workers connected", f"{_read(metrics.WORKERS):,}", "Open sockets at the WebSocket door."),
        Figure("Unanswered events", f"{_read(metrics.UNANSWERED):,}", "Read from workers' sockets, not yet answered."),
        Figure("Waiting for a thread", queued, "Work that a pool has not begun; more than a few is a sign of load."),
        _tasks(),
    ]


def _tasks() -> Figure:
    queue = observe_tasks()
    if queue is None:
        return Figure("Background tasks", "kept elsewhere", "The project's TASKS say where; look there.")
    words = f"{queue.waiting:,} waiting, {queue.running:,} running"
    is_late = queue.oldest_seconds > LONG_WAIT_SECONDS
    meaning = "Of all processes. Is a task worker running (manage.py db_worker)?" if is_late else "Of all processes."
    return Figure("Background tasks", words, meaning, is_late)


def _way_in(minute: LastMinute) -> list[Figure]:
    outcomes = minute.outcomes()
    taken = outcomes.pop("ack", 0.0)
    refused = ", ".join(f"{number:,.0f} {code}" for code, number in sorted(outcomes.items())) or "none"
    middle, most = (minute.within("darkroom_ingest_seconds", share) for share in (0.5, 0.99))
    return [
        Figure("Taken", _pace(taken, minute), "Events that were acknowledged."),
        Figure("Refused", refused, "Events that were answered by an error, by its code.", "unavailable" in outcomes),
        Figure("Half answered within", _milliseconds(middle), "From an event's arrival at a door to its answer."),
        Figure("99 % answered within", _milliseconds(most), "The same, for nearly all.", (most or 0) > SLOW_SECONDS),
    ]


def _way_out(minute: LastMinute) -> list[Figure]:
    made = minute.sum("darkroom_broadcasts_total", stream="folder")
    revisions = minute.sum("darkroom_broadcast_revisions_total")
    ticks = minute.sum("darkroom_tick_seconds_count")
    tick = minute.sum("darkroom_tick_seconds_sum") / ticks if ticks else None
    building = minute.within("darkroom_frame_build_seconds", 0.99)
    sent = minute.sum("darkroom_frame_bytes_total") / minute.seconds
    missed = minute.sum("darkroom_missed_rings_total")
    return [
        Figure("Frames made", _pace(made, minute), "Each is made once for all who see the folder."),
        Figure("Frames sent", _pace(minute.sum("darkroom_frames_total"), minute), "Counted for each page."),
        Figure("Sent", f"{_bytes(sent)} a second", "Before compression."),
        Figure("Changes in a frame", f"{revisions / made:.1f}" if made else "–", "Revisions, on average."),
        Figure("Tick", _milliseconds(tick), "From a folder's frame to its next, on average; 50 ms without load."),
        Figure("99 % made within", _milliseconds(building), "Asking what is new, and rendering it."),
        Figure("Catch-ups", f"{minute.sum('darkroom_catchups_total'):,.0f}", "Pages that had fallen behind."),
        Figure("Reloads", f"{minute.sum('darkroom_resets_total'):,.0f}", "Pages told to load themselves again."),
        Figure(
            "Lost rings",
            f"{missed:,.0f}",
            "Changes that only the poll found; normal where there is no channel layer.",
            missed > 0 and shared_layer() is not None,
        ),
    ]


def _read(gauge: Gauge) -> int:
    [sample] = [sample for metric in gauge.collect() for sample in metric.samples]
    return int(sample.value)


def _pace(number: float, minute: LastMinute) -> str:
    return f"{number / minute.seconds:,.1f} a second"


def _milliseconds(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return "more than 10 s" if math.isinf(seconds) else f"{seconds * 1000:,.3g} ms"


def _bytes(number: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if number < 1024:
            return f"{number:,.1f} {unit}"
        number /= 1024
    return f"{number:,.1f} GiB"
