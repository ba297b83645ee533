"""Many viewers in a process of their own, so that they do not count as the server's work.

``python -m tests.benchmarks.viewers URL ORIGIN COUNT``: opens the sockets, then answers each line on standard input
with one line of JSON: how many frames came since the line before, and the bytes. Acknowledges as the page does.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys

from websockets.asyncio.client import ClientConnection, connect

ACKNOWLEDGE_EVERY = 32  # frames
REVISION = re.compile(r'id="revision" data-revision="(\d+)"')

counted = {"frames": 0, "bytes": 0}


async def watch(connection: ClientConnection) -> None:
    unseen = 0
    async for text in connection:
        counted["frames"] += 1
        counted["bytes"] += len(text)
        unseen += 1
        if unseen == ACKNOWLEDGE_EVERY and (found := REVISION.search(text)):
            unseen = 0
            await connection.send(json.dumps({"type": "seen", "revision": int(found[1])}))


async def main(url: str, origin: str, count: int) -> None:
    sockets = []
    for _ in range(count):
        sockets.append(await connect(url, origin=origin, compression=None, ping_interval=None, max_queue=None))
    tasks = [asyncio.create_task(watch(socket)) for socket in sockets]
    print("open", flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(counted), flush=True)
        counted.update(frames=0, bytes=0)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
