"""The figures of this process as an administrator reads them: in words and units."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
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
        (_("Now"), _now()),
        (_("Events in the last minute"), _way_in(minute)),
        (_("Pages in the last minute"), _way_out(minute)),
    ]


def _now() -> list[Figure]:
    waiting = {name: _read(metrics.QUEUE.labels(name)) for name in QUEUES}
    queued = ", ".join(f"{name} {number}" for name, number in waiting.items() if number) or _("none")
    is_away, has_layer = outages.database.is_on, shared_layer() is not None
    layer_away = has_layer and outages.channel_layer.is_on
    paused = _read(metrics.PAUSED)
    return [
        Figure(_("Database"), _("away") if is_away else _("answers"), _("What pages and doors ask."), is_away),
        Figure(
            _("Channel layer"),
            _("away") if layer_away else _("answers") if has_layer else _("none"),
            _("What the server processes ring each other by; without it they poll."),
            layer_away,
        ),
        Figure(
            _("Open folder pages"), _count(_read(metrics.VIEWERS.labels("folder"))), _("Item pages are among them.")
        ),
        Figure(_("Open home pages"), _count(_read(metrics.VIEWERS.labels("home"))), _("The list of folders.")),
        Figure(
            _("Paused pages"), _count(paused), _("They get nothing until they acknowledge what they have."), paused > 0
        ),
        Figure(_("Workers connected"), _count(_read(metrics.WORKERS)), _("Open sockets at the WebSocket door.")),
        Figure(
            _("Unanswered events"),
            _count(_read(metrics.UNANSWERED)),
            _("Read from workers' sockets, not yet answered."),
        ),
        Figure(
            _("Waiting for a thread"), queued, _("Work that a pool has not begun; more than a few is a sign of load.")
        ),
        _tasks(),
    ]


def _tasks() -> Figure:
    queue = observe_tasks()
    if queue is None:
        return Figure(_("Background tasks"), _("kept elsewhere"), _("The project's TASKS say where; look there."))
    words = _("%(waiting)s waiting, %(running)s running") % {
        "waiting": _count(queue.waiting),
        "running": _count(queue.running),
    }
    is_late = queue.oldest_seconds > LONG_WAIT_SECONDS
    meaning = (
        _("Of all processes. Is a task worker running (manage.py db_worker)?") if is_late else _("Of all processes.")
    )
    return Figure(_("Background tasks"), words, meaning, is_late)


def _way_in(minute: LastMinute) -> list[Figure]:
    outcomes = minute.outcomes()
    taken = outcomes.pop("ack", 0.0)
    refused = ", ".join(f"{number:,.0f} {code}" for code, number in sorted(outcomes.items())) or _("none")
    middle, most = (minute.within("darkroom_ingest_seconds", share) for share in (0.5, 0.99))
    return [
        Figure(_("Taken"), _pace(taken, minute), _("Events that were acknowledged.")),
        Figure(
            _("Refused"), refused, _("Events that were answered by an error, by its code."), "unavailable" in outcomes
        ),
        Figure(_("Half answered within"), _milliseconds(middle), _("From an event's arrival at a door to its answer.")),
        Figure(
            _("99 % answered within"), _milliseconds(most), _("The same, for nearly all."), (most or 0) > SLOW_SECONDS
        ),
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
        Figure(_("Frames made"), _pace(made, minute), _("Each is made once for all who see the folder.")),
        Figure(_("Frames sent"), _pace(minute.sum("darkroom_frames_total"), minute), _("Counted for each page.")),
        Figure(_("Sent"), _("%(amount)s a second") % {"amount": _bytes(sent)}, _("Before compression.")),
        Figure(_("Changes in a frame"), f"{revisions / made:.1f}" if made else "–", _("Revisions, on average.")),
        Figure(_("Tick"), _milliseconds(tick), _("From a folder's frame to its next, on average; 50 ms without load.")),
        Figure(_("99 % made within"), _milliseconds(building), _("Asking what is new, and rendering it.")),
        Figure(_("Catch-ups"), _count(minute.sum("darkroom_catchups_total")), _("Pages that had fallen behind.")),
        Figure(_("Reloads"), _count(minute.sum("darkroom_resets_total")), _("Pages told to load themselves again.")),
        Figure(
            _("Lost rings"),
            _count(missed),
            _("Changes that only the poll found; normal where there is no channel layer."),
            missed > 0 and shared_layer() is not None,
        ),
    ]


def _read(gauge: Gauge) -> int:
    [sample] = [sample for metric in gauge.collect() for sample in metric.samples]
    return int(sample.value)


def _pace(number: float, minute: LastMinute) -> str:
    return _("%(amount)s a second") % {"amount": number_format(number / minute.seconds, 1, force_grouping=True)}


def _milliseconds(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return _("more than 10 s") if math.isinf(seconds) else f"{seconds * 1000:,.3g} ms"


def _bytes(number: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if number < 1024:
            return f"{number_format(number, 1)} {unit}"
        number /= 1024
    return f"{number_format(number, 1, force_grouping=True)} GiB"


def _count(number: float) -> str:
    return number_format(round(number), force_grouping=True)
