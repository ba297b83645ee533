"""What was said and has no receipt yet, in its order; and how far things are, merged.

An event stays until the gallery has acknowledged it. Progress is passing news: of one thing at most ten a second go
out, the newest in place of those before, never past anything else that was said about the same thing.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable
from itertools import islice

from darkroom.errors import OutboxFull
from darkroom.events import Event, Payload, Receipt, Subject, subjects
from darkroom.spool import Spool

logger = logging.getLogger("darkroom")

PROGRESS_SECONDS = 0.1  # between two reports about the same thing
TOGETHER_EVENTS, TOGETHER_BYTES = 500, 400 * 1024  # in one frame or request
REMEMBERED_SUBJECTS = 1_000  # times of the last report; older ones are forgotten beyond that


class Outbox:
    """Bounded: beyond ``max_events`` or ``max_bytes`` it raises ``OutboxFull``, and progress is not kept."""

    def __init__(self, max_events: int, max_bytes: int, spool: Spool | None = None) -> None:
        self.max_events, self.max_bytes, self._spool = max_events, max_bytes, spool
        self.bytes = 0
        self.dropped = 0  # reports of progress for which there was no room
        self.has_news = asyncio.Event()
        self.has_room = asyncio.Event()
        self.has_room.set()
        self._events: OrderedDict[str, Event] = OrderedDict()
        self._held: dict[Subject, Event] = {}  # progress that follows too soon on the last
        self._timers: dict[Subject, asyncio.TimerHandle] = {}
        self._mergeable: dict[Subject, Event] = {}  # in the queue, and the last that was said about its subject
        self._reported: dict[Subject, float] = {}
        for event in spool.load() if spool else ():  # whatever the limits are now
            self._events[event.id] = event
            self.bytes += len(event.text)
            self.has_news.set()

    def __len__(self) -> int:
        return len(self._events) + len(self._held)

    def add(self, event: Event, *, even_if_full: bool = False) -> None:
        """Last in the queue, behind all progress that was reported before about the same thing.

        ``even_if_full`` is for the end of what was begun: whoever begins has to ask for room.
        """
        about = subjects(event.type, event.payload)
        self._release(list(self._held) if about is None else about)
        self._append(event, even_if_full)
        if about is None:
            self._mergeable.clear()
        for subject in about or ():
            self._mergeable.pop(subject, None)

    def report(self, event_type: str, payload: Payload) -> None:
        """Progress of one thing."""
        [subject] = subjects(event_type, payload) or [("", event_type)]
        waiting = self._held.get(subject) or self._mergeable.get(subject)
        if waiting is not None and not waiting.is_sent:
            before = len(waiting.text)
            waiting.merge(payload)
            if subject not in self._held:
                self.bytes += len(waiting.text) - before
            return
        loop = asyncio.get_running_loop()
        self._held[subject] = Event(event_type, payload, is_kept=False)
        due = self._reported.get(subject, 0.0) + PROGRESS_SECONDS
        if loop.time() >= due:
            self._release([subject])
        else:
            self._timers[subject] = loop.call_at(due, self._release, [subject])

    def release_all(self) -> None:
        """Nothing more will be said: what is held back goes now."""
        self._release(list(self._held))

    def head(self, limit: int = TOGETHER_EVENTS) -> list[Event]:
        """The oldest, as many as may be sent together; from now on they are what they are."""
        together: list[Event] = []
        size = 0
        for event in islice(self._events.values(), limit):
            size += len(event.text)
            if together and size > TOGETHER_BYTES:
                break
            event.is_sent = True
            together.append(event)
        if not together:
            self.has_news.clear()
        return together

    def remove(self, event: Event) -> None:
        """It has its answer."""
        if self._events.pop(event.id, None) is None:
            return
        self.bytes -= len(event.text)
        if self._spool is not None and event.is_kept:
            self._spool.forget(event, self._events.values(), len(self._events))
        if not self._is_full:
            self.has_room.set()

    def about(self, item_id: str) -> list[Event]:
        """What waits for an answer and speaks of that item."""
        subject = ("item", item_id)
        return [event for event in self._events.values() if subject in (subjects(event.type, event.payload) or ())]

    def all(self) -> list[Event]:
        return list(self._events.values())

    def last_answer(self) -> asyncio.Future[Receipt] | None:
        """Of what was said last, which is answered last; None where nothing waits."""
        if not self._events:
            return None
        last = next(reversed(self._events.values()))
        if last.answer is None:
            last.answer = asyncio.get_running_loop().create_future()
        return last.answer

    def close(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        if self._spool is not None:
            self._spool.close()

    @property
    def _is_full(self) -> bool:
        return len(self._events) >= self.max_events or self.bytes >= self.max_bytes

    def _append(self, event: Event, even_if_full: bool = False) -> None:
        if self._is_full and not even_if_full:
            raise OutboxFull(
                f"{len(self._events):,} events ({self.bytes // 1024:,} KiB) wait for the gallery, and no more are kept."
            )
        if self._spool is not None and event.is_kept:
            try:
                self._spool.keep(event)
            except OutboxFull as error:
                if not even_if_full:
                    raise
                logger.warning("%s", error)
        self._events[event.id] = event
        self.bytes += len(event.text)
        if self._is_full and self.has_room.is_set():
            self.has_room.clear()
            logger.warning("%s events wait for the gallery: no more are kept until it takes some.", len(self._events))
        self.has_news.set()

    def _release(self, about: Iterable[Subject]) -> None:
        for subject in about:
            if (timer := self._timers.pop(subject, None)) is not None:
                timer.cancel()
            event = self._held.pop(subject, None)
            if event is None:
                continue
            if self._is_full:
                self.dropped += 1
                continue
            self._append(event)
            self._mergeable[subject] = event
            self._note_time(subject)

    def _note_time(self, subject: Subject) -> None:
        now = asyncio.get_running_loop().time()
        if len(self._reported) >= REMEMBERED_SUBJECTS:
            self._reported = {key: at for key, at in self._reported.items() if now - at < PROGRESS_SECONDS}
            self._mergeable = {key: event for key, event in self._mergeable.items() if not event.is_sent}
        self._reported[subject] = now
