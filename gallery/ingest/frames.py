"""What a worker's socket was sent and has not answered yet: text frames, each of one event or of an array."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from typing import Any

from gallery.contract import limits
from gallery.contract.errors import NotifyError
from gallery.ingest.receive import Answer

WAITING_BYTES = 32 * limits.MIB  # read ahead of the database; no more is read before some of it is answered


@dataclass
class Frame:
    """What one text frame carried: its events, or why none of them is taken."""

    events: list[Any] = field(default_factory=list)
    is_array: bool = False
    refusal: NotifyError | None = None
    size: int = 0  # bytes, or nearly
    arrived: float = field(default_factory=time.perf_counter)

    @property
    def answers(self) -> int:
        """How many it will get; a frame that cannot be read gets one."""
        return max(1, len(self.events))

    def refused(self, error: NotifyError) -> list[Answer]:
        """That error for each event, with its id where it can be read."""
        ids = [event.get("id") if isinstance(event, dict) else None for event in self.events]
        return [replace(error, event_id=key if isinstance(key, str) else None) for key in ids] or [error]


class Unanswered:
    """The frames of one socket in the order of arrival, from being read until they are answered."""

    def __init__(self) -> None:
        self.events = 0  # those that are refused as well
        self.has_room = asyncio.Event()
        self.has_room.set()
        self._bytes = 0
        self._waiting: asyncio.Queue[Frame] = asyncio.Queue()

    def put(self, frame: Frame) -> None:
        self._count(frame, 1)
        self._waiting.put_nowait(frame)

    async def take(self) -> list[Frame]:
        """All that wait, up to one full array; they count until they are ``answered``."""
        frames = [await self._waiting.get()]
        events = len(frames[0].events)
        while not self._waiting.empty() and events < limits.EVENTS_PER_ARRAY:
            frames.append(self._waiting.get_nowait())
            events += len(frames[-1].events)
        return frames

    def answered(self, frame: Frame) -> None:
        self._count(frame, -1)

    def _count(self, frame: Frame, sign: int) -> None:
        self.events += sign * frame.answers
        self._bytes += sign * frame.size
        # A worker that reads nothing is refused at first, and then no longer listened to.
        if self.events > 2 * limits.EVENTS_UNANSWERED or self._bytes > WAITING_BYTES:
            self.has_room.clear()
        else:
            self.has_room.set()
