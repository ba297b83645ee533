"""Who speaks with a real server: a worker, and a viewer that reads what its page would read."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.factories import PASSWORD
from tests.live.page_model import SEEN_BYTES, SEEN_FRAMES, SEEN_SECONDS
from tests.servers import Server

PATIENCE = 30.0  # seconds; a shared machine may be slow
VOID = {"img", "input", "br", "hr", "link", "meta", "source", "wbr", "path", "use", "circle"}


@dataclass
class Root:
    """An element at the top of a frame."""

    id: str
    attributes: dict[str, str]
    html: str = ""

    @property
    def revision(self) -> int:
        return int(self.attributes["data-revision"])

    @property
    def is_deletion(self) -> bool:
        return self.attributes.get("hx-swap-oob") == "delete"


class _Roots(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.roots: list[Root] = []
        self._depth = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._depth:
            self.roots.append(Root(dict(attrs).get("id") or "", {name: value or "" for name, value in attrs}))
        self.roots[-1].html += self.get_starttag_text() or ""
        if tag not in VOID:
            self._depth += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.roots[-1].html += data

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self._depth -= 1


@dataclass
class Frame:
    """One WebSocket text, and the clock of the machine when it came."""

    at: float
    text: str

    @cached_property
    def roots(self) -> dict[str, Root]:
        return {root.id: root for root in _Roots(self.text).roots}

    @property
    def revision(self) -> int:
        return self.roots["revision"].revision


def sign_in(server: Server, username: str, password: str = PASSWORD) -> dict[str, str]:
    """The cookies of somebody who filled in the login page."""
    with httpx.Client(base_url=server.http, timeout=PATIENCE) as client:
        client.get("/login/").raise_for_status()
        form = {"username": username, "password": password, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        answer = client.post("/login/", data=form, headers={"Referer": server.http})
        assert answer.status_code == 302, answer.text
        return dict(client.cookies)


def sign_out(server: Server, cookies: dict[str, str]) -> None:
    with httpx.Client(base_url=server.http, timeout=PATIENCE, cookies=cookies) as client:
        headers = {"X-CSRFToken": cookies["csrftoken"], "Referer": server.http}
        assert client.post("/logout/", headers=headers).status_code == 302


@dataclass
class Viewer:
    """A page that is open: it keeps its frames and, unless told otherwise, acknowledges as a page does."""

    socket: ClientConnection
    acknowledges: bool = True
    frames: list[Frame] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _owed: tuple[int, int] = (0, 0)

    @property
    def revision(self) -> int:
        return self.frames[-1].revision if self.frames else 0

    async def read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in self.socket:
                self.frames.append(Frame(time.monotonic(), str(text)))
                self._news.set()
                self._owed = (self._owed[0] + 1, self._owed[1] + len(text))
                if self.acknowledges and (self._owed[0] >= SEEN_FRAMES or self._owed[1] >= SEEN_BYTES):
                    await self.say_seen()
        self._news.set()

    async def say_seen(self) -> None:
        self._owed = (0, 0)
        await self.say({"type": "seen", "revision": self.revision})

    async def keep_saying_seen(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(SEEN_SECONDS)
                if self.acknowledges and self._owed[0]:
                    await self.say_seen()

    async def say(self, message: Any) -> None:
        await self.socket.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def wait_for(
        self, matches: Callable[[Frame], Any], *, since: int = 0, seconds: float = PATIENCE, what: str = ""
    ) -> Frame:
        """The first frame from number ``since`` on that matches, waiting for it if need be."""
        deadline = time.monotonic() + seconds
        while True:
            self._news.clear()
            for frame in self.frames[since:]:
                if matches(frame):
                    return frame
            left = deadline - time.monotonic()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(left, 0)):
                    await self._news.wait()
            if left <= 0:
                came = "\n---\n".join(frame.text[:400] for frame in self.frames[since:][-5:])
                raise AssertionError(f"No frame with {what or 'what was waited for'} in {seconds} s. Last:\n{came}")

    async def wait_for_root(self, dom_id: str, text: str = "", **options: Any) -> Frame:
        """The first frame with that element (or its deletion) at the top and ``text`` in it."""
        return await self.wait_for(
            lambda frame: dom_id in frame.roots and text in frame.roots[dom_id].html,
            **{"what": f"{dom_id} {text}", **options},
        )

    async def wait_for_revision(self, revision: int, **options: Any) -> Frame:
        return await self.wait_for(lambda frame: frame.revision >= revision, what=f"revision {revision}", **options)

    async def wait_closed(self, seconds: float = PATIENCE) -> int | None:
        """The code with which the server closed."""
        async with asyncio.timeout(seconds):
            await self.socket.wait_closed()
        return self.socket.close_code


def _cookie(cookies: dict[str, str] | None) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}


@asynccontextmanager
async def viewer(
    server: Server,
    folder_id: str | None,
    cookies: dict[str, str] | None,
    *,
    after: object = 0,
    origin: str | None = None,
    acknowledges: bool = True,
    language: str = "",
) -> AsyncIterator[Viewer]:
    """An open page of a folder (None: of the home page)."""
    path = "/ws/" if folder_id is None else f"/ws/folders/{folder_id}/"
    asked = {"after": after, "language": language or None}  # as they are: a test may say them wrongly
    query = "&".join(f"{name}={value}" for name, value in asked.items() if value is not None)
    url = f"{server.ws}{path}?{query}"
    options = {"origin": origin or server.http, "additional_headers": _cookie(cookies)}
    async with connect(url, compression=None, max_size=None, proxy=None, **options) as connection:
        page = Viewer(connection, acknowledges)
        tasks = [asyncio.ensure_future(page.read()), asyncio.ensure_future(page.keep_saying_seen())]
        try:
            yield page
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def stalled_viewer(server: Server, folder_id: str, cookies: dict[str, str]) -> AsyncIterator[socket.socket]:
    """A page whose machine stopped reading: the handshake, and then not a byte more, through a small window."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.settimeout(PATIENCE)
    raw.connect(("127.0.0.1", server.port))
    lines = [
        f"GET /ws/folders/{folder_id}/?after=0 HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        f"Origin: {server.http}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: c2l4dGVlbiBieXRlcyAhIQ==",
        *(f"{name}: {value}" for name, value in _cookie(cookies).items()),
    ]
    with raw:
        await asyncio.to_thread(raw.sendall, ("\r\n".join(lines) + "\r\n\r\n").encode())
        assert b" 101 " in await asyncio.to_thread(raw.recv, 64)
        yield raw


