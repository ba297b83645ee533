"""500 uploads of 5 MB, six at a time: pictures that have to be looked into and made small. The server must not grow.

``UPLOADS`` says how many. Memory is measured ten times a second, from after ten uploads that fill caches and pools on.
"""

from __future__ import annotations

import base64
import io
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
from PIL import Image

from tests.benchmarks.figures import Figure, median, shown
from tests.benchmarks.parts import KIB, Darkroom, darkroom, leave_the_first_core, memory, settle

UPLOADS = int(os.environ.get("UPLOADS", "500"))
AT_ONCE = 6  # two people with three each
WARM_UP = 10
PIECE = 1024 * KIB
SIDE = 1300  # of a picture of noise: 5 MB as PNG
BAR_MIB = 100
MIB = 1024 * KIB


def measure() -> Iterator[Figure]:
    """Growth on both servers: the highest moment, and what is left at the end."""
    leave_the_first_core()
    for kind in ("daphne", "uvicorn"):
        with darkroom(kind) as room:
            yield _measure(room, kind)


def _measure(room: Darkroom, kind: str) -> Figure:
    _send_all(room, WARM_UP)
    settle(room.pid)
    before = memory(room.pid)
    samples: list[int] = []
    is_over = threading.Event()
    watch = threading.Thread(target=_watch, args=(room.pid, samples, is_over))
    watch.start()
    started = time.monotonic()
    took = _send_all(room, UPLOADS)
    seconds = time.monotonic() - started
    is_over.set()
    watch.join()
    settle(room.pid)
    left = memory(room.pid) - before
    return Figure(
        f"{kind}, {UPLOADS} uploads of 5 MB, {AT_ONCE} at a time: growth of the server's memory at its highest",
        max(0.0, (max(samples) - before) / MIB),
        "MiB",
        BAR_MIB,
        detail=f"{shown(before / MIB)} MiB before, {shown(max(0, left) / MIB)} MiB more afterwards; "
        f"{shown(UPLOADS / seconds)} uploads a second, each {shown(1000 * median(took))} ms",
    )


def _send_all(room: Darkroom, number: int) -> list[float]:
    with ThreadPoolExecutor(AT_ONCE) as pool, httpx.Client(base_url=room.server.http, timeout=120) as client:
        return list(pool.map(lambda _: _send(room, client), range(number)))


def _send(room: Darkroom, client: httpx.Client) -> float:
    picture = _picture()
    started = time.monotonic()
    name = base64.b64encode(b"Noise.png").decode()
    headers = room.headers | {"Tus-Resumable": "1.0.0"}
    announced = {"Upload-Length": str(len(picture)), "Upload-Metadata": f"filename {name}"}
    answer = client.post(f"/api/folders/{room.folder_id}/uploads", headers=headers | announced)
    url = answer.raise_for_status().headers["Location"]
    for offset in range(0, len(picture), PIECE):
        said = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        client.patch(url, content=picture[offset : offset + PIECE], headers=headers | said).raise_for_status()
    return time.monotonic() - started


def _picture() -> bytes:
    file = io.BytesIO()
    Image.frombytes("RGB", (SIDE, SIDE), os.urandom(3 * SIDE * SIDE)).save(file, "PNG", compress_level=0)
    return file.getvalue()


def _watch(pid: int, samples: list[int], is_over: threading.Event) -> None:
    while not is_over.wait(0.1):
        samples.append(memory(pid))
