"""A frame that is written past the server's own framing is the frame that the server would have sent."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from tests.processes.direct_application import TEXTS
from tests.servers import SERVERS, Process, Server, server_environment


async def receive_all(url: str, **options: object) -> list[str]:
    async with connect(url, proxy=None, max_size=None, **options) as socket, asyncio.timeout(30):
        return [str(await socket.recv()) for _ in range(2 * len(TEXTS))]


@pytest.fixture
def server(kind: str, tmp_path: Path) -> Server:
    return DirectServer(kind, server_environment(tmp_path), tmp_path).start()


class DirectServer(Server):
    def start(self) -> Server:
        command = [part.format(port=self.port) for part in SERVERS[self.kind]]
        command[-1] = "tests.processes.direct_application:application"
        self.process = Process([sys.executable, *command], self.folder / f"{self.kind}-{self.port}.log", env=self.env)
        self.process.wait_for(self._serves, self.kind)
        return self


async def test_the_same_texts_come_by_both_ways_and_in_order(server: Server) -> None:
    try:
        # One that asks for compression gets none of these two servers, and the same frames.
        for compression in (None, "deflate"):
            texts = await receive_all(f"{server.ws}/", compression=compression)
            assert texts == [each for text in TEXTS for each in (text, f"{text}.")]
    finally:
        server.kill()
