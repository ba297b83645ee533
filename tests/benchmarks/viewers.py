"""Many viewers in a process of their own, so that they do not count as the server's work.

``python -m tests.benchmarks.viewers``, then one line of JSON on standard input for each question, answered by one:
each is a method of ``Crowd``: ``open`` opens pages, ``count`` says what came since the last one, ``delays`` how late.
A page here reads frames straight from its socket, because a WebSocket library would cost more than the server that is
measured; it acknowledges every 32 frames or 5 s after the last word, and fetches its page when it is told ``#reset``.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import os
import random
import struct
import sys
import time
from bisect import bisect_left
from typing import Any
from urllib.parse import urlsplit

from tests.benchmarks.parts import allow_many_sockets

ACKNOWLEDGE_FRAMES, ACKNOWLEDGE_SECONDS = 32, 5.0
RESET_SECONDS = 3.0  # the page fetches itself after a random wait of at most that
REVISION, QUOTE, RESET = b'id="revision" data-revision="', b'"', b'<div id="reset"'
TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A
OPEN_AT_ONCE = 20


class Page(asyncio.Protocol):
    """One viewer's socket."""

    def __init__(self, crowd: Crowd, url: str, origin: str, after: int | None, comes_back: bool) -> None:
        self.crowd, self.url, self.origin, self.comes_back = crowd, url, origin, comes_back
        self.revision = after
        self.frames = self.bytes = self.unseen = self.attempts = self.reloads = 0
        self.is_fetching, self.held = False, 0
        self.came = False  # a frame since the last look
        self.record: list[tuple[int, float]] = []
        self.said_at = 0.0
        self.buffer = b""
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport, self.is_open, self.buffer = transport, False, b""
        parts = urlsplit(self.url)
        target = parts.path + ("" if self.revision is None else f"?after={self.revision}")
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nOrigin: {self.origin}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        data = self.buffer + data if self.buffer else data
        if not self.is_open:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self.buffer = head
                return
            if b" 101 " not in head[:20]:
                self.transport.abort()
                return
            self.is_open, self.attempts = True, 0
            if not self.opened.done():
                self.opened.set_result(None)
        start, length = 0, len(data)
        while length - start >= 2:
            size, body = data[start + 1], start + 2
            if size == 126:
                if length - start < 4:
                    break
                size, body = struct.unpack_from("!H", data, body)[0], start + 4
            elif size == 127:
                if length - start < 10:
                    break
                size, body = struct.unpack_from("!Q", data, body)[0], start + 10
            if length < body + size:
                break
            if data[start] == TEXT:
                self.take(data, body, body + size)
            elif data[start] == PING:
                self.say(data[body : body + size], PONG)
            start = body + size
        self.buffer = data[start:]

    def take(self, data: bytes, start: int, end: int) -> None:
        self.frames += 1
        self.came = True
        self.bytes += end - start
        self.unseen += 1
        at = data.rfind(REVISION, start, end)
        if at >= 0:
            at += len(REVISION)
            revision = int(data[at : data.index(QUOTE, at)])
            if self.is_fetching:  # what comes meanwhile is held, and shows nothing
                self.held = revision
            else:
                self.revision = revision
            if self.crowd.records:
                self.record.append((revision, time.monotonic()))
        if data.find(RESET, start, end) >= 0 and not self.is_fetching:
            self.is_fetching = True
            self.crowd.spawn(self.reload())
        if self.unseen >= ACKNOWLEDGE_FRAMES:
            self.acknowledge(time.monotonic())

    def acknowledge(self, now: float) -> None:
        self.unseen, self.said_at = 0, now
        self.say(json.dumps({"type": "seen", "revision": self.revision or 0}).encode(), TEXT)

    def say(self, payload: bytes, kind: int) -> None:
        # A mask of zeros is a mask: the payload may stay as it is.
        self.transport.write(bytes((kind, 0x80 | len(payload))) + b"\0\0\0\0" + payload)

    async def reload(self) -> None:
        """As live.js does it: a random wait, then the whole page, which says its own revision."""
        await asyncio.sleep(random.uniform(0, RESET_SECONDS))
        path = urlsplit(self.url).path.removeprefix("/ws")
        async with self.crowd.fetching:
            text = await fetch(urlsplit(self.origin).netloc, path)
        at = text.rfind(REVISION) + len(REVISION)
        self.revision = max(self.held, int(text[at : text.index(QUOTE, at)]))
        self.is_fetching = False
        self.reloads += 1
        self.acknowledge(time.monotonic())

    def connection_lost(self, error: Exception | None) -> None:
        if not self.opened.done() and not self.comes_back:
            self.opened.set_exception(RuntimeError(f"A page could not open its stream: {error or 'refused'}"))
        if self.comes_back and not self.crowd.is_ending:
            self.crowd.spawn(self.connect())

    async def connect(self) -> None:
        """Again and again, after the page's own random waits."""
        while True:
            await asyncio.sleep(0.1 + random.random() * min(4.9, 0.4 * 2 ** min(self.attempts, 10)))
            self.attempts += 1
            try:
                parts = urlsplit(self.url)
                await asyncio.get_running_loop().create_connection(lambda: self, parts.hostname, parts.port)
                return
            except OSError:
                continue


