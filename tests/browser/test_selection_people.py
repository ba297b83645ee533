"""Two people in one folder: what one does to what the other has selected or looks at; and somebody without script."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.people import HttpWorker, Person
from tests.processes.conftest import Gallery, Room
from tests.servers import Server


def tick(person: Person, *items: str) -> None:
    for item in items:
        person.page.hover(f"#item-{item}")
        person.page.click(f"#item-{item} .item__check")


@pytest.fixture
def hung(worker: HttpWorker, room: Room) -> list[str]:
    """Four finished pictures; a batch's items stand in the order of their slots."""
    batch = f"hung-{room.token_key}"
    worker.start(batch, 4)
    ids = [f"{batch}-{index}" for index in range(4)]
    for index, item in enumerate(ids):
        worker.arrive(batch, item, index, isPending=False)
        worker.put_media(item, "#884422")
    return ids


def both(person: Callable[..., Person], room: Room, hung: list[str]) -> tuple[Person, Person]:
    people = person("alice"), person("erin")
    for each in people:
        each.open(room.folder_id)
        each.see(f"#item-{hung[-1]}.item--finished")
    return people


def test_one_deletes_what_the_other_has_selected(person: Callable[..., Person], room: Room, hung: list[str]) -> None:
    alice, erin = both(person, room, hung)
    tick(alice, *hung[:3])
    tick(erin, hung[1])
    erin.page.keyboard.press("Delete")
    erin.miss(f"#item-{hung[1]}")
    alice.miss(f"#item-{hung[1]}")
    alice.see(".selection__number", "2")
    alice.see(".selection__note", "is not here any more")
    alice.page.click("[data-action=delete]")
    for each in (alice, erin):
        each.miss(f"#item-{hung[0]}")
        each.miss(f"#item-{hung[2]}")
    alice.see(".toast", "2 items put into the trash.")
    alice.page.wait_for_selector("#selection", state="hidden")
    alice.page.keyboard.press("Control+z")
    for each in (alice, erin):
        each.see(f"#item-{hung[0]}")
        each.see(f"#item-{hung[2]}")
        assert not each.page.locator(f"#item-{hung[1]}").count()
        assert each.never_reloaded
    erin.page.click(".toast button")
    alice.see(f"#item-{hung[1]}")


def test_a_question_about_what_somebody_else_deletes_goes_and_says_why(
    person: Callable[..., Person], room: Room, hung: list[str]
) -> None:
    alice, erin = both(person, room, hung)
    tick(erin, hung[0])
    erin.page.keyboard.press("t")
    erin.see("dialog[open]", "A tag for all of them")
    tick(alice, hung[0])
    alice.page.keyboard.press("Delete")
    erin.miss("dialog.dialog[open]")
    erin.see("#notice", "Nothing of what was selected is here any more.")


def test_what_somebody_edits_is_refused_by_name_and_stays_selected(
    person: Callable[..., Person], room: Room, hung: list[str]
) -> None:
    alice, erin = both(person, room, hung)
    tick(erin, hung[0], hung[1])
    alice.page.hover(f"#item-{hung[0]}")
    alice.page.click(f"#item-{hung[0]} [data-rename]")
    erin.see(f"#lock-{hung[0]}", "Alice")
    erin.page.click("[data-action=delete]")
    erin.see("#notice", "Alice Adams is editing this item")
    erin.miss(f"#item-{hung[1]}")
    erin.see(".selection__number", "1")
    assert erin.page.is_checked(f"#item-{hung[0]} .item__box")


def test_moving_copying_starring_and_tagging(
    person: Callable[..., Person], room: Room, hung: list[str], lone: Gallery
) -> None:
    prints = lone.new_room().folder_id
    alice, erin = both(person, room, hung)
    tick(erin, hung[0])
    erin.page.keyboard.press("s")
    for each in (alice, erin):
        each.page.wait_for_selector(f"#item-{hung[0]}[data-starred] .item__star", state="attached")
    erin.page.keyboard.press("s")
    alice.page.wait_for_selector(f"#item-{hung[0]}:not([data-starred])", state="attached")

    tick(erin, hung[1])
    erin.page.keyboard.press("t")
    erin.see("dialog[open]", "2 items")
    erin.page.keyboard.type("Harbour")
    erin.page.keyboard.press("Enter")
    erin.miss("dialog.dialog[open]")
    erin.page.wait_for_selector("#selection", state="hidden")
    tick(erin, hung[0], hung[1])
    erin.page.click("[data-action=tag]")
    erin.see("dialog[open] button.tag", "harbour")
    erin.page.keyboard.type("dusk")
    erin.page.keyboard.press("Enter")
    erin.miss("dialog.dialog[open]")
    tick(erin, hung[0], hung[1])
    erin.page.click("[data-action=tag]")
    erin.page.click("dialog[open] button.tag >> text=harbour")
    erin.miss("dialog.dialog[open]")
    tick(erin, hung[0], hung[1])
    erin.page.click("[data-action=tag]")
    erin.see("dialog[open] button.tag", "dusk")
    assert erin.page.locator("dialog[open] button.tag").count() == 1
    erin.page.keyboard.press("Escape")

    # While she is asked where to, somebody else deletes one of them.
    erin.page.click("[data-action=move]")
    erin.see("dialog[open]", "2 items")
    tick(alice, hung[0])
    alice.page.keyboard.press("Delete")
    erin.see("dialog[open]", "1 item")
    erin.page.check(f"dialog[open] [name=target][value='{prints}']")
    erin.page.click("dialog[open] .button--primary")
    for each in (alice, erin):
        each.miss(f"#item-{hung[1]}")
    erin.miss("dialog.dialog[open]")
    erin.see(".toast", "1 item moved.")
    erin.page.keyboard.press("Control+z")
    for each in (alice, erin):
        each.see(f"#item-{hung[1]}")

    tick(erin, hung[2])
    erin.page.keyboard.press("c")
    erin.page.check(f"dialog[open] [name=target][value='{prints}']")
    erin.page.keyboard.press("Enter")
    erin.miss("dialog.dialog[open]")
    erin.see(f"#item-{hung[2]}")
    tick(erin, hung[2], hung[3])
    with erin.page.expect_download() as download:
        erin.page.keyboard.press("d")
    assert download.value.suggested_filename.endswith(".zip")
    assert erin.never_reloaded
    erin.page.goto(f"{erin.server.http}/folders/{prints}/")
    assert erin.page.locator("#grid .item").count() == 1


