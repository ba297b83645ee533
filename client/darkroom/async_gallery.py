"""The gallery, for asynchronous code: the core that everything else of this package is made of."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import Any, Self

import httpx

from darkroom.address import Address
from darkroom.async_batch import AsyncBatch
from darkroom.connection import Connection
from darkroom.errors import DarkroomError, TokenRefused
from darkroom.events import Event, Payload, Receipt, subjects
from darkroom.http_side import HttpSide
from darkroom.listeners import CommandHandler, Listeners, RefusalHandler
from darkroom.outbox import Outbox
from darkroom.spool import Spool

logger = logging.getLogger("darkroom")

MAX_WAITING_EVENTS = 10_000
MAX_WAITING_BYTES = 32 * 2**20
MAX_MEDIA_BYTES = 2**30  # as the gallery has it unless told otherwise
REQUEST_SECONDS = 60.0
GOODBYE_SECONDS = 10.0


class AsyncGallery(HttpSide):
    """One worker's side of the gallery. Make it and use it in one event loop."""

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        spool: str | os.PathLike[str] | None = None,
        max_waiting: int = MAX_WAITING_EVENTS,
        max_waiting_bytes: int = MAX_WAITING_BYTES,
        max_media_bytes: int = MAX_MEDIA_BYTES,
        trust_env: bool = True,
    ) -> None:
        address = Address.of(url, token, trust_env)
        self.url, self.token = address.url, address.token
        self.max_media_bytes = max_media_bytes
        self._outbox = Outbox(max_waiting, max_waiting_bytes, Spool(spool) if spool else None)
        self._http = httpx.AsyncClient(
            base_url=address.url, headers=address.headers, timeout=REQUEST_SECONDS, trust_env=address.uses_proxies
        )
        self._listeners = Listeners()
        hear, hear_refusal = self._listeners.hear_command, self._listeners.hear_refusal
        self._connection = Connection(address, self._http, self._outbox, hear, hear_refusal)
        self._task: asyncio.Task[None] | None = None
        self._over: Exception | None = None

    async def __aenter__(self) -> Self:
        self._start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    def batch(self, label: str, total: int = 1, **options: Any) -> AsyncBatch:
        """``async with gallery.batch("Sunsets", total=8) as batch:``; the options are those of ``AsyncBatch``."""
        return AsyncBatch(self, label, total, **options)

    def say(
        self, event_type: str, payload: Payload, *, id: str | None = None, even_if_full: bool = False
    ) -> asyncio.Future[Receipt]:
        """Send an event, now or as soon as the gallery can be reached, in the order of saying.

        The future brings the receipt, or raises ``Refused`` or ``TokenRefused``; nobody has to wait for it. Raises
        ``OutboxFull`` while too much waits, unless ``even_if_full``: for the end of what was begun.
        """
        self._start()
        answer: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        event = Event(event_type, payload, answer=answer) if id is None else Event(event_type, payload, id, answer)
        self._outbox.add(event, even_if_full=even_if_full)
        return answer

    def progress(self, event_type: str, payload: Payload) -> None:
        """Passing news of one thing, as how far it is: ``item:update`` or ``batch:progress`` without an item.

        At most ten a second are sent of each thing; the last one always is, and never after what is said later.
        """
        if len(subjects(event_type, payload) or ()) != 1:
            raise ValueError(f"{event_type} with these fields is no progress of one thing: use say().")
        self._start()
        self._outbox.report(event_type, payload)

    async def room(self) -> None:
        """Wait until the outbox takes events again; raises ``TokenRefused`` where it never will."""
        self._start()
        await self._outbox.has_room.wait()
        if self._over is not None:
            raise self._over

    def on_command(self, handler: CommandHandler) -> CommandHandler:
        """Call it, or await it, with each command: ``{"type": "batch:cancel", "id": …, "payload": {…}}``.

        May be used as a decorator. A command for which there is no handler, or whose handlers all return False, is
        left with the gallery: it comes again with the next connection, and to other workers of the same token.
        """
        self._listeners.command_handlers.append(handler)
        return handler

    def on_refused(self, handler: RefusalHandler) -> RefusalHandler:
        """Call it with type, payload and ``Refused`` of each event that the gallery does not take, progress too."""
        self._listeners.refusal_handlers.append(handler)
        return handler

    @property
    def is_connected(self) -> bool:
        return self._connection.is_open.is_set()

    @property
    def door(self) -> str:
        """``websocket``, ``http``, or empty while the gallery is away."""
        return self._connection.door.name if self._connection.door else ""

    @property
    def times_connected(self) -> int:
        return self._connection.times_opened

    @property
    def waiting(self) -> int:
        """How many events have no receipt yet."""
        return len(self._outbox)

    async def connected(self) -> None:
        """Wait until the gallery can be reached; raises ``TokenRefused``."""
        self._start()
        opened = asyncio.ensure_future(self._connection.is_open.wait())
        try:
            await asyncio.wait([opened, *([self._task] if self._task else [])], return_when=asyncio.FIRST_COMPLETED)
        finally:
            opened.cancel()
        if self._over is not None:
            raise self._over

    async def run(self) -> None:
        """Wait until nothing more can be said: raises ``TokenRefused``, or returns when it is closed."""
        self._start()
        if self._task is not None:
            await asyncio.wait([self._task])
        if self._over is not None:
            raise self._over

    async def flush(self, seconds: float | None = None) -> bool:
        """Give what was said that much time to arrive, without a number all the time that it takes.

        True when all of it was answered.
        """
        self._outbox.release_all()
        last = self._outbox.last_answer()
        if last is not None and self._over is None:
            await asyncio.wait([last], timeout=seconds)
        return not len(self._outbox)

    async def close(self, seconds: float = GOODBYE_SECONDS) -> None:
        """Give what was said that much time to arrive, and end the connection."""
        await self.flush(seconds)
        if left := len(self._outbox):
            logger.warning("%s events were not taken by the gallery.", left)
        self._outbox.close()
        await self._listeners.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._http.aclose()
        self._end(DarkroomError("The connection to the gallery was closed."))

    def take_batch(self, batch: AsyncBatch) -> None:
        """From now on the batch is told what people ask for, and what is refused of it."""
        self._listeners.batches[batch.id] = batch

    def drop_batch(self, batch: AsyncBatch) -> None:
        self._listeners.batches.pop(batch.id, None)

    def _start(self) -> None:
        if self._over is not None:
            raise self._over
        if self._task is None:
            self._task = asyncio.ensure_future(self._connection.run())
            self._task.add_done_callback(self._on_end)

    def _on_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            if not isinstance(error, TokenRefused):
                logger.error("The connection to the gallery broke.", exc_info=error)
            self._end(error if isinstance(error, Exception) else DarkroomError(str(error)))

    def _end(self, error: Exception) -> None:
        self._over = self._over or error
        for event in self._outbox.all():
            event.fail(error)
        self._outbox.has_room.set()  # who waits for room is told
