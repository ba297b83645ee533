"""What a page says and does while the gallery's database is away, and behind a proxy that keeps its socket from it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.people import HttpWorker, Person
from tests.browser.proxy import FaultyProxy
from tests.processes.conftest import Gallery, Room, running_postgres
from tests.servers import PostgreSQL, Server

BLOCKED = "Live updates do not come through."
QUICK = """() => {
  [darkroom.FALLBACK_MS, darkroom.OPENING_MS, darkroom.backoff] = [1500, 1500, () => 300];
  setInterval(() => dispatchEvent(new Event("online")), 250); // which looks whether the socket is dead
}"""


@pytest.fixture
def proxy(server: Server) -> Iterator[FaultyProxy]:
    proxy = FaultyProxy(server)
    yield proxy
    proxy.end()


@pytest.fixture
def visitor(chromium: Browser, proxy: FaultyProxy) -> Iterator[Person]:
    """Alice, who reaches the gallery through the proxy."""
    person = Person(chromium, proxy, "alice")
    yield person
    errors = person.errors
    person.context.close()
    assert errors == [], "nothing may land in the console"


@pytest.mark.parametrize("fault", ["refuse", "hold"])
def test_what_no_socket_brings_is_fetched_until_one_works(
    visitor: Person, proxy: FaultyProxy, room: Room, worker: HttpWorker, fault: str
) -> None:
    visitor.open(room.folder_id)
    visitor.page.evaluate(QUICK)
    batch, first, second = (f"{fault}-{name}" for name in ("batch", "first", "second"))
    worker.start(batch, 2)
    visitor.see(f"#batch-{batch}")

    proxy.become(fault)
    worker.arrive(batch, first, 0)
    visitor.see("#connection", BLOCKED)
    visitor.see(f"#item-{first}")
    worker.arrive(batch, second, 1)
    visitor.see(f"#item-{second}")
    assert visitor.never_reloaded

    proxy.become("")
    visitor.page.wait_for_selector("#connection", state="hidden")
    worker.say("item:update", itemId=first, status="processing", message="live again")
    visitor.see(f"#item-{first}-progress", "live again")
    requests: list[str] = []
    visitor.page.on("request", lambda request: requests.append(request.url))
    visitor.page.wait_for_timeout(2500)
    assert not [url for url in requests if "/folders/" in url], "the page is live, and fetches itself no more"


def test_a_connection_that_is_cut_again_and_again_is_said(
    visitor: Person, proxy: FaultyProxy, room: Room, worker: HttpWorker
) -> None:
    visitor.open(room.folder_id)
    visitor.page.evaluate(QUICK)
    proxy.become("cut")
    visitor.see("#connection", "The connection is cut again and again.")
    worker.start("cut", 1)
    visitor.see("#batch-cut")
    assert visitor.never_reloaded


def test_a_server_that_is_down_is_not_taken_for_a_proxy(
    visitor: Person, proxy: FaultyProxy, server: Server, room: Room
) -> None:
    visitor.open(room.folder_id)
    visitor.page.evaluate(QUICK)
    server.kill()
    visitor.see("#connection", "Reconnecting…")
    visitor.page.wait_for_timeout(3000)
    assert visitor.page.inner_text("#connection") == "Reconnecting…"
    server.start()
    visitor.wait_until_live()
    assert visitor.page.is_hidden("#connection") and visitor.never_reloaded


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgreSQL]:
    """A PostgreSQL of this module's own, which its test stops."""
    with running_postgres() as cluster:
        yield cluster


def test_a_database_that_is_away_is_said_and_forgotten(
    chromium: Browser, new_gallery: Callable[..., Gallery], cluster: PostgreSQL
) -> None:
    gallery = new_gallery("postgres", DATABASE_URL=cluster.create("pages"))
    server, room = gallery.server("uvicorn"), gallery.new_room()
    worker = HttpWorker(server, room)
    open_page, home, late = (Person(chromium, server, "alice") for _ in range(3))
    try:
        open_page.open(room.folder_id)
        home.wait_until_live()
        home.page.evaluate("window.sameDocument = true")
        assert cluster.process is not None
        cluster.process.stop(signal.SIGQUIT)
        for person in (open_page, home):
            person.see("#connection", "The gallery cannot reach its database.")
        late.page.goto(f"{server.http}/folders/{room.folder_id}/")
        late.see("h1", "The lamp is out.")
        cluster.start()
        for person in (open_page, home):
            person.page.wait_for_selector("#connection", state="hidden")
        worker.start("after", 1)
        open_page.see("#batch-after")
        late.see("#batch-after")  # it has loaded itself again
        assert open_page.never_reloaded and home.never_reloaded
        assert open_page.errors == home.errors == late.errors == []
    finally:
        worker.client.close()
        for person in (open_page, home, late):
            person.context.close()
