"""A browser, the people in it, and the two galleries that they may look at: a real one, and one that a test plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.people import HttpWorker, Person
from tests.browser.script_page import ScriptPage
from tests.processes.conftest import Gallery, Room, lone, new_gallery, sqlite_template  # noqa: F401
from tests.servers import Server


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for one module's tests: while it lives, its event loop runs, and no asynchronous test could."""
    with sync_playwright() as playwright:
        # A page that a test answers has no address, so Chromium would not let it talk to this machine.
        args = ["--no-sandbox", "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=args)
        yield browser
        browser.close()


@pytest.fixture
def at(chromium: Browser) -> Iterator[ScriptPage]:
    """A page with the gallery's scripts and a fake gallery behind it."""
    page = ScriptPage(chromium)
    yield page
    errors = page.errors
    page.end()
    assert errors == [], "nothing may land in the console"


@pytest.fixture
def server(lone: Gallery) -> Server:  # noqa: F811
    """A real server on SQLite, without a broker."""
    server = lone.server("daphne")
    if server.process is None or not server.process.is_alive:
        server.start()
    return server


@pytest.fixture
def room(lone: Gallery) -> Room:  # noqa: F811
    return lone.new_room()


@pytest.fixture
def worker(server: Server, room: Room) -> Iterator[HttpWorker]:
    worker = HttpWorker(server, room)
    yield worker
    worker.client.close()


@pytest.fixture
def person(chromium: Browser, server: Server) -> Iterator[Callable[..., Person]]:
    """``person("alice")``: somebody with a browser of their own."""
    people: list[Person] = []

    def come(username: str, **options: Any) -> Person:
        people.append(Person(chromium, server, username, **options))
        return people[-1]

    yield come
    errors = [error for each in people for error in each.errors]
    for each in people:
        each.context.close()
    assert errors == [], "nothing may land in the console"
