"""A folder of any length on a page of some 300 cards, and headings over the days in it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Route

from tests.browser import fragments as f
from tests.browser.script_page import PATH, ScriptPage

TOTAL = 1000
PAGE = 60


def key(number: int) -> str:
    return f"{f.order(number)}c{number:04}"


class Folder:
    """1,000 cards behind keyset pages, as the server's are; ``gone`` ones are there no more."""

    def __init__(self, at: ScriptPage, total: int = TOTAL) -> None:
        self.at = at
        self.sort = ""  # by name, say: the first card is the one with the greatest number, and only cursors tell
        self.numbers = list(range(total, 0, -1))
        self.revision = 10
        self.asked: list[str] = []
        at.gallery.answers[PATH] = self.answer

    def page(self, cursor: str = "", before: str = "") -> str:
        above: list[int] = []
        if before:
            above = self.numbers[: self.place_of(before)]
            cursor = self.cursor(above[-PAGE - 1]) if len(above) > PAGE else ""
        below = self.numbers[self.place_of(cursor) + 1 if cursor else 0 :]
        found = below[:PAGE]
        cards = (f.card(f"c{number:04}", self.time_of(number)) for number in found)
        grid = f.grid(
            *cards,
            arrivals="pill" if cursor else "insert",
            cursor=self.cursor(found[-1]) if len(below) > PAGE else "",
            page_size=PAGE,
            begins_after=cursor,
            sort=self.sort,
            cursors=" ".join(map(self.cursor, found)),
            above=min(len(above), PAGE),
        )
        return self.at.gallery.page(grid, revision=self.revision)

    def cursor(self, number: int) -> str:
        return f"named-{number:04}" if self.sort else key(number)

    def place_of(self, cursor: str) -> int:
        return self.numbers.index(int(cursor[-4:]))

    def time_of(self, number: int) -> int:
        return number * 7919 % 1009 if self.sort else number

    def answer(self, route: Route) -> None:
        query = parse_qs(urlsplit(route.request.url).query)
        self.asked.append(urlsplit(route.request.url).query)
        page = self.page(query.get("cursor", [""])[0], query.get("before", [""])[0])
        route.fulfill(body=page, content_type="text/html; charset=utf-8")

    def open(self, query: str = "") -> None:
        self.at.page.goto(self.at.gallery.url + PATH + query)
        self.at.connected()

    def shown(self) -> list[int]:
        return [int(one[1:]) for one in self.at.ids() if one.startswith("c")]

    def in_view(self) -> list[int]:
        cards = self.at.page.evaluate(
            "() => { const { start, end, room } = darkroom.axis();"
            " return darkroom.cards().filter((card) => end(card) > 0 && start(card) < room).map((card) => card.id); }"
        )
        return [int(card.removeprefix("item-c")) for card in cards if card.startswith("item-c")]

    def scroll_to(self, number: int, way: int) -> None:
        """Turn the wheel until that card is in view, ``way`` pixels a turn."""
        seen = set(self.in_view())
        self.at.page.mouse.move(450, 300)
        for _ in range(400):
            if number in seen:
                return
            self.at.page.mouse.wheel(0, way)
            self.at.page.wait_for_timeout(15)
            self.at.wait(self.in_view)
            view = self.in_view()
            assert view == [card for card in self.numbers if view[-1] <= card <= view[0]], "nothing is left out"
            seen = set(view)
        raise AssertionError(f"card {number} never came")


@pytest.fixture
def folder(at: ScriptPage) -> Folder:
    return Folder(at)


def start_of(at: ScriptPage, number: int) -> float:
    return at.page.eval_on_selector(f"#item-c{number:04}", "card => darkroom.axis().start(card)")


def test_scrolling_goes_through_all_and_back_and_keeps_300_cards(at: ScriptPage, folder: Folder) -> None:
    folder.open()
    assert len(folder.shown()) == PAGE, "what nobody scrolls to is not fetched"
    folder.scroll_to(500, 500)
    assert len(folder.shown()) <= 300 + PAGE
    assert 1000 not in folder.shown()
    height = at.page.evaluate("document.documentElement.scrollHeight")
    assert at.page.evaluate("scrollY") > 500 / 4 * 188 - 1200, "what left has its height reserved"
    folder.scroll_to(1000, -500)
    at.wait(lambda: at.page.evaluate("darkroom.begins()") == "")
    assert len(folder.shown()) <= 300 + PAGE
    assert folder.shown() == list(range(1000, 1000 - len(folder.shown()), -1))
    assert at.page.evaluate("document.documentElement.scrollHeight") >= height - 188, "below, too"
    assert at.page.locator("#grid > .reserve").count() == 0


