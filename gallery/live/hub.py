"""The hub: one per process and folder. It waits at most one tick, asks once what is new, and sends it to all."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict

from gallery import metrics, outages, trace
from gallery.live.catch_ups import CatchUps, Place
from gallery.live.fragments import render_revision
from gallery.live.frames import Frame, build_frame
from gallery.live.pace import Pace
from gallery.live.subscriber import Subscriber
from gallery.live.threads import FRAMES, in_thread

logger = logging.getLogger("gallery.live")

RETRY_SECONDS = 1.0  # after the database did not answer

GONE = 4404


class Hub:
    """The viewers of one folder in this process."""

    def __init__(self, folder_id: str) -> None:
        self.folder_id = folder_id
        self.subscribers: set[Subscriber] = set()
        self.revision = -1  # the newest that any viewer was sent
        self.messages_at = 0
        self._catch_ups = CatchUps(folder_id, build_frame)
        self.rung = -1  # the newest revision that the doorbell told of
        self._wake = asyncio.Event()
        self._pace = Pace()
        self._task: asyncio.Task[None] | None = None

    def add(self, subscriber: Subscriber) -> None:
        """A viewer came; whatever it lacks follows at once."""
        subscriber.on_ready = self.wake
        self.subscribers.add(subscriber)
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())
        self.wake()

    def remove(self, subscriber: Subscriber) -> None:
        """A viewer left; the last one ends the hub's work."""
        self.subscribers.discard(subscriber)
        if not self.subscribers and self._task is not None:
            self._task.cancel()
            self._task = None

    def wake(self) -> None:
        """Something may be new."""
        self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            started = time.perf_counter()
            try:
                sending = await self._tick()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # the database is away: the viewers wait, and catch up
                outages.report_failure(error, f"The stream of folder {self.folder_id} failed.", logger)
                self._wake.set()
                await asyncio.sleep(RETRY_SECONDS)
                continue
            await asyncio.sleep(self._pace.rest(sending))
            metrics.TICK.observe(time.perf_counter() - started)

    async def _tick(self) -> float:
        """Bring everybody up to date; returns the seconds of processor time that the sending took."""
        sending, newest, before = 0.0, 0, self.revision
        for place, members in self._places().items():
            asked = time.perf_counter()
            frame = await in_thread(FRAMES, self._catch_ups.frame, *place)
            built, started = time.perf_counter(), time.thread_time()
            if frame is None:
                for subscriber in list(self.subscribers):
                    subscriber.close(GONE)
                break
            newest = max(newest, frame.revision)
            self.revision = max(self.revision, newest)
            viewers = 0
            for subscriber in members:
                # It may have been sent something, or have stopped reading, while the frame was made.
                if subscriber.is_ready and (subscriber.at, subscriber.messages_at, subscriber.language) == place:
                    subscriber.at, subscriber.messages_at = frame.revision, frame.messages_at
                    if frame.text:
                        subscriber.send(frame.text, frame.encoded)
                        viewers += 1
            seconds = time.thread_time() - started
            sending += seconds
            if viewers:
                metrics.BUILD_SECONDS.observe(built - asked)
                metrics.SEND_SECONDS.observe(seconds)
                self._count(frame, viewers, place[0], before)
        if any(subscriber.is_ready and (subscriber.at or 0) < newest for subscriber in self.subscribers):
            # A commit between two places' frames: those of the earlier one lack it, and its ring may count as heard.
            self.wake()
        return sending

    def _count(self, frame: Frame, viewers: int, since: int | None, before: int) -> None:
        size = len(frame.encoded)
        metrics.count_broadcast("folder", viewers, size)
        if frame.is_reset:
            metrics.RESETS.inc(viewers)
        elif since is None or since < before:
            metrics.CATCH_UPS.inc(viewers)
        else:
            metrics.REVISIONS.inc(frame.revision - since)
        if trace.is_on():
            ids = trace.events_between(self.folder_id, since or 0, frame.revision)
            facts = {"folder_id": self.folder_id, "revision": frame.revision, "since": since, "event_ids": ids}
            trace.say("sent", viewers=viewers, bytes=size, **facts)

    def _places(self) -> dict[Place, list[Subscriber]]:
        """Who stands where; almost always all of a language at one place, who catches up elsewhere."""
        places: dict[Place, list[Subscriber]] = defaultdict(list)
        for subscriber in self.subscribers:
            if subscriber.is_ready:
                places[subscriber.at, subscriber.messages_at, subscriber.language].append(subscriber)
        return dict(sorted(places.items(), key=lambda place: -len(place[1])))

    def send_heartbeats(self, before: float) -> None:
        """A word to those who have heard nothing since ``before`` (monotonic seconds)."""
        for subscriber in self.subscribers:
            if subscriber.is_ready and subscriber.last_sent < before and subscriber.at is not None:
                subscriber.send(render_revision(subscriber.at, waits=outages.database.is_on))
