"""One event's way through the log, from the door to the frame: the logger ``gallery.events``, at level INFO.

Three lines: ``received`` (at which door), ``applied`` (which revision of which folder) or ``refused`` (why), and
``sent`` (the frame that took viewers past that revision, with the ids of this process's events in it).
"""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from threading import Lock
from typing import Any

logger = logging.getLogger("gallery.events")

FOLDERS_REMEMBERED = 200
EVENTS_REMEMBERED = 2_000  # of each folder

_applied: OrderedDict[str, deque[tuple[int, str]]] = OrderedDict()  # folder → (revision, event id)
_lock = Lock()


def is_on() -> bool:
    """Ask first: nothing here is free."""
    return logger.isEnabledFor(logging.INFO)


def say(happened: str, **facts: Any) -> None:
    """One line; in JSON each fact is a field of its own."""
    said = {name: value for name, value in facts.items() if value not in (None, "", [])}
    logger.info("%s %s", happened, " ".join(f"{name}={value}" for name, value in said.items()), extra=said)


def remember(folder_id: str, revision: int, event_id: str) -> None:
    """This event is in that revision: the frame that covers it will name it. To be called before the commit."""
    with _lock:
        events = _applied.setdefault(folder_id, deque(maxlen=EVENTS_REMEMBERED))
        _applied.move_to_end(folder_id)
        events.append((revision, event_id))
        if len(_applied) > FOLDERS_REMEMBERED:
            _applied.popitem(last=False)


def events_between(folder_id: str, since: int, revision: int) -> list[str]:
    """The ids of this process's events after ``since`` and up to ``revision``."""
    with _lock:
        return [event_id for at, event_id in _applied.get(folder_id, ()) if since < at <= revision]
