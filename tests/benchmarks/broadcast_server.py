"""The yardstick of fan-out: a bare ``websockets.broadcast`` server that sends the frames it is given to all.

``python -m tests.benchmarks.broadcast_server PORT``; a client of ``/send`` says what everybody else receives.
"""

from __future__ import annotations

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve

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
    async with serve(serve_one, "127.0.0.1", port, compression=None) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