async def fetch(netloc: str, path: str) -> bytes:
    """What the page asks for when it fetches itself again, over a connection of its own."""
    host, _, port = netloc.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    request = f"GET {path} HTTP/1.1\r\nHost: {netloc}\r\nDarkroom-Part: live\r\nConnection: close\r\n\r\n"
    writer.write(request.encode())
    text = await reader.read()
    writer.close()
    if b" 200 " not in text[:20]:
        raise RuntimeError(text[:200].decode())
    return text


class Crowd:
    """All pages of this process."""

    def __init__(self) -> None:
        self.groups: dict[str, list[Page]] = {}
        self.records = self.is_ending = False
        self.tasks: set[asyncio.Task[None]] = set()
        self.fetching = asyncio.Semaphore(1_000)

    def spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def open(
        self, url: str, origin: str, count: int, group: str = "", after: int | None = 0, comes_back: bool = False
    ) -> int:
        """So many more; returns how many there are in the group."""
        pages = self.groups.setdefault(group, [])
        parts, loop = urlsplit(url), asyncio.get_running_loop()
        opening: list[Page] = []
        for number in range(count):
            page = Page(self, url, origin, after, comes_back)
            await loop.create_connection(lambda page=page: page, parts.hostname, parts.port)
            opening.append(page)
            if len(opening) == OPEN_AT_ONCE or number == count - 1:
                await asyncio.gather(*(each.opened for each in opening))
                pages += opening
                opening = []
        gc.freeze()
        return len(pages)

    async def count(self, group: str = "") -> dict[str, int]:
        """Frames and bytes of the group since the last call; the most that any page got; all their last revisions."""
        pages = self.groups.get(group, [])
        frames = [page.frames for page in pages]
        counted = {
            "frames": sum(frames),
            "most": max(frames, default=0),
            "bytes": sum(page.bytes for page in pages),
            "lowest": min((page.revision or 0 for page in pages), default=0),
            "open": sum(not page.transport.is_closing() and page.is_open for page in pages),
            "reloads": sum(page.reloads for page in pages),
        }
        for page in pages:
            page.frames = page.bytes = page.reloads = 0
        return counted

    async def next_frame(self, seconds: float, group: str = "") -> int:
        """Wait until each page has had one frame since the last call; how many have."""
        pages, deadline = self.groups[group], time.monotonic() + seconds
        while (came := sum(page.came for page in pages)) < len(pages) and time.monotonic() < deadline:
            await asyncio.sleep(0.005)
        for page in pages:
            page.came = False
        return came

    async def lowest(self, group: str = "") -> int:
        """The revision that every page of the group has reached."""
        return min(page.revision or 0 for page in self.groups[group])

    async def start_record(self) -> bool:
        for page in self.groups[""]:
            page.record.clear()
        self.records = True
        return True

    async def delays(self, sent: list[tuple[int, float]]) -> list[float]:
        """For each revision (and when its event was sent) the seconds until each page stood there; all pages'."""
        delays = []
        for page in self.groups[""]:
            revisions = [revision for revision, _ in page.record]
            for revision, at in sent:
                place = bisect_left(revisions, revision)
                delays.append(page.record[place][1] - at if place < len(revisions) else float("inf"))
        self.records = False
        return delays

    async def acknowledge_from_time_to_time(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            now = time.monotonic()
            for pages in self.groups.values():
                for page in pages:
                    if page.unseen and now - page.said_at >= ACKNOWLEDGE_SECONDS and not page.transport.is_closing():
                        page.acknowledge(now)


async def main() -> None:
    crowd = Crowd()
    crowd.spawn(crowd.acknowledge_from_time_to_time())
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        question, arguments = json.loads(line)
        try:
            answer = {"result": await getattr(crowd, question)(**arguments)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
    crowd.is_ending = True


if __name__ == "__main__":
    allow_many_sockets()
    try:
        import uvloop
    except ImportError:
        asyncio.run(main())
    else:
        uvloop.run(main())
