"""Pages at nginx that come back as a browser's page does, and a worker that sends again what nobody acknowledged."""

from __future__ import annotations

import asyncio
import json
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.clients import Frame, Root
from tests.deploy.stack import Address
from tests.live.elements import roots

REFUSED = (OSError, ConnectionClosed, InvalidHandshake, TimeoutError)
SPREAD_SECONDS = 3.0  # of a page that was told 1012, as static/gallery/js/socket.js has it


@lru_cache(maxsize=64)
def _roots(text: str) -> dict[str, Root]:
    """All pages are sent the same texts."""
    return Frame(0, text).roots


@dataclass
class Page:
    """What it shows: DOM id → revision, by the page's own rule that nothing goes back."""

    at: Address
    folder_id: str
    cookies: dict[str, str]
    revision: int = 0
    shown: dict[str, int] = field(default_factory=dict)
    codes: list[int | None] = field(default_factory=list)  # with which its sockets were closed
    gaps: list[float] = field(default_factory=list)  # seconds from a close to the next word
    resets: int = 0

    async def live(self) -> None:
        """Until it is cancelled."""
        lost_at = time.monotonic()
        while True:
            try:
                async with self._connect() as socket:
                    with suppress(ConnectionClosed):  # with 1012, say
                        async for text in socket:
                            if lost_at:
                                self.gaps.append(time.monotonic() - lost_at)
                                lost_at = 0.0
                            self._take(_roots(str(text)))
                    self.codes.append(socket.close_code)
            except REFUSED:
                pass
            lost_at = lost_at or time.monotonic()
            wait = SPREAD_SECONDS if self.codes[-1:] == [1012] else 0.4
            await asyncio.sleep(0.1 + random.random() * wait)

    def _connect(self) -> connect:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        url = f"{self.at.ws}/ws/folders/{self.folder_id}/?after={self.revision}"
        headers = {"Cookie": cookie}
        return connect(
            url, origin=self.at.http, additional_headers=headers, compression=None, max_size=None, proxy=None
        )

    def _take(self, frame: dict[str, Root]) -> None:
        for dom_id, root in frame.items():
            if dom_id == "reset":
                self.resets += 1
            elif root.is_deletion:
                self.shown.pop(dom_id, None)
            elif dom_id.startswith("item-"):
                card = dom_id.removesuffix("-progress")
                self.shown[card] = max(self.shown.get(card, 0), root.revision)
        self.revision = max(self.revision, frame["revision"].revision)


def fresh_page(client: httpx.Client, folder_id: str) -> tuple[int, dict[str, int]]:
    """What somebody sees who opens the folder now: its revision, and the cards with theirs."""
    text = client.get(f"/folders/{folder_id}/").raise_for_status().text
    cards = {card.id: card.revision or 0 for card in roots(text, "grid") if card.id.startswith("item-")}
    [revision] = [root.revision or 0 for root in roots(text, "live") if root.id == "revision"]
    return revision, cards


@dataclass
class Steady:
    """A worker at nginx's WebSocket door: events one after the other, each until it is acknowledged."""

    at: Address
    secret: str
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)  # event id → receipt
    longest_wait: float = 0.0  # for a receipt
    connections: int = 0
    _socket: ClientConnection | None = None

    async def say(self, event_id: str, event: str, **payload: Any) -> None:
        since = time.monotonic()
        text = json.dumps({"type": event, "id": event_id, "payload": payload})
        while True:
            try:
                answer = await self._ask(text)
            except REFUSED:
                self._socket = None
                await asyncio.sleep(0.1)
                continue
            if answer["type"] == "ack":
                break
            assert answer["code"] == "unavailable", answer
            await asyncio.sleep(0.1)
        self.acknowledged[event_id] = answer
        self.longest_wait = max(self.longest_wait, time.monotonic() - since)

    async def _ask(self, text: str) -> dict[str, Any]:
        if self._socket is None:
            headers = {"Authorization": f"Bearer {self.secret}"}
            self._socket = await connect(
                f"{self.at.ws}/ws/notify/", additional_headers=headers, compression=None, proxy=None, open_timeout=10
            )
            self.connections += 1
        await self._socket.send(text)
        async with asyncio.timeout(15):
            return json.loads(await self._socket.recv())

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
