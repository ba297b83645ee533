"""One browser's socket: where it stands, and how much it has not acknowledged."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from gallery.languages import usual_language
from gallery.live import eager
from gallery.live.direct import direct_write, encode_frame

WINDOW_FRAMES = 128  # a viewer that owes more is paused
WINDOW_BYTES = 1024 * 1024


class Subscriber:
    """A viewer that gets nothing more while it is busy receiving, or owes too many acknowledgements.

    ``at`` is the revision that it has been sent, ``language`` that of its page; ``on_ready`` is called when it may
    get more again.
    """

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]], at: int | None = None) -> None:
        self._send = send
        self._write = direct_write(send)
        self.at = at
        self.messages_at = -1
        self.language = usual_language()
        self.last_sent = time.monotonic()
        self.on_ready: Callable[[], None] = lambda: None
        self.is_closed = False
        self._sending: asyncio.Task[Any] | None = None
        self._owed: deque[tuple[int, int]] = deque()  # (revision, bytes) of frames that were not acknowledged
        self._owed_bytes = 0

    @property
    def is_paused(self) -> bool:
        """Owes too much."""
        return len(self._owed) > WINDOW_FRAMES or self._owed_bytes > WINDOW_BYTES

    @property
    def is_ready(self) -> bool:
        """May get a frame; asked twice for each, so it does not call ``is_paused``."""
        return (
            self._sending is None
            and not self.is_closed
            and len(self._owed) <= WINDOW_FRAMES
            and self._owed_bytes <= WINDOW_BYTES
        )

    def send(self, text: str, encoded: bytes | None = None) -> int:
        """Send a frame; what does not go out at once goes on by itself, and nobody waits for it. Returns its bytes.

        Whoever sends the same to many encodes it once for all (``direct.encode_frame``).
        """
        encoded = encode_frame(text) if encoded is None else encoded
        self.last_sent = time.monotonic()
        self._owed.append((self.at or 0, len(encoded)))
        self._owed_bytes += len(encoded)
        if self._write is None or not self._write(encoded):
            self._start({"type": "websocket.send", "text": text})
        return len(encoded)

    def close(self, code: int) -> None:
        """End the socket with the contract's code."""
        if not self.is_closed:
            self._start({"type": "websocket.close", "code": code})
            self.is_closed = True

    def acknowledge(self, revision: int) -> None:
        """The page shows that revision: what was sent up to it is no longer owed."""
        was_paused = self.is_paused
        while self._owed and self._owed[0][0] <= revision:
            self._owed_bytes -= self._owed.popleft()[1]
        if was_paused and not self.is_paused:
            self.on_ready()

    def _start(self, message: dict[str, Any]) -> None:
        try:
            task = eager.start(self._send(message))
        except Exception:  # the socket is gone; its consumer is told by the server
            self.is_closed = True
            return
        if task is not None:
            self._sending = task
            task.add_done_callback(self._sent)

    def _sent(self, task: asyncio.Task[Any]) -> None:
        self._sending = None
        if task.cancelled() or task.exception():
            self.is_closed = True
        else:
            self.on_ready()
