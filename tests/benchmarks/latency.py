"""From an event's send to the frame at an open page, on an idle machine, beside the receipt's own time."""

from __future__ import annotations

import asyncio
import json
import statistics
import time

from websockets.asyncio.client import connect

from tests.benchmarks.parts import Darkroom, darkroom

EVENTS = 100
PAUSE = 0.1  # seconds: longer than a tick, so that each event finds an idle hub


def measure() -> list[str]:
    """One line each for uvicorn and Daphne."""
    lines = []
    for kind in ("uvicorn", "daphne"):
        with darkroom(kind) as room:
            receipts, frames = asyncio.run(_develop(room))
        ratio = statistics.median(frames) / statistics.median(receipts)
        lines.append(
            f"latency, {kind}: receipt after {_shown(receipts)}, frame at the page after {_shown(frames)} "
            f"({ratio:.1f} times the receipt)"
        )
    return lines


def _shown(seconds: list[float]) -> str:
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return f"{1000 * statistics.median(seconds):.1f} ms (p95 {1000 * p95:.1f})"


async def _develop(room: Darkroom) -> tuple[list[float], list[float]]:
    item = {"id": "i", "name": "Item", "type": "image", "isPending": True}
    events = [
        {"type": "batch:start", "payload": {"batchId": "b", "total": 1, "label": "Latency"}},
        {"type": "batch:progress", "payload": {"batchId": "b", "item": item}},
    ]
    receipts, frames = [], []
    async with (
        connect(f"{room.server.ws}/ws/notify/", additional_headers=room.headers) as worker,
        connect(room.stream, origin=room.server.http) as page,
    ):
        for event in events:
            await worker.send(json.dumps(event))
            await worker.recv()
        for number in range(EVENTS):
            await asyncio.sleep(PAUSE)
            message = f"message {number}."
            payload = {"itemId": "i", "status": "processing", "message": message}
            started = time.perf_counter()
            await worker.send(json.dumps({"type": "item:update", "payload": payload}))
            await worker.recv()
            receipts.append(time.perf_counter() - started)
            while message not in await page.recv():
                pass
            frames.append(time.perf_counter() - started)
    return receipts, frames
