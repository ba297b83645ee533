"""A proxy between a browser and a server, with the faults that real ones have."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Literal

from tests.servers import Server

Fault = Literal["", "refuse", "hold", "cut"]
CUT_AFTER = 0.3  # seconds


class FaultyProxy:
    """Forwards each connection. ``fault`` is what it does to WebSockets from then on: ``refuse`` the upgrade, ``hold``
    back all that the server says after it, ``cut`` them young; those that are open are closed with each change."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.fault: Fault = ""
        self.sockets = 0  # WebSockets that were asked for
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._listener = self._run(asyncio.start_server(self._forward, "127.0.0.1", 0))
        self.port = self._listener.sockets[0].getsockname()[1]

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def become(self, fault: Fault) -> None:
        self.fault = fault
        self._loop.call_soon_threadsafe(self._drop)

    def end(self) -> None:
        self._run(self._finish())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _finish(self) -> None:
        self._listener.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def _drop(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            is_socket = b"upgrade: websocket" in head.lower()
            self.sockets += is_socket
            if is_socket and self.fault == "refuse":
                writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            if not is_socket:  # one request for each connection, so that each is looked at
                head = head.replace(b"\r\nConnection: keep-alive", b"\r\nConnection: close")
            await self._connect(head, reader, writer, self.fault if is_socket else "")
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass
        finally:
            writer.close()

    async def _connect(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: Fault
    ) -> None:
        inner, outer = await asyncio.open_connection("127.0.0.1", self.server.port)
        outer.write(head)
        self._open |= {writer, outer}
        pumps = [asyncio.ensure_future(_pump(reader, outer)), asyncio.ensure_future(_answer(inner, writer, fault))]
        try:
            await asyncio.wait(
                pumps, timeout=CUT_AFTER if fault == "cut" else None, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            self._open -= {writer, outer}
            for pump in pumps:
                pump.cancel()
            outer.close()
            if fault:
                writer.transport.abort()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: Fault) -> None:
    if fault == "hold":
        writer.write(await reader.readuntil(b"\r\n\r\n"))
        while await reader.read(65536):
            pass
    else:
        await _pump(reader, writer)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
