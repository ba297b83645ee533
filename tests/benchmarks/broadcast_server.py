"""The yardstick of fan-out: a bare ``websockets.broadcast`` server that sends the frames it is given to all.

``python -m tests.benchmarks.broadcast_server PORT``; a client of ``/send`` says what everybody else receives. On
uvloop where there is one, as uvicorn is: a yardstick is not to be the slower for its event loop.
"""

from __future__ import annotations

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve

try:
    from uvloop import run
except ImportError:
    from asyncio import run

viewers: set[ServerConnection] = set()


async def serve_one(connection: ServerConnection) -> None:
    if connection.request.path == "/send":
        async for text in connection:
            broadcast(viewers, text)
            await connection.send("sent")
        return
    viewers.add(connection)
    try:
        async for _ in connection:
            pass
    finally:
        viewers.discard(connection)


async def main(port: int) -> None:
    async with serve(serve_one, "127.0.0.1", port, compression=None, backlog=1_000):
        await asyncio.Future()


if __name__ == "__main__":
    run(main(int(sys.argv[1])))
