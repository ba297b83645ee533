"""The stream of pages outside a folder: the cards of the folders that each person may see, at most once a second."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from typing import Any

from django.utils.translation import override

from gallery import dom_ids, metrics, outages
from gallery.access import visible_folders
from gallery.folder_list import FOLDERS_SHOWN, with_covers
from gallery.live.fragments import delete, render, render_heartbeat
from gallery.live.frames import current_messages
from gallery.live.subscriber import Subscriber
from gallery.live.threads import FRAMES, in_thread
from gallery.models import Folder
from gallery.services.messages import messages_revision

logger = logging.getLogger("gallery.live")

TICK = 1.0  # seconds between cards
SHORTEST_TICK = 0.05  # seconds between messages


class HomeSubscriber(Subscriber):
    """A page outside a folder; ``shown`` are the folders that it was sent, with their revisions."""

    def __init__(self, send: Any, user: Any) -> None:
        super().__init__(send, at=0)
        self.user = user
        self.shown: dict[str, int] | None = None  # None: nothing yet, the first frame carries all


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
                by_audience[subscriber.user.pk, subscriber.language].append(subscriber)
        cards: dict[str, dict[tuple[str, int], str]] = defaultdict(dict)
        for (_, language), members in by_audience.items():
            known = [(subscriber.shown, subscriber.messages_at) for subscriber in members]
            texts, shown, messages_at = await in_thread(
                FRAMES, build_home_frames, members[0].user, known, cards[language], language
            )
            for subscriber, text in zip(members, texts, strict=True):
                if subscriber.is_ready:
                    subscriber.shown, subscriber.messages_at = shown, messages_at
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


def build_home_frames(
    user: Any, known: list[tuple[dict[str, int] | None, int]], cards: dict[tuple[str, int], str], language: str = "en"
) -> tuple[list[str], dict[str, int], int]:
    """For one person's pages: what each lacks, the folders that it shows then, and the messages' revision.

    ``cards`` keeps this tick's rendered cards for the next person who reads the same language.
    """
    with override(language):
        return _build(user, known, cards)


def _build(
    user: Any, known: list[tuple[dict[str, int] | None, int]], cards: dict[tuple[str, int], str]
) -> tuple[list[str], dict[str, int], int]:
    messages_at = messages_revision()
    newest = visible_folders(user).order_by("-created_at", "-id").values_list("id", "revision")[:FOLDERS_SHOWN]
    shown = dict(newest)
    wanted = {pair for before, _ in known for pair in shown.items() if (before or {}).get(pair[0]) != pair[1]}
    missing = [folder_id for folder_id, revision in wanted if (folder_id, revision) not in cards]
    for folder in with_covers(list(Folder.objects.filter(id__in=missing).select_related("owner"))):
        cards[folder.id, shown[folder.id]] = render("folder", folder=folder)
    # One that others have pushed out of the newest is still there.
    gone = {folder_id for before, _ in known for folder_id in before or ()} - shown.keys()
    pushed = set(visible_folders(user).filter(id__in=gone).values_list("id", flat=True)) if gone else set()
    texts = [_frame(shown, before, pushed, at, messages_at, cards) for before, at in known]
    return texts, shown, messages_at


def _frame(
    shown: dict[str, int],
    before: dict[str, int] | None,
    pushed: set[str],
    messages_before: int,
    messages_at: int,
    cards: dict[tuple[str, int], str],
) -> str:
    text = current_messages(None, messages_at) if messages_at > messages_before else ""
    gone = (before or {}).keys() - shown.keys() - pushed
    text += "".join(delete(dom_ids.folder(folder_id), before[folder_id]) for folder_id in gone)
    text += "".join(cards.get(pair, "") for pair in shown.items() if (before or {}).get(pair[0]) != pair[1])
    if before is None or text:
        text += render_heartbeat()
    return text
