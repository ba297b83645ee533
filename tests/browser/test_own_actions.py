"""Strips for one person alone: they come, go on and end on an open page, whoever has asked for them."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.people import HttpWorker, Person
from tests.processes.conftest import Gallery, Room

STRIP = "#own-actions .batch"
MANY = 250  # more than go within one request


def test_a_folder_that_a_program_deletes_is_followed_by_its_owner(
    person: Callable[..., Person], room: Room, worker: HttpWorker, lone: Gallery
) -> None:
    lone.call("make_items", room.folder_id, MANY)
    alice, erin = person("alice"), person("erin")
    for each in (alice, erin):
        each.wait_until_live()
        each.see(f"#folder-{room.folder_id}")
    alice.page.evaluate("window.sameDocument = true")
    worker.client.delete(f"/api/folders/{room.folder_id}").raise_for_status()
    alice.see(STRIP, f"0 of {MANY}")
    erin.miss(f"#folder-{room.folder_id}")
    lone.task_worker.start()
    try:
        alice.see(STRIP, "Complete")
    finally:
        lone.task_worker.kill()
    asked: list[str] = []
    alice.page.on("request", lambda request: asked.append(request.url))
    alice.page.wait_for_timeout(2500)
    assert not any("/actions/" in url for url in asked), "nothing is at work, so nobody asks"
    assert alice.never_reloaded and not erin.page.locator(STRIP).count()


def test_a_copy_is_cancelled_from_the_keyboard_though_its_strip_is_anew_each_second(
    person: Callable[..., Person], room: Room, lone: Gallery
) -> None:
    lone.call("make_items", room.folder_id, MANY)
    target = lone.new_room().folder_id
    bob, erin = person("bob"), person("erin")
    erin.open(room.folder_id)
    erin.page.focus("#grid .item__link >> nth=0")
    erin.page.keyboard.press("Control+a")
    erin.see("#selection", f"{MANY}")
    erin.page.keyboard.press("c")
    erin.page.check(f"dialog[open] [name=target][value='{target}']")
    erin.page.click("dialog[open] .button--primary")
    erin.see(STRIP, "Waiting for its turn")
    erin.page.focus(f"{STRIP} button")
    first = erin.page.locator(STRIP).element_handle()
    erin.page.wait_for_function("strip => !strip.isConnected", arg=first)
    assert erin.page.evaluate("document.activeElement.closest('#own-actions') !== null"), "the focus stays"
    erin.page.keyboard.press("Enter")
    erin.see(STRIP, "Cancelled")
    assert erin.never_reloaded
    bob.open(room.folder_id)
    assert not bob.page.locator(STRIP).count(), "it is nobody else's"