def test_all_in_view_is_downloaded_after_a_word_about_how_much_it_is(
    person: Callable[..., Person], room: Room, hung: list[str], lone: Gallery
) -> None:
    lone.call("make_items", room.folder_id, 80)  # newer than those with files, which are on no page yet
    erin = person("erin")
    erin.open(room.folder_id)
    erin.page.focus("#grid .item__link")
    assert erin.page.locator(f"#item-{hung[0]}").count() == 0
    erin.page.keyboard.press("Control+a")
    erin.see("#selection", "84")
    erin.page.keyboard.press("d")
    erin.see("dialog[open]", "4 files go into a ZIP archive")
    with erin.page.expect_download() as download:
        erin.page.click("dialog[open] .button--primary")
    assert download.value.suggested_filename.endswith(".zip")
    with zipfile.ZipFile(download.value.path()) as archive:
        assert sum(name.startswith("Sunset") for name in archive.namelist()) == 4
    erin.miss("dialog.dialog[open]")
    assert erin.never_reloaded


def test_what_is_looked_at_is_finished_and_removed_under_it(
    person: Callable[..., Person], room: Room, hung: list[str], worker: HttpWorker
) -> None:
    alice, erin = both(person, room, hung)
    worker.say("item:update", itemId=hung[1], status="processing", progress=30, message="once more")
    alice.see(f"#item-{hung[1]}-progress", "once more")
    alice.page.click(f"#item-{hung[1]} .item__link")
    alice.see(".pane__sheet", "once more")
    worker.put_media(hung[1], "#2266aa")
    worker.say("item:update", itemId=hung[1], status="complete")
    alice.see(".pane__picture[src*='/media']")
    assert alice.page.url.endswith(f"/items/{hung[1]}/")
    tick(erin, hung[1])
    erin.page.keyboard.press("Delete")
    alice.see(".lightbox__sentence", "is not here any more")
    alice.page.click(".lightbox__next")
    alice.page.wait_for_url(f"**/items/{hung[2]}/")
    alice.page.keyboard.press("Delete")
    alice.see(".toast", "1 item put into the trash.")
    erin.miss(f"#item-{hung[2]}")
    alice.page.wait_for_url(f"**/items/{hung[3]}/")
    alice.page.reload()
    alice.see("#detail")
    alice.page.go_back()
    alice.see(f"#item-{hung[0]}")
    assert alice.page.url.endswith(f"/folders/{room.folder_id}/")


def test_who_may_only_look_is_offered_only_that(person: Callable[..., Person], room: Room, hung: list[str]) -> None:
    bob = person("bob")
    bob.open(room.folder_id)
    tick(bob, hung[0], hung[1])
    bob.see("[data-action=compare]")
    assert not bob.page.is_visible("[data-action=delete]")
    bob.page.keyboard.press("?")
    bob.see("#help", "view two beside each other")
    assert not bob.page.locator("#help", has_text="trash").count()
    bob.page.keyboard.press("Escape")
    bob.page.wait_for_selector("#help", state="hidden")
    assert bob.page.is_visible("#selection"), "Escape closes what is on top, and no more"


def test_without_script(person: Callable[..., Person], room: Room, hung: list[str], server: Server) -> None:
    alice: Any = person("alice", java_script_enabled=False)
    alice.page.goto(f"{server.http}/folders/{room.folder_id}/")
    assert not alice.page.is_visible("#selection")
    alice.page.locator(f"#item-{hung[0]} .item__box").check()
    alice.page.locator(f"#item-{hung[3]} .item__box").check()
    alice.see("#selection")
    alice.page.click("[data-selection=clear]")
    assert not alice.page.is_checked(f"#item-{hung[0]} .item__box")
    alice.page.locator(f"#item-{hung[0]} .item__box").check()
    alice.page.locator(f"#item-{hung[3]} .item__box").check()
    alice.page.click("[data-action=delete]")
    alice.miss(f"#item-{hung[0]}")
    assert alice.page.locator("#grid .item").count() == 2
    alice.page.locator(f"#item-{hung[1]} .item__box").check()
    alice.page.click("[data-action=tag]")
    alice.page.fill("[name=tag]", "dusk")
    alice.page.click("text=Add the tag")
    alice.see(f"#item-{hung[1]}")
