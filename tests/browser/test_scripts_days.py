"""Headings over the cards of each day, in the reader's own zone, through all swaps; and how the cards are laid out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser

from tests.browser import fragments as f
from tests.browser.script_page import PATH, ScriptPage

NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)


def card(name: str, moment: datetime, revision: int = 1) -> str:
    place = int(moment.timestamp() * 1_000_000)
    return f.card(name, place, revision)


def heading(day: str, words: str) -> str:
    return f'<h2 class="day" data-day="{day}"><time datetime="{day}">{words}</time></h2>'


def shown(at: ScriptPage) -> list[str]:
    """Headings' words and cards' ids, in order."""
    return at.page.eval_on_selector_all(
        "#grid > *", "all => all.map(one => one.id.replace('item-', '') || one.textContent)"
    )


@pytest.fixture
def abroad(chromium: Browser) -> Iterator[ScriptPage]:
    """A reader in Auckland, 13 hours before UTC, at noon of the 14th in UTC."""
    page = ScriptPage(chromium, locale="en-GB", timezone_id="Pacific/Auckland")
    page.page.clock.install(time=NOON + timedelta(days=2))
    yield page
    errors = page.errors
    page.end()
    assert errors == []


def test_days_are_the_readers_own(abroad: ScriptPage) -> None:
    cards = [card("today", NOON + timedelta(days=1)), card("late", NOON), card("early", NOON - timedelta(hours=11))]
    days = [heading("2026-11-13", "13 November 2026"), heading("2026-11-12", "12 November 2026")]
    abroad.open(days[0], cards[0], days[1], *cards[1:], grid={"days": True})
    # In Auckland it is the 15th; noon of the 13th in UTC is the 14th there, and 1 o'clock of the 12th is 14 o'clock.
    assert shown(abroad) == ["Yesterday", "today", "13 November 2026", "late", "12 November 2026", "early"]


def test_headings_follow_what_comes_and_goes(abroad: ScriptPage) -> None:
    abroad.open(card("b", NOON), card("a", NOON - timedelta(days=3)), grid={"days": True})
    assert shown(abroad) == ["13 November 2026", "b", "10 November 2026", "a"]
    abroad.frame(card("c", NOON + timedelta(minutes=2868), 11), card("m", NOON - timedelta(days=1), 11), revision=11)
    assert shown(abroad) == ["Today", "c", "13 November 2026", "b", "12 November 2026", "m", "10 November 2026", "a"]
    abroad.frame(f.delete("item-b", 12), card("d", NOON + timedelta(minutes=2835), 12), revision=12)
    assert shown(abroad) == ["Today", "c", "d", "12 November 2026", "m", "10 November 2026", "a"]
    abroad.page.clock.fast_forward("24:00:00")
    abroad.wait(lambda: shown(abroad)[0] == "Yesterday")


def test_a_view_that_is_not_sorted_by_time_has_none(at: ScriptPage) -> None:
    at.open(card("b", NOON), card("a", NOON - timedelta(days=3)))
    assert shown(at) == ["b", "a"]


VIEW = (
    '<input type="radio" name="layout" value="grid" data-view="layout">'
    '<input type="radio" name="layout" value="rows" data-view="layout">'
    '<input type="range" min="-4" max="4" data-view="zoom"><button data-zoom="1">+</button>'
    '<input type="checkbox" value="whole" data-view="fit">'
)


def test_the_view_is_shown_at_once_and_remembered(at: ScriptPage) -> None:
    at.open(main=VIEW + f.grid(f.card("a", 5)))
    assert at.page.is_checked("[data-view=layout][value=grid]")
    at.page.check("[data-view=layout][value=rows]")
    at.page.check("[data-view=fit]")
    at.page.focus("[data-view=zoom]")
    at.page.keyboard.press("ArrowRight")
    at.page.click("[data-zoom]")
    root = "document.documentElement"
    expected = ["rows", "whole", "1.488"]
    state = f"[{root}.dataset.layout, {root}.dataset.fit, {root}.style.getPropertyValue('--zoom')]"
    assert at.page.evaluate(state) == expected
    at.page.goto(at.gallery.url + PATH)
    at.connected()
    assert at.page.evaluate(state) == expected
    assert at.page.is_checked("[data-view=layout][value=rows]")
    assert at.page.input_value("[data-view=zoom]") == "2"


@pytest.mark.parametrize("kept", ["nonsense", "null", '{"layout": "<b>", "zoom": 99, "fit": 7}', "[]"])
def test_nonsense_that_is_kept_is_the_plain_view(at: ScriptPage, kept: str) -> None:
    at.context.add_init_script(f"localStorage.setItem('darkroom.view', {kept!r})")
    at.open(main=VIEW + f.grid(f.card("a", 5)))
    assert at.page.evaluate("[darkroom.view.layout, darkroom.view.fit, darkroom.view.zoom]") == ["grid", "crop", 0]
