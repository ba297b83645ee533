"""Somebody is let into a folder and out of it again: their pages follow, and nobody reloads."""

from __future__ import annotations

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe

from tests.browser.people import Person
from tests.processes.conftest import Room


def test_a_folder_appears_for_whoever_is_let_in_and_closes_when_they_are_let_out(
    person: Callable[..., Person], room: Room
) -> None:
    charlie, alice = person("charlie"), person("alice", color_scheme="dark", bypass_csp=True)
    charlie.page.goto(f"{charlie.server.http}/")
    charlie.page.evaluate("window.sameDocument = true")
    card = f"#folder-{room.folder_id}"
    assert charlie.page.locator(card).count() == 0
    alice.page.goto(f"{alice.server.http}/folders/{room.folder_id}/people/")
    alice.page.fill("input[name=username]:not([type=hidden])", "charlie")
    alice.page.keyboard.press("Enter")
    alice.see(".members__name", "charlie")
    charlie.page.wait_for_selector(card)
    assert charlie.never_reloaded
    assert Axe().run(alice.page).violations_count == 0

    charlie.open(room.folder_id)
    alice.page.get_by_role("button", name="Remove charlie").click()
    charlie.page.get_by_text("You may no longer see this folder.").wait_for()
    charlie.page.goto(f"{charlie.server.http}/")
    assert charlie.page.locator(card).count() == 0
