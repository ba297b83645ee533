"""The page of the trash while others throw away, put back and delete: it follows, and takes nothing from the person."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.people import HttpWorker, Person
from tests.processes.conftest import Room


@pytest.fixture
def thrown(worker: HttpWorker, room: Room) -> list[str]:
    """Five finished pictures, of which three lie in the trash."""
    batch = f"thrown-{room.token_key}"
    worker.start(batch, 5)
    ids = [f"{batch}-{index}" for index in range(5)]
    for index, item in enumerate(ids):
        worker.arrive(batch, item, index, isPending=False)
        worker.put_media(item, "#884422")
    for item in ids[:3]:
        _throw_away(worker, item)
    return ids


def _throw_away(worker: HttpWorker, item: str) -> None:
    worker.client.delete(f"/api/items/{item}").raise_for_status()


@pytest.mark.parametrize("of", ["folder", "all"])
def test_the_page_follows_what_others_do(
    person: Callable[..., Person], room: Room, worker: HttpWorker, thrown: list[str], of: str
) -> None:
    path = f"/folders/{room.folder_id}/trash/" if of == "folder" else "/trash/"
    alice, erin = person("alice"), person("erin")
    erin.page.goto(f"{erin.server.http}{path}")
    erin.wait_until_live()
    erin.page.evaluate("window.sameDocument = true")
    row = "#trashed-{}".format
    erin.page.check(f"{row(thrown[0])} [name=item]")
    erin.page.click("#trash-emptying summary")
    erin.page.locator("#q").press_sequentially("half a wo")

    alice.open(room.folder_id)
    alice.page.hover(f"#item-{thrown[3]}")
    alice.page.click(f"#item-{thrown[3]} .item__check")
    alice.page.keyboard.press("Delete")
    erin.see(row(thrown[3]))
    order = erin.page.eval_on_selector_all("#trash > li", "all => all.map((one) => one.id)")
    assert order[:2] == [f"trashed-{thrown[3]}", f"trashed-{thrown[2]}"], "what came last stands first"
    alice.page.click(".toast button")
    erin.miss(row(thrown[3]))

    assert erin.page.is_checked(f"{row(thrown[0])} [name=item]")
    assert not erin.page.is_checked(f"{row(thrown[1])} [name=item]")
    assert erin.page.input_value("#q") == "half a wo"
    assert erin.page.evaluate("document.activeElement.id") == "q"
    assert erin.page.locator("#trash-emptying details[open]").count() == 1, "a question stays open"
    if of == "folder":
        erin.see("#trash-facts", "3 items")
        erin.see("#trash-number", "3 items and their files")

    # Somebody else's trash empties itself under the page, and fills again.
    alice.page.goto(f"{alice.server.http}/folders/{room.folder_id}/trash/")
    alice.wait_until_live()
    alice.page.click("#trash-emptying summary")
    alice.page.click("#trash-emptying .button--danger")
    for item in thrown[:3]:
        erin.miss(row(item))
    if of == "folder":
        erin.see("#trash-none", "Nothing is in the trash.")
        assert not erin.page.is_visible("#thrown") and not erin.page.is_visible("#trash-emptying")
    _throw_away(worker, thrown[4])
    erin.see(row(thrown[4]))
    alice.see(row(thrown[4]))
    assert erin.page.is_visible("#thrown") and not erin.page.is_visible("#trash-none")
    assert erin.never_reloaded

    # What one does oneself says so, though the page that is being left hears of it, too.
    erin.page.click(f"{row(thrown[4])} .trash__verbs button >> nth=0")
    erin.see("#notice", "1 item taken out of the trash.")
    alice.miss(row(thrown[4]))


def test_what_is_looked_for_is_all_that_comes(
    person: Callable[..., Person], room: Room, worker: HttpWorker, thrown: list[str]
) -> None:
    erin = person("erin")
    erin.page.goto(f"{erin.server.http}/folders/{room.folder_id}/trash/?q={thrown[4]}")
    erin.wait_until_live()
    erin.see("#trash-none", "Nothing of that name")
    _throw_away(worker, thrown[3])
    _throw_away(worker, thrown[4])
    erin.see(f"#trashed-{thrown[4]}")
    assert erin.page.locator("#trash > li").count() == 1


@pytest.mark.parametrize("aim", ["hover", "focus"])
def test_no_other_row_comes_under_a_button_that_is_aimed_at(
    person: Callable[..., Person], room: Room, worker: HttpWorker, thrown: list[str], aim: str
) -> None:
    alice, again = person("alice"), person("alice")
    for each in (alice, again):
        each.page.goto(f"{each.server.http}/folders/{room.folder_id}/trash/")
        each.wait_until_live()
    button = alice.page.locator(f"#trashed-{thrown[0]} .trash__verbs button").last
    button.hover() if aim == "hover" else button.focus()
    _throw_away(worker, thrown[3])
    again.see(f"#trashed-{thrown[3]}")
    alice.page.wait_for_timeout(1500)
    assert not alice.page.locator(f"#trashed-{thrown[3]}").count()
    alice.page.mouse.move(2, 2)
    alice.page.evaluate("document.activeElement.blur()")
    alice.see(f"#trashed-{thrown[3]}")
