"""The gallery for ordinary code: a thread of its own speaks with it, and the caller hardly ever waits.

A call waits only where there is no room: for events while the gallery has been away for very long, for files while
several are under way already.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, Self, TypeVar

from darkroom.async_batch import AsyncBatch
from darkroom.async_gallery import AsyncGallery
from darkroom.batch import Batch
from darkroom.errors import DarkroomError
from darkroom.events import Payload, Receipt
from darkroom.files import Source
from darkroom.listeners import CommandHandler

Result = TypeVar("Result")

UPLOADS_AT_ONCE = 4  # their files are kept in memory meanwhile
GOODBYE_SECONDS, HASTY_GOODBYE_SECONDS = 30.0, 5.0  # the second where an exception is on its way
CLOSED = "The gallery was closed."
ANOTHER_PROCESS = "This gallery was made in another process: make one in each, after the fork."


class Gallery:
    """``with Gallery() as gallery:``; the arguments are those of ``AsyncGallery``. May be used from several threads."""

    def __init__(self, url: str | None = None, token: str | None = None, **options: Any) -> None:
        self._pid = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="darkroom", daemon=True)
        self._thread.start()
        self._is_closed = False
        self.uploads = threading.BoundedSemaphore(UPLOADS_AT_ONCE)
        try:
            self.core: AsyncGallery = self.wait(_make(url, token, options))
        except BaseException:
            self._stop()
            raise
        atexit.register(self._close_at_exit)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.close(GOODBYE_SECONDS if error is None else HASTY_GOODBYE_SECONDS)

    def batch(self, label: str, total: int = 1, **options: Any) -> Batch:
        """``with gallery.batch("Sunsets", total=8) as batch:``; the options are those of ``AsyncBatch``."""
        return Batch(self, AsyncBatch(self.core, label, total, **options))

    def say(self, event_type: str, payload: Payload, *, id: str | None = None) -> Receipt:
        """Send an event and wait for its receipt; raises ``Refused``, ``TokenRefused`` or ``OutboxFull``."""

        async def said() -> Receipt:
            return await self.core.say(event_type, payload, id=id)

        return self.wait(said())

    def progress(self, event_type: str, payload: Payload) -> None:
        """Passing news, as ``AsyncGallery.progress``; waits for nothing."""
        self.post(self.core.progress, event_type, dict(payload))

    def put_media(self, item_id: str, source: Source, content_type: str = "", name: str = "") -> dict[str, Any]:
        return self.wait(self.core.put_media(item_id, source, content_type, name))

    def put_preview(self, target: str | tuple[str, int], data: bytes) -> bool:
        return self.wait(self.core.put_preview(target, data))

    def get(self, path: str, **params: Any) -> Any:
        return self.wait(self.core.get(path, **params))

    def on_command(self, handler: CommandHandler) -> CommandHandler:
        """It is called in the gallery's thread: let it set a flag, and return."""
        self.core.on_command(handler)
        return handler

    @property
    def is_connected(self) -> bool:
        return self.core.is_connected

    @property
    def waiting(self) -> int:
        """How many events have no receipt yet."""
        return self.core.waiting

    def flush(self, seconds: float | None = None) -> bool:
        """Wait until what was said has been answered; False when the time was too short."""
        return self.wait(self.core.flush(seconds))

    def close(self, seconds: float = GOODBYE_SECONDS) -> None:
        """Give what was said that much time to arrive, and end."""
        if self._is_closed:
            return
        self._is_closed = True
        atexit.unregister(self._close_at_exit)
        try:
            self.wait(self.core.close(seconds))
        finally:  # Ctrl-C: it does not wait any longer
            self._stop()

    # For the batches and items of this module.

    def wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do it in the gallery's thread, and bring what it returns or raises."""
        if self._pid != os.getpid() or not self._thread.is_alive():
            work.close()
            raise DarkroomError(ANOTHER_PROCESS if self._pid != os.getpid() else CLOSED)
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException as error:
            if future.cancelled() and self._is_closed:
                raise DarkroomError(CLOSED) from error
            future.cancel()
            raise

    def post(self, work: Callable[..., Any], *arguments: Any) -> None:
        """Have it done in the gallery's thread, soon."""
        with suppress(RuntimeError):  # closed: nobody hears it any more
            self._loop.call_soon_threadsafe(_quietly, work, *arguments)

    def later(self, seconds: float, work: Callable[[], Any]) -> None:
        """Only from the gallery's thread."""
        self._loop.call_later(seconds, work)

    def _close_at_exit(self) -> None:
        if self._pid == os.getpid():
            with suppress(DarkroomError, KeyboardInterrupt):
                self.close(HASTY_GOODBYE_SECONDS)

    def _stop(self) -> None:
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(_cancel_others(), self._loop).result(HASTY_GOODBYE_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(HASTY_GOODBYE_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()


async def _make(url: str | None, token: str | None, options: Mapping[str, Any]) -> AsyncGallery:
    return await AsyncGallery(url, token, **options).__aenter__()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _quietly(work: Callable[..., Any], *arguments: Any) -> None:
    """What the connection is over with has been said to whoever waits for an answer."""
    with suppress(DarkroomError):
        work(*arguments)
