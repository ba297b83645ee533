"""The gallery, for asynchronous code: the core that everything else of this package is made of."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from darkroom.connection import Address, Connection, Pauses
from darkroom.doors import TRY_AGAIN_STATUS, Command, read_json, retry_after
from darkroom.errors import DarkroomError, Refused, TokenRefused
from darkroom.events import Event, Payload, Receipt, subjects
from darkroom.files import Source, as_upload, check_preview, content_type_of
from darkroom.outbox import Outbox

logger = logging.getLogger("darkroom")

MAX_WAITING_EVENTS = 10_000
MAX_WAITING_BYTES = 32 * 2**20
MAX_MEDIA_BYTES = 2**30  # as the gallery has it unless told otherwise
STILL_WRITTEN_TRIES = 3
REMEMBERED_COMMANDS = 1_000
PREVIEW_SECONDS = 10.0
REQUEST_SECONDS = 60.0
BROKEN_REQUESTS = 10  # one after the other while the gallery can be reached
GOODBYE_SECONDS = 10.0

CommandHandler = Callable[[Command], Awaitable[None] | None]
RefusalHandler = Callable[[str, Payload, Refused], None]


class AsyncGallery:
    """One worker's side of the gallery. Make it and use it in one event loop."""

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        max_waiting: int = MAX_WAITING_EVENTS,
        max_waiting_bytes: int = MAX_WAITING_BYTES,
        max_media_bytes: int = MAX_MEDIA_BYTES,
        trust_env: bool = True,
    ) -> None:
        address = Address(_url(url), _token(token), trust_env)
        self.max_media_bytes = max_media_bytes
        self._outbox = Outbox(max_waiting, max_waiting_bytes)
        self._http = httpx.AsyncClient(
            base_url=address.url, headers=address.headers, timeout=REQUEST_SECONDS, trust_env=address.uses_proxies
        )
        self._connection = Connection(address, self._http, self._outbox, self._hear, self._on_refused)
        self._task: asyncio.Task[None] | None = None
        self._handlers: list[CommandHandler] = []
        self._refusal_handlers: list[RefusalHandler] = []
        self._handling: set[asyncio.Future[None]] = set()
        self._heard: deque[str] = deque(maxlen=REMEMBERED_COMMANDS)
        self._over: Exception | None = None

    async def __aenter__(self) -> Self:
        self._start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    def say(self, event_type: str, payload: Payload, *, id: str | None = None) -> asyncio.Future[Receipt]:
        """Send an event, now or as soon as the gallery can be reached, in the order of saying.

        The future brings the receipt, or raises ``Refused`` or ``TokenRefused``; nobody has to wait for it. Raises
        ``OutboxFull`` while too much waits.
        """
        self._start()
        answer: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        event = Event(event_type, payload, answer=answer) if id is None else Event(event_type, payload, id, answer)
        self._outbox.add(event)
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
        """Wait until the outbox takes events again."""
        await self._outbox.has_room.wait()

    async def put_media(self, item_id: str, source: Source, content_type: str = "", name: str = "") -> dict[str, Any]:
        """Upload an item's file, again and again until the gallery has it; returns the item.

        ``source`` is a path, bytes, or an asynchronous iterable of bytes. What was said before about the item goes
        first. Raises ``Refused`` where the gallery will not take it, and before it is sent where it is too large,
        cannot be read or is still being written.
        """
        for _ in range(STILL_WRITTEN_TRIES):
            async with as_upload(source, self.max_media_bytes, name) as upload:
                await self._after(item_id)
                headers = {
                    "Content-Type": content_type or content_type_of(upload.name),
                    "Content-Length": str(upload.size),
                }
                response = await self.request(
                    "PUT", f"/api/items/{item_id}/media", make_content=upload.chunks, headers=headers
                )
                if not upload.has_changed:
                    return dict(read_json(response))
        raise Refused("invalid", f"{upload.name} is still being written.")

    async def put_preview(self, target: str | tuple[str, int], data: bytes) -> bool:
        """Show what an item looks like so far, or the placeholder ``(batch_id, index)``: JPEG, PNG or WebP.

        Worth nothing later, so it is tried once, and only while the gallery can be reached: False when it did not
        arrive. Raises ``Refused`` where it is no picture or too large.
        """
        content_type = check_preview(data)
        path = f"/api/items/{target}/preview"
        if isinstance(target, tuple):
            path = f"/api/batches/{target[0]}/previews/{target[1]}"
        if not self.is_connected:
            return False
        headers = {"Content-Type": content_type}
        try:
            response = await self._http.put(path, content=data, headers=headers, timeout=PREVIEW_SECONDS)
        except httpx.TransportError:
            return False
        if response.is_error and response.status_code not in TRY_AGAIN_STATUS:
            raise Refused.from_answer(read_json(response), response.status_code)
        return response.is_success

    async def get(self, path: str, **params: Any) -> Any:
        """Read from the JSON API, as ``get("/api/items/7")``; waits while the gallery is away."""
        return read_json(await self.request("GET", path, params=params))

    async def request(
        self, method: str, path: str, *, make_content: Callable[[], Any] | None = None, **options: Any
    ) -> httpx.Response:
        """Any request, again and again until it is answered; raises ``Refused`` or ``TokenRefused``."""
        pauses = Pauses()
        broken = 0
        while True:
            if self._over is not None:
                raise self._over
            if make_content is not None:
                options["content"] = make_content()
            try:
                response = await self._http.request(method, path, **options)
            except httpx.TransportError as error:
                broken = broken + 1 if self.is_connected else 0
                if broken > BROKEN_REQUESTS:
                    raise Refused("broken", f"{method} {path} breaks off each time: {error}") from error
                await pauses.wait()
                continue
            if response.status_code in TRY_AGAIN_STATUS:
                await pauses.wait(at_least=retry_after(response) if "Retry-After" in response.headers else 0.0)
            elif response.status_code == 401:
                raise TokenRefused
            elif response.is_error:
                raise Refused.from_answer(read_json(response), response.status_code)
            else:
                return response

    def on_command(self, handler: CommandHandler) -> CommandHandler:
        """Call it, or await it, with each command: ``{"type": "batch:cancel", "id": …, "payload": {…}}``.

        May be used as a decorator. As long as there is no handler, commands are left with the gallery.
        """
        self._handlers.append(handler)
        return handler

    def on_refused(self, handler: RefusalHandler) -> RefusalHandler:
        """Call it with type, payload and ``Refused`` of each event that the gallery does not take, progress too."""
        self._refusal_handlers.append(handler)
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
        tasks = [task for task in (self._task, *self._handling) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._http.aclose()
        self._end(DarkroomError("The connection to the gallery was closed."))

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

    async def _after(self, item_id: str) -> None:
        """Before the gallery has the item, it has no place for its file."""
        for event in self._outbox.about(item_id):
            if event.answer is not None:
                with suppress(Refused):
                    await event.answer

    def _on_refused(self, event: Event, refusal: Refused) -> None:
        logger.log(
            logging.DEBUG if self._refusal_handlers else logging.WARNING, "%s was refused: %s", event.type, refusal
        )
        for handler in self._refusal_handlers:
            handler(event.type, event.payload, refusal)

    def _hear(self, command: Command) -> bool:
        if not self._handlers:
            return False
        key = str(command.get("id"))
        if key not in self._heard:
            self._heard.append(key)
            for handler in self._handlers:
                self._call(handler, command)
        return True

    def _call(self, handler: CommandHandler, command: Command) -> None:
        try:
            result = handler(command)
        except Exception:
            logger.exception("The handler of %s broke.", command.get("type"))
            return
        if inspect.isawaitable(result):
            task = asyncio.ensure_future(result)
            self._handling.add(task)
            task.add_done_callback(self._handled)

    def _handled(self, task: asyncio.Future[None]) -> None:
        self._handling.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("A handler of commands broke.", exc_info=error)


def _url(url: str | None) -> str:
    found = (url or os.environ.get("DARKROOM_URL", "")).strip().rstrip("/")
    if not found:
        raise DarkroomError("Say where the gallery is: as url, or in DARKROOM_URL.")
    parts = urlsplit(found)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise DarkroomError(f"{found!r} is no address of a gallery; one looks like http://127.0.0.1:8000.")
    return found


def _token(token: str | None) -> str:
    found = (token or os.environ.get("DARKROOM_TOKEN", "")).strip()
    if not found:
        raise DarkroomError("Give the worker's token: as token, or in DARKROOM_TOKEN.")
    return found
