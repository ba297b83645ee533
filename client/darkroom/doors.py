"""The two doors of the gallery, as one sees them from outside: events go in together, their answers come back.

Only one lot is under way at a time, and what is said meanwhile goes with the next one. So nothing overtakes what the
gallery could not take just now, and a thousand events cost hardly more than ten.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

import httpx
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from darkroom.errors import TokenRefused
from darkroom.events import Event

Answer = dict[str, Any]
Command = dict[str, Any]
Listener = Callable[[Command], bool]  # whether somebody takes the command, so that it is acknowledged

TRY_AGAIN_STATUS = {408, 425, 429, 500, 502, 503, 504}
ASK_FOR_COMMANDS_SECONDS = 2.0
DEFAULT_RETRY_SECONDS = 2.0
TOKEN_IS_OVER = 4401


class DoorClosed(Exception):
    """The connection is gone; what has no answer must be said again."""


class Door(Protocol):
    name: str

    async def exchange(self, events: Sequence[Event]) -> list[Answer] | Answer:
        """Answers in order; one alone where the lot was refused as a whole. Raises ``DoorClosed``."""
        ...

    async def listen(self) -> None:
        """Hear commands until the door closes."""
        ...


class SocketDoor:
    """A WebSocket that is open."""

    name = "websocket"

    def __init__(self, socket: ClientConnection, on_command: Listener) -> None:
        self._socket, self._on_command = socket, on_command
        self._answers: asyncio.Future[list[Answer] | Answer] | None = None
        self._was_heard = False
        self.gets_through = True  # False: something was said, and nothing ever came back

    async def exchange(self, events: Sequence[Event]) -> list[Answer] | Answer:
        self._answers = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send(f"[{','.join(event.text for event in events)}]")
        except ConnectionClosed as error:
            raise DoorClosed from error
        self.gets_through = self._was_heard
        return await self._answers

    async def listen(self) -> None:
        with suppress(ConnectionClosed):
            async for text in self._socket:
                message = json.loads(text)
                self._was_heard = self.gets_through = True
                if isinstance(message, list) or message.get("type") in ("ack", "error"):
                    if self._answers is not None and not self._answers.done():
                        self._answers.set_result(message)
                elif self._on_command(message):
                    await self._socket.send(json.dumps({"type": "ack", "id": message.get("id", "")}))


class HttpDoor:
    """Where no WebSocket gets through: events are posted, and commands asked for now and then."""

    name = "http"

    def __init__(self, http: httpx.AsyncClient, on_command: Listener, seconds: float) -> None:
        self._http, self._on_command, self._seconds = http, on_command, seconds

    async def exchange(self, events: Sequence[Event]) -> list[Answer] | Answer:
        body = f"[{','.join(event.text for event in events)}]"
        response = await self._request("POST", "/api/notify", content=body.encode())
        if response.status_code in TRY_AGAIN_STATUS:
            return [{"type": "error", "code": "unavailable", "retryAfter": retry_after(response)}] * len(events)
        answers = read_json(response)
        if isinstance(answers, list):
            pause = retry_after(response)
            return [{"retryAfter": pause, **answer} for answer in answers]
        return dict(answers)

    async def listen(self) -> None:
        """For so many seconds; then the WebSocket is tried once more."""
        end = asyncio.get_running_loop().time() + self._seconds
        while asyncio.get_running_loop().time() < end:
            await self.ask_for_commands()
            await asyncio.sleep(ASK_FOR_COMMANDS_SECONDS)

    async def ask_for_commands(self) -> bool:
        """Hear what people have asked for; False where nobody knows that address."""
        response = await self._request("GET", "/api/commands")
        commands = read_json(response)
        if response.status_code != 200 or not isinstance(commands, list):
            return False
        for command in commands:
            if self._on_command(command):
                await self._request("DELETE", f"/api/commands/{command['id']}")
        return True

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = await self._http.request(method, path, **options)
        except httpx.TransportError as error:
            raise DoorClosed from error
        if response.status_code == 401:
            raise TokenRefused
        return response


def read_json(response: httpx.Response) -> Any:
    """What the gallery answered; where that is no JSON, an error of the gallery's shape that says so."""
    with suppress(ValueError):
        answer = response.json()
        if response.is_success or (isinstance(answer, dict) and answer.get("message")):
            return answer
    sentence = (
        f"The answer of {response.url.host} was {response.status_code} {response.reason_phrase}, not a gallery's."
    )
    return {"type": "error", "code": f"http_{response.status_code}", "message": sentence}


def retry_after(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else DEFAULT_RETRY_SECONDS
