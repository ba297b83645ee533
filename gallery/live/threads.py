"""Where the database is asked from: threads of their own, so that neither the event loop nor requests wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import DatabaseError, connections

T = TypeVar("T")

FRAMES = ThreadPoolExecutor(2, "gallery-frames")  # what is new, rendered
WATCH = ThreadPoolExecutor(1, "gallery-watch")  # the poll; its connection never writes
SWEEP = ThreadPoolExecutor(1, "gallery-sweep")  # what time changes
ACTIONS = ThreadPoolExecutor(2, "gallery-actions")  # who may enter, and what pages ask for
INGEST = ThreadPoolExecutor(2, "gallery-ingest")  # what workers send over their sockets


async def in_thread(executor: ThreadPoolExecutor, function: Callable[..., T], *arguments: object) -> T:
    """Call ``function`` on one of the executor's threads."""
    return await asyncio.get_running_loop().run_in_executor(executor, _call, function, arguments)


def _call(function: Callable[..., T], arguments: tuple[object, ...]) -> T:
    try:
        return function(*arguments)
    except DatabaseError:
        connections.close_all()  # a broken connection must not be met again
        raise
