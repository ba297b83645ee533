"""The stream of pages outside a folder: the folders that each person looks at, or the trash, at most once a second."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from typing import Any

from django.utils.translation import override

from gallery import metrics, outages
from gallery.live.fragments import render_heartbeat
from gallery.live.frames import current_messages
from gallery.live.home_frames import Cards, Sent, build_home_frames
from gallery.live.looks import Look
from gallery.live.subscriber import Subscriber
from gallery.live.threads import FRAMES, in_thread
from gallery.services.messages import messages_revision

logger = logging.getLogger("gallery.live")

TICK = 1.0  # seconds between cards
SHORTEST_TICK = 0.05  # seconds between messages


class HomeSubscriber(Subscriber):
    """A page outside a folder: what it looks at, and what it has been sent of that."""

    def __init__(self, send: Any, user: Any, look: Look) -> None:
        super().__init__(send, at=0)
        self.user = user
        self.look_at(look)

    def look_at(self, look: Look) -> None:
        """From now on at this; of that it has nothing yet, and its next frame carries all."""
        self.look = look
        self.shown: dict[str, int] | None = None
        self.mark = ""

    @property
    def sent(self) -> Sent:
        return Sent(self.shown, self.mark, self.messages_at)

    def note(self, sent: Sent) -> None:
        """It has been sent this."""
        self.shown, self.mark, self.messages_at = sent.shown, sent.mark, sent.messages_at


class HomeHub:
    """All pages outside a folder in this process."""

    def __init__(self) -> None:
        self.subscribers: set[HomeSubscriber] = set()
        self._wake = asyncio.Event()
        self._is_urgent = False
        self._has_stale_cards = False
        self._task: asyncio.Task[None] | None = None

    def add(self, subscriber: HomeSubscriber) -> None:
        subscriber.on_ready = self.wake
        self.subscribers.add(subscriber)
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())
        self.wake_at_once()

    def remove(self, subscriber: HomeSubscriber) -> None:
        self.subscribers.discard(subscriber)
        if not self.subscribers and self._task is not None:
            self._task.cancel()
            self._task = None

    def wake(self) -> None:
        """Some folder or somebody's rights may have changed: soon enough with the next round of cards."""
        self._has_stale_cards = True
        self._wake.set()

    def wake_at_once(self) -> None:
        """A message, or a page that has nothing yet."""
        self._is_urgent = True
        self._wake.set()

    async def _run(self) -> None:
        cards_from = 0.0
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                if self._has_stale_cards and time.monotonic() >= cards_from:
                    self._has_stale_cards = self._is_urgent = False
                    cards_from = time.monotonic() + TICK
                    await self._send_cards(self.subscribers)
                elif self._is_urgent:
                    self._is_urgent = False
                    await self._send_cards({page for page in self.subscribers if page.shown is None})
                    await self._send_messages()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # the database is away: the pages wait, and catch up
                outages.report_failure(error, "The stream of the home pages failed.", logger)
                self.wake()
                await asyncio.sleep(TICK)
            if self._has_stale_cards:
                asyncio.get_running_loop().call_later(max(0.0, cards_from - time.monotonic()), self._wake.set)
            await asyncio.sleep(SHORTEST_TICK)

    async def _send_cards(self, subscribers: set[HomeSubscriber]) -> None:
        by_audience: dict[Any, list[HomeSubscriber]] = defaultdict(list)
        for subscriber in subscribers:
            if subscriber.is_ready:
                by_audience[subscriber.user.pk, subscriber.look, subscriber.language].append(subscriber)
        cards: dict[str, Cards] = defaultdict(dict)
        for (_, look, language), members in by_audience.items():
            known = [subscriber.sent for subscriber in members]
            frames = await in_thread(FRAMES, build_home_frames, members[0].user, look, known, cards[language], language)
            for subscriber, (text, sent) in zip(members, frames, strict=True):
                if subscriber.is_ready and subscriber.look == look:  # it may look elsewhere meanwhile
                    subscriber.note(sent)
                    if text:
                        metrics.count_broadcast("home", 1, subscriber.send(text))

    async def _send_messages(self) -> None:
        messages_at = await in_thread(FRAMES, messages_revision)
        late = [page for page in self.subscribers if page.shown is not None and page.messages_at < messages_at]
        for language in {page.language for page in late}:
            text = await in_thread(FRAMES, _messages_in, language, messages_at) + render_heartbeat()
            for subscriber in late:
                if subscriber.is_ready and subscriber.language == language:
                    subscriber.messages_at = messages_at
                    subscriber.send(text)

    def send_heartbeats(self, before: float) -> None:
        """A word to those who have heard nothing since ``before`` (monotonic seconds)."""
        for subscriber in self.subscribers:
            if subscriber.is_ready and subscriber.last_sent < before and subscriber.shown is not None:
                subscriber.send(render_heartbeat(waits=outages.database.is_on))


def _messages_in(language: str, messages_at: int) -> str:
    with override(language):
        return current_messages(None, messages_at)
