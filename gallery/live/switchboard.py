"""One per server process: the hubs, the open sockets, and the clocks that keep them true without any doorbell."""

from __future__ import annotations

import asyncio
import atexit
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from gallery import doorbell as bell
from gallery import outages
from gallery.conf import conf
from gallery.live import admission, figures, watch
from gallery.live.admission import Visitor
from gallery.live.home import HomeHub
from gallery.live.hub import GONE, Hub
from gallery.live.layer import LayerListener
from gallery.live.threads import SWEEP, WATCH, in_thread
from gallery.live.workers import WorkerSockets
from gallery.metrics import MISSED_RINGS
from gallery.services.due import Sweeper
from gallery.services.forgetting import forget

logger = logging.getLogger("gallery.live")

HEARTBEAT_AFTER = 15.0  # seconds without a frame; the contract allows 20
ACCESS_EVERY = 3.0  # seconds; a lost right closes its sockets within 5
SWEEP_EVERY = 1.0
FORGET_EVERY = 60.0
POLL_IN_MEMORY = 0.25  # seconds: other processes on the same SQLite file ring no bell here
POLL_WITH_LAYER = 3.0  # seconds: only heals lost rings; while the layer is away the poll is all there is
RING_PATIENCE = 0.5  # seconds that a ring may take longer than the poll
SECONDS_TO_END = 2.0


