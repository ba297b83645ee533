"""A generator from its button to its pictures, by keyboard, by pointer and without script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator

from tests.browser.people import Person
from tests.processes.conftest import Gallery

GENERATORS = "tests.generators.Squares,tests.generators.Twin,tests.generators.Broken"


@pytest.fixture(scope="module")
def site(new_gallery: Callable[..., Gallery]) -> Iterator[Gallery]:
    gallery = new_gallery("sqlite", GENERATORS=GENERATORS)
    gallery.server("daphne")
    gallery.task_worker.start()
    yield gallery
    gallery.task_worker.kill()


@pytest.fixture
def erin(chromium: Browser, site: Gallery) -> Iterator[Callable[..., Person]]:
    people: list[Person] = []

    def come(**options: Any) -> Person:
        people.append(Person(chromium, site.server("daphne"), "erin", **options))
        return people[-1]

    yield come
    errors = [error for each in people for error in each.errors]
    for each in people:
        each.context.close()
    assert errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_the_menu_to_the_pictures(site: Gallery, erin: Callable[..., Person], scheme: Any) -> None:
    room, person = site.new_room(), erin(color_scheme=scheme, bypass_csp=True)
    person.open(room.folder_id)
    page = person.page
    page.locator("summary", has_text="Generate").click()
    page.locator("a[data-generator]", has_text="Squares").click()
    person.see("#questions[open] h2", "Squares")
    found = Axe().run(page).response["violations"]
    assert not found, [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]
    page.fill("#id_option-number", "12")
    page.press("#id_option-number", "Enter")
    person.see("#questions .questions__error", "less than or equal to 9")
    assert page.evaluate("document.activeElement.id") == "id_option-number"
    page.fill("#id_option-number", "2")
    page.press("#id_option-number", "Enter")
    person.miss("#questions")
    person.see(".batch", "Squares in #d96")
    for number in (1, 2):
        person.see(".item--finished", f"Square {number}")
    person.see(".batch--complete")
    assert person.never_reloaded


def test_from_a_selection(site: Gallery, erin: Callable[..., Person]) -> None:
    room, person = site.new_room(), erin()
    site.call("make_items", room.folder_id, 2)
    person.open(room.folder_id)
    page = person.page
    page.locator(".item__box").first.check(force=True)
    button = page.locator("#selection [data-action=generate-twin]")
    page.locator(".item__box").nth(1).check(force=True)
    assert button.get_attribute("aria-disabled") == "true"
    assert button.get_attribute("title") == "Select exactly one item for this"
    page.locator(".item__box").nth(1).uncheck(force=True)
    press(button)
    person.see("#questions .questions__about", "Item 0")
    page.keyboard.press("Escape")
    person.miss("#questions")
    press(button)
    page.locator("#questions .button--primary").click()
    person.see(".item", "Twin of Item 0")
    assert page.locator("#selection").is_hidden(), "what was selected has done its duty"


def press(button: Locator) -> None:
    """What finds no room in the bar stands in its menu."""
    if not button.is_visible():
        button.page.locator("#selection .selection__more > summary").click()
    button.click()


def test_without_script(site: Gallery, erin: Callable[..., Person]) -> None:
    room, person = site.new_room(), erin(java_script_enabled=False)
    site.call("make_items", room.folder_id, 2)
    page = person.page
    page.goto(f"{site.server('daphne').http}/folders/{room.folder_id}/")
    page.locator(".item__box").first.check(force=True)
    page.locator("#selection [data-action=generate-twin]").click()
    person.see("h2", "Twin")
    page.locator("button[name=run]").click()
    person.see(".batch", "Twin")
    assert page.url.partition("#")[2].startswith("batch-")
