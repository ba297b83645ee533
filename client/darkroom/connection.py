"""Stay connected: over the WebSocket, and over HTTP where nothing else gets through; deliver what waits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from darkroom.address import Address
from darkroom.doors import DEFAULT_RETRY_SECONDS, Answer, Door, DoorClosed, HttpDoor, Listener, SocketDoor
from darkroom.errors import Refused
from darkroom.events import Event
from darkroom.outbox import TOGETHER_EVENTS, Outbox
from darkroom.pauses import Pauses

logger = logging.getLogger("darkroom")

TRY_AGAIN_CODES = {"rate_limited", "unavailable"}
OPEN_SECONDS = 10.0
# Over HTTP before the WebSocket is tried again: soon at first, for the gallery may just be starting.
FIRST_HTTP_SECONDS, LONGEST_HTTP_SECONDS = 5.0, 300.0


class Connection:
    """One worker's connection to the gallery, in whatever state it is."""

    def __init__(
        self,
        address: Address,
        http: httpx.AsyncClient,
        outbox: Outbox,
        on_command: Listener,
        on_refused: Callable[[Event, Refused], None],
    ) -> None:
        self.address, self.outbox = address, outbox
        self.is_open = asyncio.Event()
        self.door: Door | None = None
        self.times_opened = 0
        self._http, self._on_command, self._on_refused = http, on_command, on_refused
        self._together = TOGETHER_EVENTS
        self._said_away = False

    async def run(self) -> None:
        """Until cancelled; raises ``TokenRefused``."""
        pauses = Pauses()
        http_seconds = FIRST_HTTP_SECONDS
        opened = 0
        while True:
            try:
                gets_through = await self._converse_over_socket()
                self._say_away(ConnectionError("the connection is gone"))
            except (WebSocketException, OSError, EOFError) as error:  # OSError: time-outs too
                self._say_away(error)
                gets_through = isinstance(error, ConnectionRefusedError)  # then nobody is there for HTTP either
            if gets_through:
                http_seconds = FIRST_HTTP_SECONDS
            elif await self._converse_over_http(http_seconds):
                http_seconds = min(LONGEST_HTTP_SECONDS, 2 * http_seconds)
            if self.times_opened != opened:
                pauses.reset()
            opened = self.times_opened
            await pauses.wait()

    async def _converse_over_socket(self) -> bool:
        """False where it opens and yet nothing gets through."""
        async with connect(
            self.address.socket_url,
            additional_headers=self.address.headers,
            proxy=True if self.address.uses_proxies else None,
            open_timeout=OPEN_SECONDS,
            max_size=2**20,
            compression=None,
        ) as socket:
            door = SocketDoor(socket, self._on_command)
            await self._converse(door)
        return door.gets_through

    async def _converse_over_http(self, seconds: float) -> bool:
        """False where HTTP does not get through either."""
        door = HttpDoor(self._http, self._on_command, seconds)
        try:
            if not await door.ask_for_commands():
                return False
            await self._converse(door)
        except DoorClosed:
            return False
        return True

    async def _converse(self, door: Door) -> None:
        """Until the door closes."""
        if self._said_away or not self.times_opened:
            logger.info("Connected with %s (%s).", self.address.url, door.name)
        self._said_away = False
        self.times_opened += 1
        self.door = door
        self.is_open.set()
        tasks = [asyncio.ensure_future(work) for work in (door.listen(), self._deliver(door))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except DoorClosed:
            pass
        finally:
            self.is_open.clear()
            self.door = None
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, door: Door) -> None:
        while True:
            await self.outbox.has_news.wait()
            if events := self.outbox.head(self._together):
                await asyncio.sleep(self._settle(events, await door.exchange(events)))

    def _settle(self, events: list[Event], answers: list[Answer] | Answer) -> float:
        """Give each its answer; returns how long the gallery asks to be left alone."""
        if isinstance(answers, Mapping):
            if len(events) > 1:  # one of them is to blame: find it
                self._together = 1
                return 0.0
            answers = [answers]
        self._together = TOGETHER_EVENTS
        for event, answer in zip(events, answers, strict=False):
            if answer.get("type") == "ack":
                self.outbox.remove(event)
                event.succeed(answer)
            elif answer.get("code") in TRY_AGAIN_CODES:
                return float(answer.get("retryAfter") or DEFAULT_RETRY_SECONDS)
            else:
                refusal = Refused.from_answer(answer)
                self.outbox.remove(event)
                event.fail(refusal)
                self._on_refused(event, refusal)
        return 0.0

    def _say_away(self, error: Exception) -> None:
        if not self._said_away:
            reason = f"{type(error).__name__}: {error}".rstrip(": ")
            logger.warning("%s does not answer (%s). Events wait until it does.", self.address.url, reason)
        self._said_away = True
