"""The worker's side of the gallery's two doors: events over the WebSocket, files over HTTP.

An event stays here until the gallery has acknowledged it. After any break all that is left is sent again, in the
same order and with the same ids: the gallery applies none of it twice.
"""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 5.0
PASSING_EVENTS = 24  # unacknowledged ones, above which passing news is not sent at all
TRY_AGAIN_CODES = {"rate_limited", "unavailable"}
TRY_AGAIN_STATUS = {429, 500, 502, 503, 504}
DEFAULT_RETRY_SECONDS = 2.0

Answer = dict[str, Any]


class TokenRefused(Exception):
    """The gallery does not know the token, or no longer."""


class Refused(Exception):
    """The gallery does not take this, and would not take it later."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Door:
    """One worker's connection to the gallery."""

    def __init__(self, url: str, token: str, on_command: Callable[[Answer], None]) -> None:
        parts = urlsplit(url)
        self._socket_url = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}/ws/notify/"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._on_command = on_command
        self._http = httpx.AsyncClient(base_url=url, headers=self._headers, timeout=60, trust_env=False)
        self._outbox: dict[str, tuple[str, asyncio.Future[Answer]]] = {}  # by id, in the order of saying
        self._unsent: list[str] = []
        self._something_to_send = asyncio.Event()
        self.is_open = asyncio.Event()
        self.times_opened = 0

    def say(self, event: str, payload: dict[str, Any]) -> asyncio.Future[Answer]:
        """Send an event, now or as soon as the gallery can be reached; the future brings the receipt or the error."""
        key = uuid.uuid4().hex
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._outbox[key] = (json.dumps({"type": event, "payload": payload, "id": key}), answer)
        self._unsent.append(key)
        self._something_to_send.set()
        return answer

    def mention(self, event: str, payload: dict[str, Any]) -> asyncio.Future[Answer] | None:
        """Passing news, as how far something is: worth nothing later, so not kept when it cannot be said now."""
        if self.is_open.is_set() and len(self._outbox) < PASSING_EVENTS:
            return self.say(event, payload)
        return None

    async def put(self, path: str, data: bytes, content_type: str) -> None:
        """Upload, again and again until the gallery has it or says that it never will."""
        await self._request("PUT", path, content=data, headers={"Content-Type": content_type})

    async def put_once(self, path: str, data: bytes, content_type: str) -> None:
        """Upload what is worth nothing later; when that fails, so be it."""
        with suppress(httpx.HTTPError):
            await self._http.put(path, content=data, headers={"Content-Type": content_type}, timeout=10)

    async def get(self, path: str, **parameters: Any) -> Any:
        return (await self._request("GET", path, params=parameters)).json()

    async def flush(self, seconds: float) -> None:
        """Give what has been said that much time to arrive."""
        waiting = [answer for _, answer in self._outbox.values()]
        if waiting and self.is_open.is_set():
            await asyncio.wait(waiting, timeout=seconds)

    async def close(self) -> None:
        await self._http.aclose()

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        pauses = Pauses()
        while True:
            try:
                response = await self._http.request(method, path, **options)
            except httpx.TransportError:
                await pauses.wait()
                continue
            if response.status_code in TRY_AGAIN_STATUS:
                await pauses.wait(at_least=_retry_after(response))
            elif response.status_code == 401:
                raise TokenRefused
            elif response.is_error:
                raise Refused(response.status_code, _sentence(response))
            else:
                return response

    async def run(self) -> None:
        """Stay connected until cancelled; raises ``TokenRefused``."""
        pauses = Pauses()
        while True:
            pause = 0.0
            try:
                async with connect(
                    self._socket_url, additional_headers=self._headers, proxy=None, open_timeout=10, max_size=2**20
                ) as socket:
                    pauses.reset()
                    pause = await self._converse(socket)
            except InvalidStatus as error:
                if error.response.status_code in (401, 403):
                    raise TokenRefused from error
            except (OSError, InvalidHandshake, ConnectionClosed, TimeoutError, EOFError):
                pass
            await pauses.wait(at_least=pause)

    async def _converse(self, socket: ClientConnection) -> float:
        """Until the connection breaks; returns how long the gallery asks to be left alone."""
        self._unsent = list(self._outbox)
        self._something_to_send.set()
        self.times_opened += 1
        self.is_open.set()
        sender = asyncio.ensure_future(self._send(socket))
        try:
            async for text in socket:
                for message in _as_list(json.loads(text)):
                    pause = await self._take(socket, message)
                    if pause:
                        return pause
            return 0.0
        finally:
            self.is_open.clear()
            sender.cancel()

    async def _send(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                await self._something_to_send.wait()
                self._something_to_send.clear()
                while self._unsent:
                    key = self._unsent.pop(0)
                    if key in self._outbox:
                        await socket.send(self._outbox[key][0])

    async def _take(self, socket: ClientConnection, message: Answer) -> float:
        kind, key = message.get("type"), message.get("id", "")
        if kind not in ("ack", "error"):
            await socket.send(json.dumps({"type": "ack", "id": key}))
            self._on_command(message)
        elif kind == "error" and message.get("code") in TRY_AGAIN_CODES:
            # A new connection sends all that is left in its order: nothing overtakes what was not taken now.
            return float(message.get("retryAfter") or DEFAULT_RETRY_SECONDS)
        elif key in self._outbox:
            _, answer = self._outbox.pop(key)
            if not answer.done():
                answer.set_result(message)
        return 0.0


class Pauses:
    """Each longer than the last, and none quite like another's."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._next = FIRST_PAUSE_SECONDS

    async def wait(self, at_least: float = 0.0) -> None:
        await asyncio.sleep(max(at_least, self._next * random.uniform(0.7, 1.3)))
        self._next = min(LONGEST_PAUSE_SECONDS, self._next * 1.6)


def _as_list(message: Any) -> list[Answer]:
    return message if isinstance(message, list) else [message]


def _retry_after(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else 0.0


def _sentence(response: httpx.Response) -> str:
    with suppress(ValueError, AttributeError):
        return str(response.json().get("message") or response.reason_phrase)
    return response.reason_phrase