@dataclass
class Worker:
    """A worker at the WebSocket door, which answers in the order of what is said."""

    socket: ClientConnection
    commands: list[dict[str, Any]] = field(default_factory=list)

    async def tell(self, frame: Any) -> Any:
        """Send one event, or an array of them, and return the answer."""
        await self.socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))
        return await self.hear()

    async def hear(self, seconds: float = PATIENCE) -> Any:
        """The next answer; commands that come before it are kept."""
        while True:
            async with asyncio.timeout(seconds):  # wait_for may swallow a cancellation before Python 3.12
                answer = json.loads(await self.socket.recv())
            if isinstance(answer, dict) and answer["type"] not in ("ack", "error"):
                self.commands.append(answer)
            else:
                return answer

    async def say(self, event: str, **payload: Any) -> dict[str, Any]:
        """One event that must be taken; a batch without an id gets one."""
        if event == "batch:start":
            payload = {"batchId": uuid.uuid4().hex} | payload
        answer = await self.tell({"type": event, "payload": payload})
        assert answer["type"] == "ack", answer
        return answer

    async def wait_for_command(self, seconds: float = PATIENCE) -> dict[str, Any]:
        while not self.commands:
            async with asyncio.timeout(seconds):
                answer = json.loads(await self.socket.recv())
            assert answer["type"] not in ("ack", "error"), answer
            self.commands.append(answer)
        return self.commands.pop(0)


@asynccontextmanager
async def worker(server: Server, secret: str) -> AsyncIterator[Worker]:
    headers = {"Authorization": f"Bearer {secret}"}
    url = f"{server.ws}/ws/notify/"
    async with connect(url, compression=None, proxy=None, max_size=None, additional_headers=headers) as connection:
        yield Worker(connection)
