"""Start a coroutine now and finish it here if it does not block; only one that blocks becomes a task.

A loop over all viewers must not await any of them: one stalled reader would hold up the rest. And a task for each
would cost more than the sending. Python 3.12's eager tasks do the same; this works from 3.11 on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any


class _Rest:
    """What is left of a coroutine that was stepped once and now waits for ``pending``."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], pending: Any) -> None:
        self.coroutine = coroutine
        self.pending = pending

    def __await__(self) -> Generator[Any, Any, Any]:
        pending = self.pending
        while True:
            try:
                value = yield pending
            except BaseException as error:  # the task's cancellation belongs to the coroutine
                step = self.coroutine.throw
                argument: Any = error
            else:
                step = self.coroutine.send
                argument = value
            try:
                pending = step(argument)
            except StopIteration as stop:
                return stop.value


def start(coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any] | None:
    """Run until the coroutine blocks; None if it finished, else the task that drives it on. Raises what it raises."""
    try:
        pending = coroutine.send(None)
    except StopIteration:
        return None
    return asyncio.ensure_future(_drive(_Rest(coroutine, pending)))


async def _drive(rest: _Rest) -> Any:
    return await rest
