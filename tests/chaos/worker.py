"""A worker that never gives up: what was not answered it says again, and it writes down every word beforehand."""

from __future__ import annotations

import asyncio
import json
import random
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.chaos.ledger import Event, LedgerFile

BROKEN = (OSError, ConnectionClosed, InvalidHandshake, InvalidMessage, TimeoutError, EOFError)
IN_FLIGHT = 2  # frames on the way at once
SIZES = (0, 1, 8, 25, 50)  # events of a frame; 0 is one event that is no array
PAUSE_SECONDS = 0.25  # after each answer
FORGETS = 0.1  # of what a broken connection left open, this much is never said again
ANSWER_SECONDS = 60.0


class ChaosWorker:
    """One token's connection, made anew whenever it breaks."""

    def __init__(self, base: str, secret: str, ledger: LedgerFile, script: Iterator[Event], chance: random.Random):
        self.base, self.secret, self.ledger = base, secret, ledger
        self.script, self.chance = script, chance
        self.is_slow = False  # has said enough: one event a second, so that it can be seen whether it is answered
        self.on_send: Callable[[], None] = lambda: None
        self.reconnects = self.refused = self.unavailable = 0
        self.wrong: list[str] = []
        self.answered_at = 0.0
        self._open: dict[str, Event] = {}  # said, and not answered
        self._again: list[Event] = []  # to be said once more, in their order

    async def work(self, is_over: asyncio.Event) -> None:
        while not is_over.is_set():
            try:
                headers = {"Authorization": f"Bearer {self.secret}"}
                options = {"compression": None, "proxy": None, "max_size": None, "open_timeout": 15}
                async with connect(f"{self.base}/ws/notify/", additional_headers=headers, **options) as socket:
                    await self._talk(socket, is_over)
            except BROKEN as error:
                if isinstance(error, InvalidHandshake) and "403" in str(error):
                    self.wrong.append("A good token was refused.")
            if not is_over.is_set():
                self.reconnects += 1
                await asyncio.sleep(self.chance.uniform(0.05, 0.4))

    async def _talk(self, socket: ClientConnection, is_over: asyncio.Event) -> None:
        """First what is open, then new events; ends when it is over and all is answered."""
        left, self._open = list(self._open.values()), {}
        self._again += [event for event in left if self.chance.random() >= FORGETS]
        frames: deque[list[str]] = deque()
        while True:
            while len(frames) < IN_FLIGHT and (events := self._next_events(bool(frames), is_over.is_set())):
                is_array = len(events) > 1 or self.chance.random() < 0.5
                for event in events:
                    self.ledger.write(sent=event)
                    self._open[event["id"]] = event
                frames.append([event["id"] for event in events])
                self.on_send()
                await socket.send(json.dumps(events if is_array else events[0]))
            if not frames:
                return
            await self._hear(socket, frames.popleft())
            await asyncio.sleep(1.0 if self.is_slow else PAUSE_SECONDS)

    def _next_events(self, waits: bool, is_over: bool) -> list[Event]:
        size = 1 if self.is_slow else max(1, self.chance.choice(SIZES))
        if self._again:
            if waits:  # what was not taken goes first, and in order: nothing else is on the way meanwhile
                return []
            events, self._again = self._again[:size], self._again[size:]
            return events
        return [] if is_over else [next(self.script) for _ in range(size)]

    async def _hear(self, socket: ClientConnection, ids: list[str]) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            answer: Any = json.loads(await socket.recv())
        answers = answer if isinstance(answer, list) else [answer]
        if [each.get("id") for each in answers] != ids:
            self.wrong.append(f"The answers to {ids} were {answers}.")
            return
        not_taken = []
        for each in answers:
            self.ledger.write(answered=each)
            event = self._open.pop(each["id"])
            if each.get("code") == "unavailable":
                self.unavailable += 1
                if not each.get("retryAfter", 0) > 0:
                    self.wrong.append(f"unavailable without retryAfter: {each}")
                not_taken.append(event)
                continue
            self.refused += each["type"] == "error"
            self.answered_at = asyncio.get_running_loop().time()
        if not_taken:
            self._again += not_taken
            await asyncio.sleep(0.3)

    async def say_again(self, count: int) -> list[str]:
        """Some of what was acknowledged, once more: the first receipts must come. Returns what is wrong."""
        ids = list(self.ledger.receipts)
        ids = sorted(self.chance.sample(ids, min(count, len(ids))))
        headers = {"Authorization": f"Bearer {self.secret}"}
        async with connect(f"{self.base}/ws/notify/", additional_headers=headers, proxy=None, max_size=None) as socket:
            await socket.send(json.dumps([self.ledger.sent[key] for key in ids]))
            answers = json.loads(await socket.recv())
        return [
            f"DOUBLED: {key} said again is answered {answer}, and was {self.ledger.receipts[key]}."
            for key, answer in zip(ids, answers, strict=True)
            if answer != self.ledger.receipts[key]
        ]
