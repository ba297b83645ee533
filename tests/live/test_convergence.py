"""Whatever is said, whatever is lost on the way: in the end every page shows what a fresh one shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from gallery.live.fragments import render
from gallery.live.placeholders import free_placeholders
from gallery.models import Batch, Item, Tombstone
from tests.clock import moved_clock
from tests.live.elements import roots
from tests.live.happenings import SECRET, Play, happenings, undone
from tests.live.stage import Viewer, fetch_page, small_world

pytestmark = pytest.mark.django_db


def tight(html: str) -> str:
    """Without the white space between tags: an element swapped into its card leaves the one around it as it was."""
    return re.sub(r">\s+<", "><", html)


def check_page(viewer: Viewer) -> None:
    """What is on the page is as a fresh rendering has it, and what a fresh page has is on it."""
    page, folder = viewer.page, viewer.stage.folder
    assert page is not None
    items = {
        f"item-{item.id}": item for item in Item.objects.living().filter(folder=folder).select_related("lease", "batch")
    }
    fresh = {key: tight(roots(render("item", item=item))[0].html) for key, item in items.items()}
    for placeholder in free_placeholders(Batch.objects.filter(folder=folder)):
        fresh[placeholder.dom_id] = tight(roots(render("placeholder", placeholder=placeholder))[0].html)
    shown = {element.id: tight(element.html) for element in page.regions["grid"]}
    assert len(shown) == len(page.regions["grid"]), "an id is on the page twice"
    assert shown.keys() <= fresh.keys(), "something is on the page that has gone"
    assert shown == {key: fresh[key] for key in shown}
    viewer.check_order()
    if not viewer.query:
        first = fetch_page(folder)
        assert {element.id for element in first.grid} <= shown.keys(), "something is missing"
        assert [element.html for element in page.regions["batches"]] == [element.html for element in first.batches]
        assert page.messages.html == first.messages.html
    assert page.revision <= viewer.sent_revision
    assert SECRET not in "".join(shown.values())


SETTINGS = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def check_stories(how: settings, tamper: Callable[[Play], Any] = lambda story: None) -> None:
    """Many stories, and how each must end."""

    @how
    @given(happenings)
    def play(said: list[Any]) -> None:
        with undone(), small_world() as on_commit, moved_clock() as clock:
            story = Play(on_commit, clock)
            tamper(story)
            for what in said:
                story.act(*what)
            story.end()
            for viewer in story.stage.viewers:
                if viewer.page is not None and not viewer.is_lost:
                    check_page(viewer)

    play()


def test_every_page_converges() -> None:
    check_stories(SETTINGS)


def finds_a_counterexample(tamper: Callable[[Play], Any]) -> bool:
    """Whether the property fails, as it must, for a gallery with a fault."""
    quickly = settings(SETTINGS, max_examples=300, phases=[Phase.generate])
    try:
        check_stories(quickly, tamper)
    except AssertionError:
        return True
    return False


def test_a_dropped_tombstone_is_found() -> None:
    with patch.object(Tombstone.objects, "bulk_create"):
        assert finds_a_counterexample(lambda story: None)


def test_a_swallowed_ring_is_found_where_nothing_polls() -> None:
    def swallow(story: Play) -> None:
        story.stage.swallows_rings, story.stage.polls = True, False

    assert finds_a_counterexample(swallow)


def test_a_swallowed_ring_is_healed_by_the_poll() -> None:
    def swallow(story: Play) -> None:
        story.stage.swallows_rings = True

    check_stories(settings(SETTINGS, max_examples=10), swallow)
