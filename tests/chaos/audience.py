"""Viewers in a process of their own, so that it can be frozen: each follows the rules of the page's scripts.

It reads commands from its standard input, a word a line, and answers each with a line of JSON: ``where`` (the revision
that each viewer shows), ``pages`` (all that they show), ``tops`` (the first of it), ``counts`` (reconnects, frames,
what was wrong).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
import time
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.chaos.pages import PAGE_SIZE, arrival, as_json, read_page
from tests.live.page_model import SEEN_BYTES, SEEN_FRAMES, SEEN_SECONDS, Fetched, Page

SILENCE = 45.0  # seconds without a frame: the connection is dead
OPENING = 15.0
PATIENCE = 20.0  # with a page that is fetched
MOST_CARDS = 300
TOP = 200  # elements: more than a first page has, its placeholders included
FOR_GOOD = {4401: "sign in again", 4403: "not allowed", 4404: "gone"}
BROKEN = (OSError, ConnectionClosed, InvalidHandshake, InvalidMessage, TimeoutError, EOFError)


def backoff(attempt: int, chance: random.Random) -> float:
    """As static/gallery/js/live.js has it."""
    return 0.1 + chance.random() * min(4.9, 0.4 * 2 ** min(attempt, 10))


class OpenPage:
    """One browser's page. ``is_fickle``: its connection breaks every few seconds."""

    def __init__(self, name: str, config: dict[str, Any], folder_id: str, *, is_fickle: bool) -> None:
        self.name, self.folder_id, self.is_fickle = name, folder_id, is_fickle
        self.base = config["http"]
        self.cookies = config["cookies"]
        self.chance = random.Random(f"{config['seed']} {name}")
        self.client = httpx.Client(base_url=self.base, cookies=self.cookies, timeout=PATIENCE)
        self.page: Page | None = None
        self.wrong: list[str] = []
        self.reconnects = self.frames = 0
        self.last: BaseException | None = None  # what broke its connection
        self.stage, self.since = "loading", time.monotonic()
        self._left: dict[str, int] = {}  # the cards that frames took away, with the revision at which they had come
        self._fetching: asyncio.Task[None] | None = None
        self._owed = (0, 0)
        self._said = 0.0

    def _turn(self, stage: str) -> None:
        self.stage, self.since = stage, time.monotonic()

    def _fetch(self, cursor: str) -> Fetched:
        """One answer to the page's own URL, or to that of the next older page; raises where there is none."""
        params = {"cursor": cursor} if cursor else {}
        headers = {"Darkroom-Part": "live"} if self.page else {}
        answer = self.client.get(f"/folders/{self.folder_id}/", params=params, headers=headers)
        if answer.status_code in (302, 401, 403, 404):
            self.wrong.append(f"{self.name} was answered {answer.status_code} for its own page.")
        answer.raise_for_status()
        return read_page(answer.text)

    async def live(self) -> None:
        attempt = 0
        while self.page is None:
            try:
                self.page = await asyncio.to_thread(Page, self._fetch, PAGE_SIZE)
            except httpx.HTTPError:
                await asyncio.sleep(backoff(attempt, self.chance))
                attempt += 1
        attempt = 0
        while True:
            try:
                self._turn("connecting")
                url = f"ws{self.base[4:]}/ws/folders/{self.folder_id}/?after={self.page.revision}"
                headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
                options = {"origin": self.base, "additional_headers": headers, "open_timeout": OPENING}
                async with connect(url, compression=None, max_size=None, proxy=None, **options) as socket:
                    attempt = await self._listen(socket, attempt)
            except BROKEN as error:
                self.last = error
                code = error.rcvd.code if isinstance(error, ConnectionClosed) and error.rcvd else 0
                if code in FOR_GOOD:
                    self.wrong.append(f"{self.name} was told: {FOR_GOOD[code]}.")
            self._turn("waiting")
            self.reconnects += 1
            await asyncio.sleep(backoff(attempt, self.chance))
            attempt += 1

    async def _listen(self, socket: ClientConnection, attempt: int) -> int:
        """Until it breaks, or is hung up; returns 0 once a frame was heard."""
        until = time.monotonic() + (self.chance.uniform(0.5, 4) if self.is_fickle else float("inf"))
        self._owed = (0, 0)
        heard = time.monotonic()
        self._turn("listening")
        while (now := time.monotonic()) < until:
            try:
                async with asyncio.timeout(min(1.0, until - now)):
                    text = str(await socket.recv())
            except TimeoutError:
                if time.monotonic() - heard > SILENCE:
                    raise
            else:
                attempt, heard = 0, time.monotonic()
                self._turn("listening")
                self._receive(text)
                self._owed = (self._owed[0] + 1, self._owed[1] + len(text))
            await self._acknowledge(socket)
        socket.transport.abort()  # as a network does it, without a goodbye
        return attempt

    async def _acknowledge(self, socket: ClientConnection) -> None:
        frames, size = self._owed
        late = time.monotonic() - self._said >= SEEN_SECONDS
        if frames >= SEEN_FRAMES or size >= SEEN_BYTES or (frames and late):
            self._owed, self._said = (0, 0), time.monotonic()
            assert self.page is not None
            await socket.send(json.dumps({"type": "seen", "revision": self.page.revision}))

    def _receive(self, text: str) -> None:
        assert self.page is not None
        self.frames += 1
        before = {element.id: element for element in self.page.regions["grid"]}
        self._check(lambda page: page.receive(text))
        gone = before.keys() - {element.id for element in self.page.regions["grid"]}
        self._left |= {key: arrival(before[key]) for key in gone if key.startswith("item-")}
        self._fetch_if_need_be()

    def _fetch_if_need_be(self) -> None:
        assert self.page is not None
        if self.page.is_fetching and (self._fetching is None or self._fetching.done()):
            self._fetching = asyncio.ensure_future(self._keep_fetching())

    async def _keep_fetching(self) -> None:
        """The page asks until it is answered, and lays the answer over what it shows; frames wait meanwhile."""
        assert self.page is not None
        attempt = 0
        while self.page.is_fetching:
            try:
                await asyncio.to_thread(self.page.step)
            except httpx.HTTPError:
                await asyncio.sleep(backoff(attempt, self.chance))
                attempt += 1
            else:
                self._check(lambda page: page.step())

    @property
    def doing(self) -> str:
        """For the one who asks why it does not go on."""
        fetching = "no" if self._fetching is None else self._fetching.exception() if self._fetching.done() else "yes"
        since = f"{self.stage} for {time.monotonic() - self.since:.1f} s"
        so_far = f"{self.frames} frames, {self.reconnects} reconnects"
        return f"{self.name}: {so_far}, {since}, fetching: {fetching!r}, {self.last!r}"

    def _check(self, change: Any) -> None:
        """A change of the page, after which nothing may be on it twice, and nothing older than before."""
        page = self.page
        assert page is not None
        before = {element.id: element.revision for region in page.regions.values() for element in region}
        revision = page.revision
        try:
            change(page)
            after = {key: element.revision for key, element in page.shown.items()}
        except AssertionError as error:
            self.wrong.append(f"{self.name}: {error}")
            return
        if page.revision < revision:
            self.wrong.append(f"{self.name} went back from revision {revision} to {page.revision}.")
        for key in before.keys() & after.keys():
            if (before[key] or 0) > (after[key] or 0):
                self.wrong.append(f"{self.name}: {key} went back from {before[key]} to {after[key]}.")
        grid = page.regions["grid"]
        for element in grid:
            if arrival(element) <= self._left.get(element.id, -1):
                self.wrong.append(f"GHOST: {self.name} shows {element.id} again, which had left.")
                del self._left[element.id]
        if len(grid) > MOST_CARDS and not page.is_fetching:
            del grid[MOST_CARDS:]
            page.cursor = grid[-1].order

    def state(self, most: int | None = None) -> dict[str, Any] | None:
        """What it shows, of each region so many; None while it fetches."""
        if self.page is None or self.page.is_fetching:
            return None
        regions = {name: [as_json(element) for element in region[:most]] for name, region in self.page.regions.items()}
        page = {"revision": self.page.revision, "cursor": self.page.cursor, "messages": self.page.messages.html}
        return page | regions


