"""A gallery without Django: pages from a template, a socket that says what a test tells it to."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django_htmx
from playwright.sync_api import Page, Route
from websockets.asyncio.server import Server, ServerConnection, serve

HERE = Path(__file__).parent
STATIC = HERE.parents[1] / "static" / "gallery"
HTMX = Path(django_htmx.__file__).parent / "static" / "django_htmx"
SCRIPTS = [
    "texts",
    "view",
    "live",
    "standing",
    "dismissed",
    "place",
    "arrivals",
    "socket",
    "refetch",
    "days",
    "reserve",
    "trim",
    "further",
    "endless",
    "anchor",
    "depth",
    "fallback",
    "keep",
    "locks",
    "rename",
    "actions",
    "item",
    "times",
    "announce",
    "title",
    "selection",
    "marking",
    "band",
    "help",
    "keys",
    "verbs",
    "bar",
    "generate",
    "toast",
    "layers",
    "zoom",
    "pane",
    "lightbox",
    "viewer_verbs",
    "viewer",
]


class FakeGallery:
    """One page's counterpart. ``answers``: path → HTML, or a function of the route; ``said``: what the page sent."""

    def __init__(self) -> None:
        self.answers: dict[str, str | Callable[[Route], None]] = {}
        self.requests: list[tuple[str, str, str]] = []  # method, path, body
        self.said: list[dict[str, Any]] = []
        self.afters: list[str | None] = []  # of each connection, in order
        self.connections: list[ServerConnection] = []
        self.greeting = ""
        self.refusal: int | None = None  # close code for new connections
        self.port = 0
        self._server: Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.start()

    # The socket

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def start(self) -> None:
        async def start() -> None:
            self._server = await serve(self._talk, "127.0.0.1", self.port, ping_interval=None, compression=None)
            self.port = self._server.sockets[0].getsockname()[1]

        self._run(start())

    def stop(self) -> None:
        """The server goes down: nobody listens any more."""

        async def stop() -> None:
            assert self._server is not None
            self._server.close()
            await self._server.wait_closed()

        self._run(stop())

    def end(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _talk(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        self.afters.append(parse_qs(urlsplit(connection.request.path).query).get("after", [None])[0])
        self.connections.append(connection)
        if self.refusal is not None:
            return await connection.close(self.refusal)
        if self.greeting:
            await connection.send(self.greeting)
        async for text in connection:
            self.said.append(json.loads(text))

    def send(self, *fragments: str) -> None:
        """One frame."""
        self._run(self.connections[-1].send("".join(fragments)))

    def close(self, code: int) -> None:
        self._run(self.connections[-1].close(code))

    def cut(self) -> None:
        """The connection breaks: the page sees 1006."""
        self._loop.call_soon_threadsafe(self.connections[-1].transport.abort)

    # The pages

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def page(
        self,
        main: str,
        *,
        revision: int | None = 10,
        batches: str = "",
        messages: str = "",
        query: str = "",
        dismissed: str = "",
        selection: str = "",
    ) -> str:
        sources = [f"/htmx/{name}" for name in ("htmx-2.js", "ext/hx-ws-2.js")] + [
            f"/static/js/{name}.js" for name in SCRIPTS
        ]
        return Template((HERE / "pages" / "folder.html").read_text()).substitute(
            scripts="".join(f'<script src="{source}" defer></script>' for source in sources),
            socket="/ws/" if revision is None else f"/ws/folders/F/?after={revision}",
            revision="" if revision is None else f'<div id="revision" data-revision="{revision}" hidden></div>',
            main=main,
            batches=batches,
            messages=messages,
            query=query,
            dismissed=dismissed,
            selection=selection,
        )

    def answer(self, route: Route) -> None:
        """What the browser asks over HTTP."""
        url = urlsplit(route.request.url)
        path = url.path + (f"?{url.query}" if url.query else "")
        if path.startswith(("/static/", "/htmx/")):
            root = STATIC if path.startswith("/static/") else HTMX
            file = root / path.split("/", 2)[2]
            kind = "text/javascript" if file.suffix == ".js" else "image/svg+xml"
            route.fulfill(body=file.read_text() if file.exists() else "", content_type=kind)
            return
        self.requests.append((route.request.method, path, route.request.post_data or ""))
        answer = self.answers.get(path, self.answers.get(url.path))
        if answer is None:
            route.fulfill(status=404, body="")
        elif callable(answer):
            answer(route)
        else:
            route.fulfill(body=answer, content_type="text/html; charset=utf-8")


def wait_until(page: Page, holds: Callable[[], Any], what: str = "", seconds: float = 8) -> None:
    """Let the browser go on until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, what or "it never came true"
        page.wait_for_timeout(20)
