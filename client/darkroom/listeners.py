"""Who hears what the gallery asks for, and what it refuses."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from darkroom.doors import Command
from darkroom.errors import Refused
from darkroom.events import Event, Payload

if TYPE_CHECKING:
    from darkroom.async_batch import AsyncBatch

logger = logging.getLogger("darkroom")

REMEMBERED_COMMANDS = 1_000  # one comes again where its acknowledgement got lost

CommandHandler = Callable[[Command], Awaitable[None] | bool | None]
RefusalHandler = Callable[[str, Payload, Refused], None]


class Listeners:
    """The handlers of one gallery, and its batches that are at work."""

    def __init__(self) -> None:
        self.batches: dict[str, AsyncBatch] = {}
        self.command_handlers: list[CommandHandler] = []
        self.refusal_handlers: list[RefusalHandler] = []
        self._at_work: set[asyncio.Future[None]] = set()
        self._heard: deque[str] = deque(maxlen=REMEMBERED_COMMANDS)

    def hear_refusal(self, event: Event, refusal: Refused) -> None:
        logger.log(
            logging.DEBUG if self.refusal_handlers else logging.WARNING, "%s was refused: %s", event.type, refusal
        )
        for batch in self.batches.values():
            batch.hear_refusal(event.type, event.payload, refusal)
        for handler in self.refusal_handlers:
            handler(event.type, event.payload, refusal)

    def hear_command(self, command: Command) -> bool:
        """Whether somebody takes it, so that it may be acknowledged."""
        key = str(command.get("id"))
        if key not in self._heard:
            handlers = (self._cancel_batch, *self.command_handlers)
            if not [handler for handler in handlers if self._call(handler, command)]:
                return False
            self._heard.append(key)
        return True

    async def close(self) -> None:
        for task in self._at_work:
            task.cancel()
        await asyncio.gather(*self._at_work, return_exceptions=True)

    def _cancel_batch(self, command: Command) -> bool:
        batch = self.batches.get(str((command.get("payload") or {}).get("batchId")))
        if batch is None or command.get("type") != "batch:cancel":
            return False
        batch.cancelled = True
        return True

    def _call(self, handler: CommandHandler, command: Command) -> bool:
        """Whether the handler takes it."""
        try:
            result = handler(command)
        except Exception:
            logger.exception("The handler of %s broke.", command.get("type"))
            return True
        if inspect.isawaitable(result):
            task = asyncio.ensure_future(result)
            self._at_work.add(task)
            task.add_done_callback(self._handled)
            return True
        return result is not False

    def _handled(self, task: asyncio.Future[None]) -> None:
        self._at_work.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("A handler of commands broke.", exc_info=error)
