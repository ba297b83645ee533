"""The doorbell: after a commit it says *that* something changed, never what. Whoever hears it asks the database.

A ring may be lost (channel layers deliver at most once), so nothing depends on it but speed: each server process
also polls what it shows (``gallery.live.watch``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from asgiref.sync import async_to_sync
from channels.exceptions import InvalidChannelLayerError
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.db import transaction

logger = logging.getLogger("gallery.doorbell")

GROUP = "gallery.doorbell"
LAYER_ALIAS = "doorbell"

FOLDER = "folder"  # (folder id, its new revision)
MESSAGES = "messages"  # system messages changed
COMMANDS = "commands"  # a token has a new command
ACCESS = "access"  # somebody's rights changed: look at the open sockets again

Listener = Callable[[str, str, int], None]


class Doorbell:
    """One per process. A server process has a loop and a listener; any other only rings the layer."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self.listener: Listener | None = None

    def attend(self, loop: asyncio.AbstractEventLoop, listener: Listener) -> None:
        """Let ``listener`` hear, on ``loop``, every ring of this process and of the layer."""
        self.loop, self.listener = loop, listener

    def ring(self, kind: str, subject: str = "", revision: int = 0) -> None:
        """Ring at once, from any thread. Never raises: a lost ring costs a moment, it must not cost the event."""
        try:
            if self.loop is not None and not self.loop.is_closed():
                # The layers' queues are not thread-safe: only the loop's own thread touches them.
                self.loop.call_soon_threadsafe(self._ring_here, kind, subject, revision)
            elif layer := shared_layer():
                async_to_sync(layer.group_send)(GROUP, _message(kind, subject, revision))
        except Exception as error:  # the layer is somebody else's code and network
            logger.warning("The doorbell did not ring (%s); the poll will notice.", error)

    def _ring_here(self, kind: str, subject: str, revision: int) -> None:
        if self.listener:
            self.listener(kind, subject, revision)
        if layer := shared_layer():
            task = asyncio.ensure_future(layer.group_send(GROUP, _message(kind, subject, revision)))
            task.add_done_callback(_log_failure)


def _message(kind: str, subject: str, revision: int) -> dict[str, Any]:
    return {"type": "doorbell.ring", "kind": kind, "subject": subject, "revision": revision}


def _log_failure(task: asyncio.Future[Any]) -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.warning("The doorbell did not ring (%s); the poll will notice.", error)


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