def test_nothing_that_is_looked_at_moves_when_cards_come_and_leave(at: ScriptPage, folder: Folder) -> None:
    folder.open()
    at.page.evaluate(
        "window.shifts = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries())"
        " window.shifts += entry.value; }).observe({type: 'layout-shift'})"
    )
    folder.scroll_to(480, 500)
    folder.scroll_to(800, -500)
    folder.scroll_to(600, 500)
    assert at.page.evaluate("window.shifts") < 0.01


def test_the_beginning_is_one_key_away(at: ScriptPage, folder: Folder) -> None:
    folder.open()
    folder.scroll_to(300, 550)
    asked = len(folder.asked)
    at.page.keyboard.press("Home")
    at.wait(lambda: 1000 in folder.in_view())
    at.wait(lambda: at.page.evaluate("darkroom.begins()") == "")
    assert len(folder.asked) - asked <= 3, "what lies between is not fetched"
    assert at.page.locator("#grid > .reserve").count() == 0


def test_far_back_one_lands_near_where_one_let_go(at: ScriptPage, folder: Folder) -> None:
    folder.open()
    folder.scroll_to(250, 550)
    at.page.wait_for_timeout(200)
    asked = len(folder.asked)
    at.page.evaluate("scrollTo(0, 5600)")  # of some 40,000: card 1000 - 5600 / 188 * 4
    at.wait(lambda: len(folder.in_view()) >= 8)
    at.page.wait_for_timeout(500)
    assert abs(max(folder.in_view()) - 880) < 140
    assert len(folder.asked) - asked <= 5


def test_arrivals_above_what_is_read_are_counted_and_come_with_the_way_back(at: ScriptPage, folder: Folder) -> None:
    folder.open()
    folder.scroll_to(500, 550)
    before = folder.in_view()
    new = range(1001, 1013)
    at.frame(*(f.card(f"c{number:04}", number, 11) for number in new), revision=11)
    assert at.page.inner_text("#new-pill") == "12 new"
    assert folder.in_view() == before
    folder.numbers[:0] = reversed(new)
    folder.revision = 11
    at.page.click("#new-pill")
    at.wait(lambda: 1012 in folder.in_view())
    assert at.page.is_hidden("#new-pill")
    assert at.page.evaluate("scrollY") == 0
    at.frame(f.card("c1013", 1013, 12), revision=12)
    assert folder.shown()[0] == 1013, "and it takes arrivals again"


def test_a_reset_in_the_depth_of_a_folder_keeps_the_place(at: ScriptPage, folder: Folder) -> None:
    folder.open()
    folder.scroll_to(400, 550)
    at.page.wait_for_timeout(300)
    [number, *_] = [number for number in folder.in_view() if start_of(at, number) > 0]
    place = start_of(at, number)
    folder.numbers.remove(number - 5)
    folder.revision = 20
    at.gallery.send(f.reset(20), f.revision(20))
    at.wait(lambda: at.shown_revision() == 20)
    assert number - 5 not in folder.shown()
    assert abs(start_of(at, number) - place) <= 1


def test_a_page_in_the_middle_leads_both_ways(at: ScriptPage, folder: Folder) -> None:
    folder.open(f"?cursor={key(501)}")
    assert folder.shown()[0] == 500
    place = start_of(at, 500)
    at.page.click("#newer a")
    at.wait(lambda: folder.shown()[0] > 500)
    assert abs(start_of(at, 500) - place) <= 1, "what was there stays where it is"
    folder.scroll_to(1000, -500)
    at.wait(lambda: at.page.evaluate("darkroom.begins()") == "")
    at.frame(f.card("c1001", 1001, 11), revision=11)
    at.page.evaluate("scrollTo(0, 0)")
    at.wait(lambda: folder.in_view()[:1] in ([1001], [1000]))


