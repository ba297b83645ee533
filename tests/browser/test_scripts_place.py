"""Where each root of a frame goes."""

from __future__ import annotations

from tests.browser import fragments as f
from tests.browser.script_page import ScriptPage


def test_a_card_that_is_there_is_replaced_and_an_older_one_dropped(at: ScriptPage) -> None:
    at.open(f.card("a", 5, 8), f.card("b", 4, 8))
    at.frame(f.card("a", 5, 12, created=8, name="Newer"), f.card("b", 4, 7, name="Older"), revision=12)
    assert at.ids() == ["a", "b"]
    assert at.page.inner_text("#item-a .item__name") == "Newer"
    assert at.page.inner_text("#item-b .item__name") == "Picture b"
    assert at.shown_revision() == 12


def test_the_same_frame_twice_changes_nothing(at: ScriptPage) -> None:
    at.open(f.card("a", 5))
    for _ in range(3):
        at.frame(f.card("new", 9, 11), f.card("a", 5, 11, created=1), revision=11)
    assert at.ids() == ["new", "a"]


def test_the_last_of_one_id_in_a_frame_wins(at: ScriptPage) -> None:
    at.open(f.card("a", 5))
    at.frame(f.card("new", 9, 11, name="First"), f.card("new", 9, 12, created=11, name="Last"), revision=12)
    assert at.ids() == ["new", "a"]
    assert at.page.inner_text("#item-new .item__name") == "Last"


def test_a_card_takes_its_placeholders_place(at: ScriptPage) -> None:
    at.open(f.placeholder(0, 9), f.placeholder(1, 9), f.card("a", 5))
    at.frame(f.card("x", 9, 11, placeholder="placeholder-b-1", slot=1, state="developing"), revision=11)
    assert at.ids() == ["b-0", "x", "a"]


def test_a_placeholder_goes_to_its_card_even_where_its_deletion_is_in_the_same_frame(at: ScriptPage) -> None:
    at.open(f.placeholder(0, 9), f.card("a", 5))
    at.frame(f.delete("placeholder-b-0", 11), f.card("x", 9, 11, placeholder="placeholder-b-0"), revision=11)
    assert at.ids() == ["x", "a"]


def test_arrivals_stand_by_their_order_though_they_stand_beside_each_other(at: ScriptPage) -> None:
    at.open(f.card("d", 7), f.card("h", 3))
    arrivals = [f.card(name, 10 - index, 11) for index, name in enumerate("abcdefghij") if name not in "dh"]
    at.frame(*arrivals[::2], *arrivals[1::2], revision=11)
    assert "".join(at.ids()) == "abcdefghij"


def test_an_arrival_before_a_placeholder_whose_card_comes_in_the_same_frame(at: ScriptPage) -> None:
    at.open(f.placeholder(0, 9), f.card("a", 5))
    at.frame(
        f.card("new", 12, 11), f.card("x", 9, 11, placeholder="placeholder-b-0"), f.delete("item-a", 11), revision=11
    )
    assert at.ids() == ["new", "x"]


def test_deletions_come_first_and_an_older_one_is_dropped(at: ScriptPage) -> None:
    at.open(f.card("a", 5), f.card("b", 4, 9), f.card("c", 3))
    at.frame(
        f.card("n", 4, 11),
        f.delete("item-c", 11),
        f.delete("item-b", 7),
        f.delete("item-a", 11),
        f.delete("item-z", 11),
        revision=11,
    )
    assert at.ids() == ["b", "n"] or at.ids() == ["n", "b"]


def test_what_left_and_came_back_in_one_frame_stays(at: ScriptPage) -> None:
    at.open(f.card("a", 5), f.card("b", 4))
    at.frame(f.delete("item-a", 11), f.card("a", 5, 12, created=12), revision=12)
    assert at.ids() == ["a", "b"]


def test_a_card_whose_place_changed_moves(at: ScriptPage) -> None:
    at.open(f.card("a", 5), f.card("b", 4), f.card("c", 3))
    at.frame(f.card("c", 9, 11, created=11), f.card("b", 4, 11, created=1), revision=11)
    assert at.ids() == ["c", "a", "b"]