class Switchboard:
    """Starts with the first connection or request of its process, and lives as long as the event loop."""

    def __init__(self) -> None:
        self.hubs: dict[str, Hub] = {}
        self.home = HomeHub()
        self.visitors: set[Visitor] = set()
        self._watcher = watch.Watcher()
        self._sweeper = Sweeper()
        self._poll_now = asyncio.Event()
        self.workers = WorkerSockets(on_arrival=self._poll_now.set)
        self._access_changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        bell.doorbell.attend(self.loop, self.hear)
        for outage in (outages.database, outages.channel_layer):
            outage.on_change = self._outage_changed
        self._tasks = [
            asyncio.ensure_future(LayerListener(self.hear).run()),
            asyncio.ensure_future(self._keep_polling()),
            asyncio.ensure_future(_every(SWEEP_EVERY, lambda: in_thread(SWEEP, self._sweeper.beat))),
            asyncio.ensure_future(_every(FORGET_EVERY, lambda: in_thread(SWEEP, forget))),
            asyncio.ensure_future(_every(1.0, self._heartbeat)),
            asyncio.ensure_future(_every(figures.REMEMBER_EVERY, self._remember_figures)),
            asyncio.ensure_future(self._watch_access()),
        ]

    def hear(self, kind: str, subject: str, revision: int) -> None:
        """The doorbell rang: here, or in another process."""
        if kind == bell.FOLDER:
            if hub := self.hubs.get(subject):
                hub.rung = max(hub.rung, revision)
                if revision == 0 or revision > hub.revision:
                    hub.wake()
            self.home.wake()
        elif kind == bell.MESSAGES:
            self._wake_all()
        elif kind == bell.COMMANDS:
            self.workers.wake(int(subject))
        elif kind == bell.ACCESS:
            self._access_changed.set()
            self.home.wake()

    def hub(self, folder_id: str) -> Hub:
        """The folder's hub, made for its first viewer."""
        return self.hubs.setdefault(folder_id, Hub(folder_id))

    def enter(self, visitor: Visitor) -> None:
        """A browser's socket is open, and may see what it asked for."""
        self.visitors.add(visitor)
        self._poll_now.set()  # there may have been nothing to poll for

    def leave(self, visitor: Visitor) -> None:
        """A browser's socket has closed."""
        self.visitors.discard(visitor)
        if visitor.folder_id is None:
            self.home.remove(visitor.subscriber)
        elif hub := self.hubs.get(visitor.folder_id):
            hub.remove(visitor.subscriber)
            if not hub.subscribers:
                del self.hubs[visitor.folder_id]

    def _wake_all(self) -> None:
        for hub in self.hubs.values():
            hub.wake()
        self.home.wake_at_once()

    def _outage_changed(self) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self.loop.call_soon_threadsafe(self._poll_now.set)

    async def _keep_polling(self) -> None:
        pages_wait = False
        while True:
            self._poll_now.clear()
            try:
                await self._poll()
            except Exception as error:
                outages.report_failure(error, "The poll failed.", logger)
            if pages_wait != outages.database.is_on:
                pages_wait = outages.database.is_on
                self._send_heartbeats(time.monotonic())  # which say so
            with suppress(TimeoutError):
                await asyncio.wait_for(self._poll_now.wait(), _poll_seconds() if self._is_needed() else None)

    def _is_needed(self) -> bool:
        """Whether anybody is here who would miss something."""
        return bool(self.visitors or self.hubs or self.workers.tokens or outages.database.is_on)

    async def _poll(self) -> None:
        if not self._is_needed():
            return
        asked = dict(self.hubs)  # one that opens meanwhile was not asked for: its folder is not gone
        news = await in_thread(WATCH, self._watcher.look, list(asked), list(self.workers.tokens))
        outages.database.end()
        if news is None:
            return
        for folder_id, hub in asked.items():
            revision = news.revisions.get(folder_id)
            if revision is None:
                for subscriber in list(hub.subscribers):
                    subscriber.close(GONE)
            elif revision > hub.revision:
                hub.wake()
                if revision > hub.rung:  # perhaps the poll was merely quicker
                    self.loop.call_later(RING_PATIENCE, _count_missed, hub, revision)
        if news.messages_changed:
            self._wake_all()
        self.home.wake()
        for token_id in news.tokens_with_commands:
            self.workers.wake(token_id)

    async def _heartbeat(self) -> None:
        self._send_heartbeats(time.monotonic() - HEARTBEAT_AFTER)

    def _send_heartbeats(self, before: float) -> None:
        for hub in self.hubs.values():
            hub.send_heartbeats(before)
        self.home.send_heartbeats(before)

    async def _remember_figures(self) -> None:
        figures.remember()

    async def _watch_access(self) -> None:
        """Look at all open sockets' rights: every few seconds, and at once when somebody says that they changed."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._access_changed.wait(), ACCESS_EVERY)
            self._access_changed.clear()
            try:
                if self.visitors:
                    await admission.close_lost(set(self.visitors))
                await self.workers.close_lost()
            except Exception as error:  # the database is away: nobody is thrown out for that
                outages.report_failure(error, "The open sockets' rights could not be looked at.", logger)


def _count_missed(hub: Hub, revision: int) -> None:
    if hub.rung < revision:
        hub.rung = revision
        MISSED_RINGS.inc()


def _poll_seconds() -> float:
    reaches_others = bell.shared_layer() is not None and not outages.channel_layer.is_on
    return conf.POLL_SECONDS or (POLL_WITH_LAYER if reaches_others else POLL_IN_MEMORY)


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except Exception as error:  # the database is away: again with the next beat
            outages.report_failure(error, "A clock's work failed.", logger)
        await asyncio.sleep(seconds)


_boards: dict[int, Switchboard] = {}


def switchboard() -> Switchboard:
    """The board of the running event loop, started on the first call."""
    loop = asyncio.get_running_loop()
    board = _boards.get(id(loop))
    if board is None:
        _boards.clear()  # a loop that has ended takes its board with it (tests run many loops in one process)
        board = _boards[id(loop)] = Switchboard()
        board.start()
    return board


def running_board() -> Switchboard | None:
    """The board of this process, for other threads; None where none serves."""
    return next((board for board in _boards.values() if board.loop.is_running()), None)


@atexit.register
def _leave_nothing_waiting() -> None:
    """Daphne stops its loop while tasks wait in it; Python, which collects them at its very end, may crash on that."""
    for board in _boards.values():
        if not (board.loop.is_closed() or board.loop.is_running()) and (tasks := asyncio.all_tasks(board.loop)):
            for task in tasks:
                task.cancel()
            board.loop.run_until_complete(asyncio.wait(tasks, timeout=SECONDS_TO_END))
