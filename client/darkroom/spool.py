"""The outbox in a file, so that what was said survives the worker: lines of JSON, one for each event and each answer.

A line is written in one go before ``say`` returns. After ``kill -9`` at any moment the file holds whole lines, and at
most one torn one at its end, whose event nobody was told of.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from darkroom.errors import DarkroomError, OutboxFull
from darkroom.events import Event

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # Windows: two workers on one file are not noticed there
    flock = None  # type: ignore[assignment]

IDLE_LINES = 10_000  # about events that are answered; beyond that the file is written anew


class Spool:
    """One worker's file; a second one that takes it is told so."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._lines = 0
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = self.path.with_name(self.path.name + ".lock").open("ab")
        if flock is not None:
            try:
                flock(self._lock, LOCK_EX | LOCK_NB)
            except OSError as error:
                self._lock.close()
                raise DarkroomError(f"{self.path} is another worker's outbox: give each worker its own.") from error
        self._file: BinaryIO = self.path.open("ab")

    def load(self) -> list[Event]:
        """What had no answer when the last worker ended, in its order."""
        waiting: dict[str, Event] = {}
        with self.path.open("rb") as file:
            for line in file:
                with suppress(ValueError, KeyError, TypeError):  # torn, or none of ours
                    told = json.loads(line)
                    if "done" in told:
                        waiting.pop(told["done"], None)
                    else:
                        waiting[told["id"]] = Event(told["type"], told["payload"], told["id"], is_sent=True)
        self._rewrite(waiting.values())
        return list(waiting.values())

    def keep(self, event: Event) -> None:
        try:
            self._write(event.text)
        except OSError as error:
            raise OutboxFull(f"The outbox {self.path} cannot be written: {error.strerror}.") from error

    def forget(self, event: Event, waiting: Iterable[Event], count: int) -> None:
        """It has its answer; the others are still waiting."""
        with suppress(OSError):  # then it is said once more after a restart, with the same id
            if not count or self._lines > IDLE_LINES + 2 * count:
                self._rewrite(waiting)
            else:
                self._write(json.dumps({"done": event.id}))

    def close(self) -> None:
        self._file.close()
        self._lock.close()

    def _write(self, line: str) -> None:
        self._file.write(line.encode() + b"\n")
        self._file.flush()
        self._lines += 1

    def _rewrite(self, events: Iterable[Event]) -> None:
        fresh = self.path.with_name(self.path.name + ".new")
        lines = [event.text.encode() + b"\n" for event in events if event.is_kept]
        with fresh.open("wb") as file:
            file.writelines(lines)
        fresh.replace(self.path)
        self._file.close()
        self._file = self.path.open("ab")
        self._lines = len(lines)