def test_what_is_unknown_and_old_or_has_no_place_is_dropped_in_silence(at: ScriptPage) -> None:
    at.open(f.card("a", 5), f.card("b", 4), grid={"cursor": f.order(4) + "b"})
    at.frame(
        f.card("old", 9, 11, created=3),
        f.card("deeper", 2, 11),
        f.placeholder(3, 1, 11),
        f.progress("nobody", 11),
        f.lock("nobody", 11),
        f.delete("placeholder-x-1", 11),
        '<div id="heartbeat" data-at="1" hidden></div><div id="unheard-of"></div><p>no id</p>',
        f.card("new", 9, 11),
        revision=11,
    )
    assert at.ids() == ["new", "a", "b"]


def test_a_placeholder_whose_card_is_there_does_not_come_back(at: ScriptPage) -> None:
    at.open(f.card("x", 9, 9, placeholder="placeholder-b-0"), f.card("a", 5))
    at.frame(f.placeholder(0, 9, 11), f.placeholder(1, 9, 11), revision=11)
    assert at.ids() == ["x", "b-1", "a"]


def test_progress_and_lock_raise_what_their_card_shows(at: ScriptPage) -> None:
    at.open(f.card("a", 5, 8, state="developing"))
    at.frame(f.progress("a", 12, 0.5, "12/20"), f.lock("a", 13, "2", "Ben"), revision=13)
    assert at.page.inner_text("#item-a-progress") == "12/20"
    assert at.page.get_attribute("#item-a", "data-revision") == "13"
    at.frame(
        f.card("a", 5, 11, created=8, state="developing", name="Stale"), f.progress("a", 10, 0.2, "stale"), revision=13
    )
    assert at.page.inner_text("#item-a-progress") == "12/20"
    assert at.page.inner_text("#item-a .item__name") == "Picture a"


def test_a_finished_card_and_its_progress_in_one_frame(at: ScriptPage) -> None:
    at.open(f.card("a", 5, 8, state="developing"))
    at.frame(f.progress("a", 11), f.card("a", 5, 12, created=8), f.lock("a", 11), revision=12)
    assert at.page.locator("#item-a-progress").count() == 0


def test_the_revision_only_grows(at: ScriptPage) -> None:
    at.open(f.card("a", 5))
    at.frame(revision=15)
    at.frame(revision=12)
    assert at.shown_revision() == 15


def test_strips_are_inserted_by_order_and_replaced(at: ScriptPage) -> None:
    at.open(f.card("a", 5), batches=f.batch("old", 3))
    at.frame(f.batch("newest", 9, 11), f.batch("middle", 5, 11), f.batch("old", 3, 11, count="8 of 8"), revision=11)
    assert at.ids("batches") == ["batch-newest", "batch-middle", "batch-old"]
    assert "8 of 8" in at.page.inner_text("#batch-old")
    at.frame(f.delete("batch-newest", 12), f.batch("gone", 1, 4), revision=12)
    assert at.ids("batches") == ["batch-middle", "batch-old"]


def test_messages_leave_out_what_was_dismissed(at: ScriptPage) -> None:
    at.open(dismissed="m2")
    at.frame(f.messages(5, "m1", "m2", "m3"), revision=11)
    assert at.page.locator("#messages > *").all_inner_texts() == ["m1", "m3"]
    at.frame(f.messages(4, "m9"), revision=11)
    assert at.page.locator("#messages > *").count() == 2


def test_the_folders_of_the_home_page(at: ScriptPage) -> None:
    folders = f'<section id="folders" data-arrivals="insert">{f.folder("a", 5, 7)}{f.folder("b", 3, 7)}</section>'
    at.open(path="/", main=folders, revision=None)
    at.frame(f.delete("folder-b", 7), f.folder("new", 9, 1), f.folder("a", 5, 8), f.messages(2, "hello"))
    assert at.ids("folders") == ["folder-new", "folder-a"]
    assert at.page.inner_text("#folder-a") == "a 8"
    assert at.gallery.afters == [None]
    at.wait(lambda: {"type": "seen", "revision": 0} in at.gallery.said)


def test_a_notice_is_shown_even_where_its_element_was_swapped_away(at: ScriptPage) -> None:
    at.open()
    at.page.evaluate("document.getElementById('notice').remove()")
    for sentence in ("First.", "Second."):
        at.frame(f.notice("locked", sentence), revision=10)
        assert at.page.inner_text("#notices") == sentence


def test_nothing_is_done_where_nothing_is_there(at: ScriptPage) -> None:
    at.open(main="<p>no grid</p>")
    at.frame(f.card("a", 5, 11), f.batch("x", 5, 11), f.reset(11), revision=11)
    at.page.wait_for_timeout(500)
    assert at.ids("batches") == ["batch-x"]
