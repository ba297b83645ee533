"""A search that says only what is near goes on by itself to the rest."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Route

from tests.browser import fragments as f
from tests.browser.script_page import PATH, ScriptPage

FOUND = 12  # the page that has something


def search(at: ScriptPage, *, pages: int, found: int = FOUND) -> list[int]:
    """Opens a view of so many pages, of which one has two cards; returns those that were asked for, as they come."""
    asked: list[int] = []

    def answer(route: Route) -> None:
        number = int(parse_qs(urlsplit(route.request.url).query).get("cursor", ["0"])[0])
        asked.append(number)
        is_last = number == pages - 1
        cards = [f.card("x", 9), f.card("y", 8)] if number == found else []
        grid = f.grid(
            *cards,
            arrivals="pill",
            filtered=True,
            page_size=60,
            cursor="" if is_last else str(number + 1),
            so_far=not is_last,
        )
        route.fulfill(body=at.gallery.page(grid, revision=10), content_type="text/html; charset=utf-8")

    at.gallery.answers[PATH] = answer
    at.page.goto(at.gallery.url + PATH + "?q=rare+together")
    at.connected()
    return asked


def test_it_goes_on_until_all_has_been_looked_through(at: ScriptPage) -> None:
    asked = search(at, pages=20)
    at.page.wait_for_selector("#pager", state="hidden")
    assert asked == list(range(20)), "each once, in order"
    assert at.ids() == ["x", "y"]


def test_in_the_end_it_says_that_there_is_nothing(at: ScriptPage) -> None:
    search(at, pages=5)
    at.page.wait_for_selector("#pager", state="hidden")
    assert at.page.inner_text("#empty") == "Nothing."
    at.wait(lambda: at.page.inner_text("#announcer") == "Nothing.")
