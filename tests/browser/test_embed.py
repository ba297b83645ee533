"""The component on somebody's page: live, themed by it, and talking to its script."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.people import HttpWorker, Person
from tests.processes.conftest import Gallery

LISTEN = """
window.heard = [];
for (const name of ["preview", "action"]) document.addEventListener(`gallery:${name}`, (event) => {
  window.heard.push([name, event.detail]);
  event.preventDefault();
});
"""


@pytest.fixture(scope="module")
def site(new_gallery: Callable[..., Gallery]) -> Gallery:
    return new_gallery("sqlite", DJANGO_SETTINGS_MODULE="tests.host.settings")


@pytest.fixture
def erin(chromium: Browser, site: Gallery) -> Iterator[Person]:
    erin = Person(chromium, site.server("daphne"), "erin")
    yield erin
    erin.context.close()
    assert erin.errors == []


def _open(person: Person, folder_id: str) -> None:
    person.page.goto(f"{person.server.http}/today/{folder_id}/")
    person.wait_until_live()


def test_it_lives_there_and_leaves_the_page_as_it_is(site: Gallery, erin: Person) -> None:
    room = site.new_room()
    worker = HttpWorker(site.server("daphne"), room)
    _open(erin, room.folder_id)
    worker.start("hosted", 2)
    erin.see("#gallery #batch-hosted", "0 of 2")
    worker.arrive("hosted", "one", 0)
    erin.see("#gallery #item-one.item--developing")
    worker.client.close()
    page = erin.page
    assert page.title() == "Sunsets Ltd.", "its own title stays"
    style = "(what, name) => getComputedStyle(document.querySelector(what)).getPropertyValue(name)"
    assert page.evaluate(f"({style})('body > h1', 'font-size')") == "32px", "and so does its own heading"
    assert page.evaluate(f"({style})('body', 'margin-top')") == "8px"
    assert page.evaluate(f"({style})('#batch-hosted .bar', '--alive')") == "rebeccapurple"


def test_its_script_hears_of_what_is_done_and_may_do_it_otherwise(site: Gallery, erin: Person) -> None:
    room = site.new_room()
    site.call("make_items", room.folder_id, 3)
    _open(erin, room.folder_id)
    page = erin.page
    page.locator(".item__box").first.check(force=True)
    page.wait_for_function("document.getElementById('chosen').value === '1'")
    page.keyboard.press("Escape")
    page.wait_for_function("document.getElementById('chosen').value === '0'")
    page.evaluate(LISTEN)
    page.locator(".item__link").first.click()
    page.locator(".item").nth(1).hover()
    page.locator(".item").nth(1).locator("[formaction$='/remove/']").click()
    [preview, action] = page.evaluate("window.heard")
    assert preview[0] == "preview" and preview[1]["name"] == "Item 0"
    assert (action[0], action[1]["action"], action[1]["count"]) == ("action", "remove", 1)
    assert not page.locator("dialog[open]").count() and page.locator("#grid > .item").count() == 3


def test_who_may_not_see_the_folder_reads_a_sentence(site: Gallery, chromium: Browser) -> None:
    room = site.new_room()
    for name in ("charlie", ""):
        person = Person(chromium, site.server("daphne"), name)
        person.page.goto(f"{person.server.http}/today/{room.folder_id}/")
        person.see("h1", "What we made today")
        person.see(".gallery__refused", "There is no folder with this id, or you may not see it.")
        assert not person.page.locator("#grid").count() and person.errors == []
        person.context.close()
