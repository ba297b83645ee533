"""Where the database is asked from: threads of their own, so that neither the event loop nor requests wait."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import Error, connections

T = TypeVar("T")

FRAMES = ThreadPoolExecutor(2, "gallery-frames")  # what is new, rendered
WATCH = ThreadPoolExecutor(1, "gallery-watch")  # the poll; its connection never writes
SWEEP = ThreadPoolExecutor(1, "gallery-sweep")  # what time changes
ACTIONS = ThreadPoolExecutor(2, "gallery-actions")  # who may enter, and what pages ask for
DOWNLOADS = ThreadPoolExecutor(4, "gallery-downloads")  # archives: the disk, and now and then the database
INGEST = ThreadPoolExecutor(2, "gallery-ingest")  # what workers send over their sockets


TRUSTED_SECONDS = 1.0  # a connection that rested longer may have been closed by the database meanwhile

_thread = threading.local()


async def in_thread(executor: ThreadPoolExecutor, function: Callable[..., T], *arguments: object) -> T:
    """Call ``function`` on one of the executor's threads."""
    return await asyncio.get_running_loop().run_in_executor(executor, _call, function, arguments)


def _call(function: Callable[..., T], arguments: tuple[object, ...]) -> T:
    if time.monotonic() - getattr(_thread, "used", 0.0) > TRUSTED_SECONDS:
        for connection in connections.all(initialized_only=True):
            connection.health_check_done = False  # with its next statement it is asked whether it still lives
    try:
        return function(*arguments)
    except Error:
        connections.close_all()  # a broken connection must not be met again
        raise
    finally:
        _thread.used = time.monotonic()
