"""What one frame costs the server for each page that receives it, beside a bare ``websockets.broadcast``."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection, connect

from tests.benchmarks.parts import Darkroom, Viewers, broadcast_server, cpu_seconds, darkroom, viewers

PAGES = 500
FRAMES = 100
EVERY = 0.06  # seconds: a little more than a tick, so that each event is a frame of its own


def measure() -> list[str]:
    """One line each: the yardstick, then uvicorn and Daphne as multiples of it."""
    yardstick, size = _bare()
    about = f"fan-out, {PAGES} pages:"
    lines = [f"{about} bare websockets.broadcast {yardstick:.0f} µs of CPU a delivered frame ({size:.0f} bytes)"]
    for kind in ("uvicorn", "daphne"):
        cost, size = _gallery(kind)
        ratio = cost / yardstick
        lines.append(f"{about} {kind} {cost:.0f} µs ({size:.0f} bytes), {ratio:.1f} times the bare server")
    return lines


def _bare() -> tuple[float, float]:
    with broadcast_server() as (pid, port):
        time.sleep(1)
        url = f"ws://127.0.0.1:{port}/"
        with viewers(url, url, PAGES) as pages:
            frame = "x" * 900 + '<div id="revision" data-revision="1" hidden></div>'
            return asyncio.run(_send(f"{url}send", {}, pid, pages, lambda number: frame))


def _gallery(kind: str) -> tuple[float, float]:
    with darkroom(kind) as room, viewers(room.stream, room.server.http, PAGES) as pages:
        return asyncio.run(_develop(room, pages))


async def _develop(room: Darkroom, pages: Viewers) -> tuple[float, float]:
    url = f"{room.server.ws}/ws/notify/"
    start = {"type": "batch:start", "payload": {"batchId": "b", "total": 1, "label": "Fan-out"}}
    item = {"id": "i", "name": "Item", "type": "image", "isPending": True}
    arrive = {"type": "batch:progress", "payload": {"batchId": "b", "item": item}}
    async with connect(url, additional_headers=room.headers) as worker:
        for event in (start, arrive):
            await worker.send(json.dumps(event))
            await worker.recv()
    await asyncio.sleep(1)

    def progress(number: int) -> str:
        payload = {"itemId": "i", "status": "processing", "progress": number % 100, "message": f"step {number}"}
        return json.dumps({"type": "item:update", "payload": payload})

    return await _send(url, room.headers, room.pid, pages, progress)


async def _send(
    url: str, headers: dict[str, str], pid: int, pages: Viewers, text: Callable[[int], str]
) -> tuple[float, float]:
    """CPU microseconds a delivered frame, and its bytes."""
    async with connect(url, additional_headers=headers, compression=None) as sender:
        await _repeat(sender, 10, text)
        pages.count()
        before = cpu_seconds(pid)
        await _repeat(sender, FRAMES, text)
        await asyncio.sleep(1)
        spent, counted = cpu_seconds(pid) - before, pages.count()
    return 1e6 * spent / counted["frames"], counted["bytes"] / counted["frames"]


async def _repeat(sender: ClientConnection, times: int, text: Callable[[int], str]) -> None:
    for number in range(times):
        await sender.send(text(number))
        await sender.recv()
        await asyncio.sleep(EVERY)
