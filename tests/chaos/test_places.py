"""The judge of what was tidied up is judged: what is misplaced, or shows up where it should not be, must be found."""

from __future__ import annotations

import pytest

from tests.chaos.audience import OpenPage
from tests.chaos.places import Place, Places, compare_places
from tests.live.elements import Element
from tests.live.page_model import Fetched, Page

HERE, THERE, TRASH = Place("here"), Place("there"), Place("here", is_trashed=True)


@pytest.fixture
def places() -> Places:
    places = Places()
    for item_id in ("sure", "doubted", "missed"):
        assert places.see(item_id, HERE) == []
    places.put("sure", TRASH)
    places.doubt("doubted", THERE)
    places.miss("missed")
    return places


@pytest.mark.parametrize("doubted", [HERE, THERE])
def test_what_is_where_it_was_put_is_right_and_what_is_in_doubt_may_be_at_either_place(
    places: Places, doubted: Place
) -> None:
    assert compare_places(places, {"sure": TRASH, "doubted": doubted}) == []
    assert places.certain(TRASH) == ["sure"] and places.certain(HERE) == []


@pytest.mark.parametrize(
    ("item_id", "place", "word"),
    [("sure", HERE, "MISPLACED"), ("doubted", TRASH, "MISPLACED"), ("missed", HERE, "refused as not there")],
)
def test_what_is_elsewhere_is_found(places: Places, item_id: str, place: Place, word: str) -> None:
    [wrong] = compare_places(places, {"sure": TRASH, "doubted": HERE} | {item_id: place})
    assert word in wrong and item_id in wrong


def test_a_list_that_shows_what_is_not_there_is_found(places: Places) -> None:
    assert places.see("doubted", THERE) == []
    for item_id in ("sure", "missed"):
        [wrong] = places.see(item_id, HERE)
        assert "GHOST" in wrong


def _card(revision: int, came: int) -> str:
    return f'<article id="item-a" data-order="5" data-revision="{revision}" data-created-revision="{came}"></article>'


@pytest.mark.parametrize(("came", "is_ghost"), [(1, True), (3, False)])
def test_a_card_that_had_left_may_be_shown_again_only_where_it_came_back(came: int, is_ghost: bool) -> None:
    viewer = OpenPage("v", {"http": "http://127.0.0.1", "cookies": {}, "seed": 1}, "f", is_fickle=False)
    first = Fetched(1, [Element(_card(1, 1))], [], Element('<div id="messages" data-revision="0"></div>'), None)
    viewer.page = Page(lambda cursor: first, 60)
    viewer._receive(
        '<div id="item-a" hx-swap-oob="delete" data-revision="2"></div><p id="revision" data-revision="2"></p>'
    )
    assert viewer.page.regions["grid"] == []
    viewer._check(lambda page: page.regions["grid"].append(Element(_card(3, came))))
    assert any("GHOST" in sentence for sentence in viewer.wrong) == is_ghost
