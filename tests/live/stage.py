"""A gallery with several open pages in one thread: the real services, hub, subscribers and templates, no sockets.

Time, the doorbell, the tick, each page's reading and its acknowledgements happen when the test says so.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from django.db import transaction
from django.template.loader import get_template

from gallery import doorbell, folder_page, folder_rows
from gallery.access import folder_for
from gallery.live import admission, changes, hub, placeholders, subscriber
from gallery.live.admission import Visitor, find_lost, refusal
from gallery.live.fragments import render_messages
from gallery.live.frames import first_frame
from gallery.live.subscriber import Subscriber
from gallery.live.switchboard import Switchboard
from gallery.models import Folder
from gallery.search.view import View
from tests.live.elements import roots
from tests.live.page_model import Fetched, Page

PAGE_SIZE = 4
SLOTS_SHOWN = 3
MOST_CARDS = 6
WINDOW_FRAMES = 3


@contextmanager
def small_world() -> Iterator[list[Callable[[], None]]]:
    """Pages of four, resets beyond six; yields what was to be done on commit."""
    on_commit: list[Callable[[], None]] = []

    async def inline(executor: Any, function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    def remember(job: Callable[[], None], *args: Any, **kwargs: Any) -> None:
        on_commit.append(job)

    with ExitStack() as stack:
        for target, name, value in (
            (folder_rows, "PAGE_SIZE", PAGE_SIZE),
            (placeholders, "PLACEHOLDER_SLOTS", SLOTS_SHOWN),
            (changes, "MOST_CARDS", MOST_CARDS),
            (subscriber, "WINDOW_FRAMES", WINDOW_FRAMES),
            (hub, "in_thread", inline),
            (admission, "_is_signed_in", lambda *_: True),
            (transaction, "on_commit", remember),
        ):
            stack.enter_context(patch.object(target, name, value))
        yield on_commit


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """A coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits")


def fetch_page(folder: Folder, cursor: str = "", query: str = "") -> Fetched:
    """The page as its templates show it now."""
    page = folder_page.load_page(Folder.objects.get(id=folder.id), View(q=query), cursor=cursor)
    grid = get_template("gallery/folder/_grid.html").render({"page": page})
    batches = roots(page.rows.strips_html)
    [messages] = roots(render_messages(page.system_messages, page.messages_revision))
    cards = [root for root in roots(grid, "grid") if root.attrs.get("id")]  # not the headings over the days
    return Fetched(page.revision, cards, batches, messages, page.rows.next_cursor)


