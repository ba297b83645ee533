"""The doorbell: after a commit it says *that* something changed, never what. Whoever hears it asks the database.

A ring may be lost (channel layers deliver at most once), so nothing depends on it but speed: each server process
also polls what it shows (``gallery.live.watch``).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from asgiref.sync import async_to_sync
from channels.exceptions import InvalidChannelLayerError
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.db import transaction

from gallery import metrics, outages

GROUP = "gallery.doorbell"
LAYER_ALIAS = "doorbell"

FOLDER = "folder"  # (folder id, its new revision)
MESSAGES = "messages"  # system messages changed
COMMANDS = "commands"  # a token has a new command
ACCESS = "access"  # somebody's rights changed: look at the open sockets again

PATIENCE_SECONDS = 2.0  # with the channel layer
SILENT_SECONDS = 5.0  # after a ring that failed, where nobody listens whether the layer is back

Listener = Callable[[str, str, int], None]


class Doorbell:
    """One per process. A server process has a loop and a listener; any other only rings the layer."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self.listener: Listener | None = None
        self._waiting: dict[tuple[str, str], int] = {}  # what the layer is to be told → the newest revision
        self._telling: asyncio.Future[None] | None = None
        self._silent_until = 0.0

    def attend(self, loop: asyncio.AbstractEventLoop, listener: Listener) -> None:
        """Let ``listener`` hear, on ``loop``, every ring of this process and of the layer."""
        self.loop, self.listener = loop, listener
        self._waiting, self._telling = {}, None

    def ring(self, kind: str, subject: str = "", revision: int = 0) -> None:
        """Ring at once, from any thread. Never raises: a lost ring costs a moment, it must not cost the event."""
        if self.loop is not None and not self.loop.is_closed():
            with suppress(RuntimeError):  # it closes just now
                # The layers' queues are not thread-safe: only the loop's own thread touches them.
                self.loop.call_soon_threadsafe(self._ring_here, kind, subject, revision)
        elif time.monotonic() >= self._silent_until and (layer := shared_layer()):
            try:
                async_to_sync(_tell)(layer, kind, subject, revision)
                outages.channel_layer.end()
            except Exception as error:  # the layer is somebody else's code and network
                outages.channel_layer.report(error)
                self._silent_until = time.monotonic() + SILENT_SECONDS

    def _ring_here(self, kind: str, subject: str, revision: int) -> None:
        metrics.RINGS.labels("here").inc()
        if self.listener:
            self.listener(kind, subject, revision)
        # While the layer is away the listener of ``gallery.live.layer`` alone asks for it.
        if not outages.channel_layer.is_on and (layer := shared_layer()):
            self._waiting[kind, subject] = max(revision, self._waiting.get((kind, subject), 0))
            if self._telling is None or self._telling.done():
                self._telling = asyncio.ensure_future(self._tell_others(layer))

    async def _tell_others(self, layer: Any) -> None:
        """One ring after the other; of what rings meanwhile for the same folder the newest is told."""
        while self._waiting:
            (kind, subject), revision = next(iter(self._waiting.items()))
            del self._waiting[kind, subject]
            try:
                await _tell(layer, kind, subject, revision)
            except Exception as error:
                outages.channel_layer.report(error)
                self._waiting.clear()


async def _tell(layer: Any, kind: str, subject: str, revision: int) -> None:
    message = {"type": "doorbell.ring", "kind": kind, "subject": subject, "revision": revision}
    async with asyncio.timeout(PATIENCE_SECONDS):
        await layer.group_send(GROUP, message)


def shared_layer() -> Any | None:
    """The channel layer that reaches other processes, or None where there is none."""
    try:
        layer = get_channel_layer(LAYER_ALIAS)
    except InvalidChannelLayerError:
        layer = get_channel_layer()
    return None if layer is None or isinstance(layer, InMemoryChannelLayer) else layer


doorbell = Doorbell()


def ring_on_commit(kind: str, subject: str = "", revision: int = 0) -> None:
    """Ring once the current transaction has committed; without one, at once."""
    transaction.on_commit(lambda: doorbell.ring(kind, subject, revision))
