"""What five viewers cost the server that stopped reading, through 2,000 changes, beside a bare broadcast of as much."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from websockets.sync.client import connect

from tests.benchmarks.crowd import crowd
from tests.benchmarks.figures import Figure, shown
from tests.benchmarks.parts import KIB, broadcast_server, darkroom, leave_the_first_core, memory, settle

STALLED = 5
READING = 5
CHANGES = 2_000
IN_ARRAY = 10
ITEMS = 60
BAR_MIB = 20
MIB = KIB * KIB


def measure() -> list[Figure]:
    """Growth of the server's memory on uvicorn and Daphne."""
    leave_the_first_core()
    figures = []
    for kind in ("uvicorn", "daphne"):
        grown, frames, sent, lowest = _gallery(kind)
        bare = _bare(frames, sent // frames)
        figures.append(
            Figure(
                f"{kind}, {STALLED} stalled viewers through {CHANGES:,} changes: growth of the server's memory",
                grown / MIB,
                "MiB",
                BAR_MIB,
                detail=f"{frames} frames of {shown(sent / frames / KIB)} KiB; a bare broadcast of them grew by "
                f"{shown(bare / MIB)} MiB",
                failed=lowest,
            )
        )
    return figures


def _gallery(kind: str) -> tuple[int, int, int, str]:
    """Bytes grown; frames and bytes that each reading viewer got; why it failed."""
    with darkroom(kind) as room, crowd() as viewers, stalled_viewers(room.stream, room.server.http):
        items = room.begin(ITEMS)
        viewers.open(room.stream, room.server.http, READING)
        settle(room.pid)
        viewers.count()
        before = memory(room.pid)
        revision = 0
        for number in range(0, CHANGES, IN_ARRAY):
            names = {"item": {"name": f"Item at its change {number} " + "and a long name " * 8}}
            [*_, last] = room.post(
                *(
                    ("item:update", {"itemId": items[(number + place) % ITEMS], "status": "processing"} | names)
                    for place in range(IN_ARRAY)
                )
            )
            revision = last["revision"]
        viewers.wait_for(revision)
        settle(room.pid)
        grown, came = memory(room.pid) - before, viewers.count()
        late = "" if came["lowest"] >= revision else "a reading viewer was held up"
        return grown, came["most"], came["bytes"] // READING, late


def _bare(frames: int, size: int) -> int:
    with broadcast_server() as (pid, port), stalled_viewers(f"ws://127.0.0.1:{port}/", ""):
        before = memory(pid)
        with connect(f"ws://127.0.0.1:{port}/send", compression=None) as sender:
            for _ in range(frames):
                sender.send("x" * size)
                sender.recv()
            return memory(pid) - before


@contextmanager
def stalled_viewers(url: str, origin: str) -> Iterator[None]:
    """Sockets that shake hands and then read nothing more, through a small window."""
    parts = urlsplit(url)
    with ExitStack() as stack:
        for _ in range(STALLED):
            raw = stack.enter_context(socket.socket())
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            raw.connect((parts.hostname, parts.port))
            lines = [
                f"GET {parts.path} HTTP/1.1",
                f"Host: {parts.netloc}",
                *([f"Origin: {origin}"] if origin else []),
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: c2l4dGVlbiBieXRlcyAhIQ==",
            ]
            raw.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            if b" 101 " not in raw.recv(64):
                raise RuntimeError("A stalled viewer was refused.")
        yield