def test_a_card_in_use_does_not_leave(at: ScriptPage, folder: Folder) -> None:
    folder.open()
    at.page.focus("#item-c0950 .item__link")
    folder.scroll_to(500, 550)
    assert at.page.evaluate("document.activeElement.closest('.item').id") == "item-c0950"


@pytest.mark.parametrize("layout", ["rows", "strip"])
def test_other_layouts_go_through_all_too(at: ScriptPage, folder: Folder, layout: str) -> None:
    at.context.add_init_script(f"localStorage.setItem('darkroom.view', '{{\"layout\": \"{layout}\"}}')")
    folder.open()
    at.page.add_style_tag(
        content="[data-layout=rows] #grid { grid-template-columns: 1fr; }"
        "[data-layout=strip] #grid { display: flex; overflow-x: auto; }"
        "[data-layout=strip] #grid > * { flex: none; } [data-layout=strip] .item { width: 240px; }"
    )
    scroll = (
        "by => (darkroom.axis().isStrip ? document.getElementById('grid') : window).scrollBy("
        "darkroom.axis().isStrip ? {left: by} : {top: by})"
    )

    def turn(number: int, by: int) -> Any:
        for _ in range(500):
            if number in folder.in_view():
                return
            at.page.evaluate(scroll, by)
            at.page.wait_for_timeout(15)
            at.wait(folder.in_view)
        raise AssertionError(f"card {number} never came")

    turn(560, 550)
    assert len(folder.shown()) <= 300 + PAGE
    assert 1000 not in folder.shown()
    turn(1000, -550)
    assert at.page.locator("#grid > .reserve").count() == 0


def test_a_sorted_view_goes_both_ways_too_and_keeps_300_cards(at: ScriptPage, folder: Folder) -> None:
    folder.sort = "name"
    folder.open()
    folder.scroll_to(500, 500)
    assert len(folder.shown()) <= 300 + PAGE
    assert 1000 not in folder.shown()
    folder.scroll_to(560, -250)
    [number, *_] = [number for number in folder.in_view() if start_of(at, number) > 0]
    place = start_of(at, number)
    folder.numbers.remove(number - 2)
    folder.revision = 20
    at.gallery.send(f.reset(20), f.revision(20))
    at.wait(lambda: at.shown_revision() == 20)
    assert abs(start_of(at, number) - place) <= 1
    assert folder.shown() == [one for one in folder.numbers if one in folder.shown()]
    folder.scroll_to(1000, -500)
    at.wait(lambda: at.page.evaluate("darkroom.begins()") == "")
    assert folder.shown() == folder.numbers[: len(folder.shown())]
    assert at.page.locator("#grid > .reserve").count() == 0


def test_what_was_renamed_stands_in_its_new_place_when_the_view_is_fetched_again(
    at: ScriptPage, folder: Folder
) -> None:
    folder.sort = "name"
    folder.open()
    folder.numbers.insert(3, folder.numbers.pop(40))
    folder.revision = 20
    at.gallery.send(f.reset(20), f.revision(20))
    at.wait(lambda: at.shown_revision() == 20)
    assert folder.shown() == folder.numbers[: len(folder.shown())]


@pytest.mark.parametrize("sort", ["", "name"])
def test_back_and_a_reload_come_to_the_same_cards(at: ScriptPage, folder: Folder, sort: str) -> None:
    folder.sort = sort
    at.gallery.answers["/items/c0500/"] = "<title>Another page</title>"
    folder.open()
    folder.scroll_to(520, 550)
    at.page.wait_for_timeout(600)  # until the address is said
    [number, *_] = [number for number in folder.in_view() if start_of(at, number) > 48]
    place = start_of(at, number)
    for leave in ("reload", "back"):
        if leave == "reload":
            at.page.reload()
        else:
            at.page.goto(at.gallery.url + "/items/c0500/")
            at.page.go_back()
        at.connected()
        at.wait(lambda: number in folder.in_view())
        at.page.wait_for_timeout(500)
        assert abs(start_of(at, number) - place) <= 1, leave
    asked = at.page.evaluate("location.href")
    at.page.evaluate("scrollTo(0, 0)")
    at.wait(lambda: 1000 in folder.in_view(), "the beginning is as near as it was")
    at.wait(lambda: at.page.evaluate("location.search") == "")
    at.page.goto("about:blank")
    at.page.goto(asked)  # as somebody else opens it
    at.connected()
    assert number in folder.in_view()
