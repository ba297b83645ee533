"""What is new enters only where it disturbs nobody."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route

from tests.browser import fragments as f
from tests.browser.script_page import PATH, ScriptPage

MANY = [f.card(f"c{place:02}", place) for place in range(60, 0, -1)]


def test_arrivals_enter_at_the_top_while_it_is_in_view(at: ScriptPage) -> None:
    at.open(*MANY)
    at.frame(f.card("new", 99, 11), revision=11)
    assert at.ids()[0] == "new"
    assert at.page.is_hidden("#new-pill")


def test_arrivals_wait_behind_the_pill_while_one_reads_further_down(at: ScriptPage) -> None:
    at.open(*MANY)
    at.page.evaluate("scrollTo(0, 1500)")
    at.page.wait_for_function("scrollY === 1500")
    at.frame(f.card("x", 98, 11), f.placeholder(0, 99, 11), f.card("low", 1, 11, slot=5), revision=11)
    at.frame(f.card("x", 98, 12, created=11), f.card("y", 97, 12), revision=12)
    assert "x" not in at.ids()
    assert at.ids()[-2:] == ["c01", "low"] or "low" in at.ids(), "below what is read it just appears"
    assert at.page.inner_text("#new-pill") == "3 new"
    at.frame(f.delete("item-y", 13), revision=13)
    assert at.page.inner_text("#new-pill") == "2 new"
    assert at.page.evaluate("scrollY") == 1500


def test_the_pill_fetches_the_page_and_goes_to_the_top(at: ScriptPage) -> None:
    at.open(*MANY)
    at.page.evaluate("scrollTo(0, 1500)")
    at.frame(f.card("x", 99, 11), revision=11)
    at.gallery.answers[PATH] = at.gallery.page(f.grid(f.card("x", 99, 11), *MANY), revision=11)
    at.page.click("#new-pill")
    at.page.wait_for_selector("#item-x")
    at.wait(lambda: at.page.evaluate("scrollY") == 0)
    assert at.page.is_hidden("#new-pill")
    assert len(at.ids()) == 61


def test_what_waited_enters_when_one_comes_back_to_the_top(at: ScriptPage) -> None:
    at.open(*MANY)
    at.page.evaluate("scrollTo(0, 1500)")
    at.frame(f.card("x", 99, 11), revision=11)
    at.gallery.answers[PATH] = at.gallery.page(f.grid(f.card("x", 99, 11), *MANY), revision=11)
    at.page.evaluate("scrollTo(0, 0)")
    at.page.wait_for_selector("#item-x")
    assert at.page.is_hidden("#new-pill")


@pytest.mark.parametrize("disturb", ["type", "select", "menu"])
def test_nothing_enters_while_somebody_is_busy(at: ScriptPage, disturb: str) -> None:
    at.open(*MANY)
    if disturb == "type":
        at.page.focus("#q")
    elif disturb == "select":
        at.page.evaluate("getSelection().selectAllChildren(document.getElementById('below'))")
    else:
        at.page.click("summary")
    at.frame(f.card("x", 99, 11), f.card("c50", 50, 11, name="Still live"), revision=11)
    assert at.ids()[0] == "c60"
    assert at.page.inner_text("#item-c50 .item__name") == "Still live"
    assert at.page.inner_text("#new-pill") == "1 new"


def test_a_view_that_finds_some_counts_what_the_server_finds(at: ScriptPage) -> None:
    asked: list[str] = []
    answers = iter([1, 0])

    def count(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(json={"count": next(answers)})

    at.gallery.answers["/folders/F/arrivals/"] = count
    at.open(
        f.card("a", 5, name="Red sky"), grid={"arrivals": "pill", "filtered": True}, path=f"{PATH}?q=sky", query="sky"
    )
    at.frame(f.card("old", 2, 11, created=3), f.placeholder(0, 7, 10), revision=11)
    for number in range(12, 20):
        at.frame(f.card(f"x{number}", number, number, state="developing"), revision=number)
    at.wait(lambda: at.page.inner_text("#new-pill") == "1 new")
    assert at.ids() == ["a"]
    assert asked == [f"{at.gallery.url}/folders/F/arrivals/?q=sky&since=10"], "once for all of them"
    at.frame(f.delete("item-x13", 20), revision=20)
    at.wait(lambda: at.page.is_hidden("#new-pill"), "and again when one of them goes")


def test_in_another_order_the_pill_leads_to_the_newest(at: ScriptPage) -> None:
    at.open(f.card("a", 5), grid={"arrivals": "pill", "sort": "name", "cursors": "a"}, path=f"{PATH}?sort=name")
    at.frame(f.card("x", 9, 11), f.placeholder(0, 7, 11), revision=11)
    assert at.page.inner_text("#new-pill") == "1 new · newest first"
    at.gallery.answers[f"{PATH}?sort=newest"] = at.gallery.page(f.grid(f.card("x", 9, 11), f.card("a", 5)), revision=11)
    at.page.click("#new-pill")
    at.page.wait_for_selector("#item-x")


def test_a_deeper_page_never_inserts_and_its_pill_leads_to_the_newest(at: ScriptPage) -> None:
    at.open(f.card("a", 5), grid={"arrivals": "pill"}, path=f"{PATH}?cursor={f.order(6)}")
    at.frame(f.card("x", 9, 11), revision=11)
    assert at.ids() == ["a"]
    at.gallery.answers[PATH] = at.gallery.page(f.grid(f.card("x", 9, 11)), revision=11)
    at.page.click("#new-pill")
    at.page.wait_for_selector("#item-x")
    assert at.page.url.endswith(PATH)


def test_strips_that_arrive_above_do_not_push_what_is_read(at: ScriptPage) -> None:
    at.open(*MANY)
    at.page.evaluate("scrollTo(0, 1500)")
    before = at.page.eval_on_selector("#item-c30", "card => card.getBoundingClientRect().top")
    at.frame(*(f.batch(f"b{index}", 5 + index, 11) for index in range(3)), f.delete("item-c59", 11), revision=11)
    at.page.wait_for_timeout(300)
    assert abs(at.page.eval_on_selector("#item-c30", "card => card.getBoundingClientRect().top") - before) <= 200
    assert at.page.locator(".batch").count() == 3
    top = at.page.evaluate("scrollY")
    at.frame(f.batch("b9", 99, 12), revision=12)
    at.page.wait_for_timeout(300)
    assert abs(at.page.evaluate("scrollY") - top - 40) <= 1
