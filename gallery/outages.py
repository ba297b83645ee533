"""What this process needs and cannot reach: said in the log once, now and again while it lasts, and when it is over.

An outage meets everything at once (hubs, polls, doors, clocks), and each of them would say so every second.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Lock

from django.db import Error

from gallery.contract.errors import NotifyError

logger = logging.getLogger("gallery.outages")

REMIND_SECONDS = 60.0
RELAPSE_SECONDS = 5.0  # kept connections that broke meanwhile are found one by one, after others have been answered


class Outage:
    """Of one thing. Any thread may report it; ``on_change`` is called, in that thread, when it begins and ends."""

    def __init__(self, began: str, ended: str) -> None:
        self.is_on = False
        self.on_change: Callable[[], None] = lambda: None
        self._began, self._ended = began, ended
        self._since = self._said = 0.0
        self._ended_at = -RELAPSE_SECONDS
        self._is_unsaid = False  # it began right after the last one's end, and may be over at once
        self._times = 0
        self._lock = Lock()

    def report(self, error: BaseException) -> None:
        """It was met. Logged where that is news."""
        with self._lock:
            now = time.monotonic()
            begins, self.is_on = not self.is_on, True
            self._times += 1
            if begins:
                self._since = self._said = now
                self._is_unsaid = now - self._ended_at < RELAPSE_SECONDS
                if not self._is_unsaid:
                    logger.warning("%s (%s).", self._began, _reason(error))
            elif now - self._said >= (RELAPSE_SECONDS if self._is_unsaid else REMIND_SECONDS):
                self._said, self._is_unsaid = now, False
                seconds, times = now - self._since, self._times
                logger.warning("%s, for %.0f s now, met %d times (%s).", self._began, seconds, times, _reason(error))
        if begins:
            self.on_change()

    def end(self) -> None:
        """It was reached."""
        if not self.is_on:
            return
        with self._lock:
            ends, self.is_on = self.is_on, False
            if ends:
                self._ended_at = time.monotonic()
                if not self._is_unsaid:
                    logger.warning("%s, after %.1f s.", self._ended, self._ended_at - self._since)
            self._times = 0
        if ends:
            self.on_change()


def _reason(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


database = Outage("The database does not answer", "The database answers again")
requests = Outage("Requests are refused because of the database", "The database serves requests again")
channel_layer = Outage(
    "The channel layer does not answer; pages go on by polling the database", "The channel layer answers again"
)


def report_failure(error: BaseException, what: str, where: logging.Logger) -> None:
    """For whoever goes on after any failure: the database's absence is an outage; all else has a traceback."""
    if isinstance(error, Error):
        database.report(error)
    elif not (isinstance(error, NotifyError) and error.code == "unavailable"):  # that was reported where it was met
        where.error("%s", what, exc_info=error)