async def _serve(config: dict[str, Any]) -> None:
    viewers = [OpenPage(name, config, folder_id, is_fickle=fickle) for name, folder_id, fickle in config["viewers"]]
    tasks = [asyncio.ensure_future(viewer.live()) for viewer in viewers]
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := (await reader.readline()).strip():
        for viewer, task in zip(viewers, tasks, strict=True):
            if task.done():
                viewer.wrong.append(f"{viewer.name} ended: {task.exception()!r}")
        if line == b"calm":  # whose connections break by themselves do so no more
            for viewer in viewers:
                viewer.is_fickle = False
        answer: dict[str, Any] = {
            b"where": lambda: {viewer.name: viewer.page.revision if viewer.page else -1 for viewer in viewers},
            b"pages": lambda: {viewer.name: viewer.state() for viewer in viewers},
            b"tops": lambda: {viewer.name: viewer.state(TOP) for viewer in viewers},
            b"calm": dict,
            b"counts": lambda: {
                "reconnects": sum(viewer.reconnects for viewer in viewers),
                "frames": sum(viewer.frames for viewer in viewers),
                "doing": [viewer.doing for viewer in viewers],
                "wrong": [sentence for viewer in viewers for sentence in viewer.wrong],
            },
        }[line]()
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for task in tasks:
        task.cancel()
    with contextlib.suppress(Exception):
        await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(_serve(json.loads(sys.argv[1])))
