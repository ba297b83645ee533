"""What the page says: times, announcements, the tab's title."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.browser import fragments as f
from tests.browser.script_page import ScriptPage

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def time(manner: str, moment: datetime) -> str:
    return f'<time id="t" datetime="{moment.isoformat()}" data-time="{manner}">then</time>'


@pytest.mark.parametrize(
    ("manner", "seconds", "words"),
    [
        ("ago", -3, "just now"),
        ("ago", -45, "40 s ago"),
        ("ago", -250, "4 min ago"),
        ("ago", -7300, "2 h ago"),
        ("left", 118, "about 2 min left"),
        ("left", 33, "about 40 s left"),
        ("left", 3600, "about 1 h left"),
        ("left", 5400, "about 1 h 30 min left"),
        ("left", -5, "any moment now"),
    ],
)
def test_times_in_words(at: ScriptPage, manner: str, seconds: int, words: str) -> None:
    at.page.clock.install(time=NOW)
    at.open(main=time(manner, NOW + timedelta(seconds=seconds)))
    assert at.page.inner_text("#t") == words
    assert "2026" in (at.page.get_attribute("#t", "title") or "")


def test_times_go_on(at: ScriptPage) -> None:
    at.page.clock.install(time=NOW)
    at.open(main=time("ago", NOW - timedelta(seconds=90)))
    assert at.page.inner_text("#t") == "1 min ago"
    at.page.clock.run_for(35_000)
    assert at.page.inner_text("#t") == "2 min ago"


def test_changes_are_announced_at_most_every_five_seconds(at: ScriptPage) -> None:
    at.page.clock.install(time=NOW)
    at.gallery.greeting = f.revision(10)  # or the page would take the leap for a server that says nothing
    at.open(*(f.card(name, 5, state="developing") for name in "abcd"), f.placeholder(0, 3))
    at.page.clock.pause_at(NOW + timedelta(seconds=20))
    count = '0 of 1,500<span class="batch__more">20 more to come</span>'
    at.frame(f.batch("Sunsets", 9, 11, count=count), revision=11)
    at.page.clock.run_for(10)
    assert at.page.inner_text("#announcer") == "1,500 pictures are coming: Sunsets."
    at.frame(f.card("a", 5, 12, created=1), revision=12)
    at.frame(f.card("b", 5, 13, created=1), f.card("c", 5, 13, created=1, state="failed"), revision=13)
    at.page.clock.run_for(4_000)
    assert at.page.inner_text("#announcer") == "1,500 pictures are coming: Sunsets."
    at.page.clock.run_for(1_000)
    assert at.page.inner_text("#announcer") == "2 pictures finished, 1 failed."
    at.frame(f.card("x", 3, 14, placeholder="placeholder-b-0", name="Sunset 3"), revision=14)
    at.page.clock.run_for(5_000)
    assert at.page.inner_text("#announcer") == "Sunset 3 is finished."


def test_the_title_counts_what_is_at_work(at: ScriptPage) -> None:
    at.open(f.card("a", 5))
    icon = "link[rel=icon]"
    assert at.page.title() == "Sunsets · Darkroom"
    at.frame(
        f.batch("b", 9, 11),
        f.card("x", 9, 11, state="developing", placeholder="placeholder-b-0"),
        f.card("y", 8, 11, state="developing"),
        revision=11,
    )
    assert at.page.title() == "(2) Sunsets · Darkroom"
    assert at.page.get_attribute(icon, "href") == "/static/favicon-alive.svg"
    at.frame(f.batch("b", 9, 12, status="complete"), f.card("x", 9, 12), f.card("y", 8, 12), revision=12)
    assert at.page.title() == "Sunsets · Darkroom"
    assert at.page.get_attribute(icon, "href") == "/static/favicon.svg"
