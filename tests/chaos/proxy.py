"""A TCP proxy that cuts, delays and swallows what passes through it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress


class Proxy:
    """Passes each connection on to one of ``targets()`` (ports of this machine), in turns; never to a dead one.

    ``delay`` is seconds for each piece on its way; while ``is_open`` is cleared, nothing passes.
    """

    def __init__(self, targets: Callable[[], list[int]]) -> None:
        self.targets = targets
        self.delay = 0.0
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.port = 0
        self._turn = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> Proxy:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def close(self) -> None:
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> int:
        """Every connection ends with a reset; returns how many there were."""
        count = len(self._writers) // 2
        for writer in self._writers:
            writer.transport.abort()
        return count

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._meet(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await self._reach()
        if there is None:
            writer.transport.abort()
            return
        pair = {writer, there[1]}
        self._writers |= pair
        try:
            await asyncio.gather(self._pump(reader, there[1]), self._pump(there[0], writer))
        finally:
            self._writers -= pair
            for end in pair:
                end.transport.abort()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        ports = self.targets()
        self._turn += 1
        for place in range(len(ports)):
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", ports[(self._turn + place) % len(ports)])
        return None

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until the end; an end that is a reset resets the other side as well."""
        try:
            while data := await reader.read(65536):
                await self.is_open.wait()
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()
        except OSError:
            writer.transport.abort()
