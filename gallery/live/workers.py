"""The workers' open sockets: commands go to them, and a token that is revoked or expires closes them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Protocol

from gallery.live.threads import ACTIONS, in_thread
from gallery.models import WorkerToken

UNAUTHENTICATED = 4401


class WorkerSocket(Protocol):
    """What the workers' door registers here."""

    token_id: int
    unanswered: int
    commands_waiting: asyncio.Event

    def close(self, code: int) -> None: ...


class WorkerSockets:
    """The sockets of this process, by token."""

    def __init__(self, on_arrival: Callable[[], None]) -> None:
        self._on_arrival = on_arrival
        self.tokens: dict[int, set[WorkerSocket]] = defaultdict(set)

    def add(self, socket: WorkerSocket) -> None:
        self.tokens[socket.token_id].add(socket)
        self._on_arrival()

    def remove(self, socket: WorkerSocket) -> None:
        self.tokens[socket.token_id].discard(socket)
        if not self.tokens[socket.token_id]:
            del self.tokens[socket.token_id]

    def wake(self, token_id: int) -> None:
        """A command may wait for this token."""
        for socket in self.tokens.get(token_id, ()):
            socket.commands_waiting.set()

    async def close_lost(self) -> None:
        """Close the sockets of tokens that are worth nothing any more."""
        if not self.tokens:
            return
        asked = set(self.tokens)  # one that connects meanwhile was not asked for
        for token_id in asked - await in_thread(ACTIONS, _usable, asked):
            for socket in list(self.tokens.get(token_id, ())):
                socket.close(UNAUTHENTICATED)


def _usable(token_ids: set[int]) -> set[int]:
    return set(WorkerToken.objects.usable().filter(pk__in=token_ids).values_list("pk", flat=True))