class Viewer:
    """One person's open page and its socket."""

    def __init__(self, stage: Stage, user: Any, query: str = "") -> None:
        self.stage, self.user, self.query = stage, user, query
        self.page: Page | None = None
        self.subscriber: Subscriber | None = None
        self.visitor: Visitor | None = None
        self.inbox: list[str] = []
        self.is_lost = False
        self.sent_revision = 0  # the highest #revision that any server said to this page

    def load(self) -> None:
        """The person opens the page, or opens it anew."""
        self.hang_up()
        self.is_lost = refusal(self.user, self.stage.folder.id) is not None
        if self.is_lost:
            self.page = None
            return
        self.page = Page(self._fetch, PAGE_SIZE, is_insert_view=not self.query)
        self.connect()

    def _fetch(self, cursor: str) -> Fetched:
        fetched = fetch_page(folder_for(self.user, self.stage.folder.id), cursor, self.query)
        self.sent_revision = max(self.sent_revision, fetched.revision)
        return fetched

    def connect(self) -> None:
        """As ``folder_stream`` does."""
        if self.page is None or self.subscriber is not None or self.is_lost:
            return
        self.subscriber = Subscriber(self._hear, at=self.page.revision)
        if code := refusal(self.user, self.stage.folder.id):
            self.subscriber.close(code)
            return
        self.visitor = Visitor(self.subscriber, self.user, None, "", self.stage.folder.id)
        first = first_frame(self.stage.folder.id, self.page.revision)
        self.subscriber.messages_at = first.messages_at
        self.subscriber.send(first.text)
        self.stage.hub.add(self.subscriber)

    async def _hear(self, message: dict[str, Any]) -> None:
        assert not self.is_lost, "something was sent after the close"
        if message["type"] == "websocket.close":
            self.is_lost = True
        else:
            self.inbox.append(message["text"])

    def hang_up(self) -> None:
        """The connection dies, and what was under way with it."""
        if self.subscriber is not None:
            self.stage.hub.subscribers.discard(self.subscriber)
        self.subscriber = self.visitor = None
        self.inbox.clear()

    def read(self, frames: int = 10**6) -> None:
        """The page gets the next frames of its inbox."""
        while self.inbox and frames and self.page is not None:
            frames -= 1
            text = self.inbox.pop(0)
            before = self.page.revision
            for root in roots(text):
                if root.id == "revision":
                    self.sent_revision = max(self.sent_revision, root.revision)
            self.page.receive(text)
            assert before <= self.page.revision <= self.sent_revision
            self.check_order()

    def acknowledge(self) -> None:
        if self.subscriber is not None and self.page is not None:
            self.subscriber.acknowledge(self.page.revision)

    def check_order(self) -> None:
        assert self.page is not None and self.page.shown is not None
        for region in self.page.regions.values():
            orders = [element.order for element in region]
            assert orders == sorted(orders, reverse=True), "the order does not hold"


class Stage:
    """The folder, its hub, and those who look."""

    def __init__(self, folder: Folder, on_commit: list[Callable[[], None]]) -> None:
        self.folder = folder
        self._on_commit = on_commit
        self.board = Switchboard()
        self.hub = self.board.hub(folder.id)
        self.hub._task = type("NoTask", (), {"cancel": lambda self: None})()  # the test ticks
        self.viewers: list[Viewer] = []
        self.swallows_rings = False
        self.polls = True

    def commit(self) -> None:
        """What was to be done on commit is done: above all, the bell rings."""
        jobs, self._on_commit[:] = list(self._on_commit), []
        with patch.object(doorbell.doorbell, "ring", self._ring):
            for job in jobs:
                job()

    def _ring(self, kind: str, subject: str = "", revision: int = 0) -> None:
        if kind == doorbell.FOLDER and self.swallows_rings:
            return
        if kind == doorbell.ACCESS:
            self.look_at_rights()
        else:
            self.board.hear(kind, subject, revision)

    def poll(self) -> None:
        """As ``Switchboard._poll`` does."""
        revision = Folder.objects.values_list("revision", flat=True).get(id=self.folder.id)
        if self.polls and revision > self.hub.revision:
            self.hub.wake()

    def tick(self) -> None:
        if self.hub._wake.is_set():
            self.hub._wake.clear()
            run(self.hub._tick())

    def look_at_rights(self) -> None:
        visitors = [viewer.visitor for viewer in self.viewers if viewer.visitor and not viewer.is_lost]
        for visitor, code in find_lost(visitors):
            visitor.subscriber.close(code)

    def settle(self) -> None:
        """Everybody comes back, reads, acknowledges and fetches, until nothing more happens."""
        self.look_at_rights()
        for viewer in self.viewers:
            viewer.connect()
        for _ in range(40):
            self.poll()
            self.tick()
            for viewer in self.viewers:
                if viewer.page is None or viewer.is_lost:
                    continue
                viewer.read()
                viewer.page.is_busy = False
                if viewer.page.waiting and viewer.page.is_insert_view:
                    viewer.page.reload()
                while viewer.page.is_fetching:
                    viewer.page.step()
                viewer.acknowledge()
            if not self.hub._wake.is_set() and not any(viewer.inbox for viewer in self.viewers if not viewer.is_lost):
                return
        raise AssertionError("it does not come to rest")
