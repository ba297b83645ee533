"""Selecting with each input, and what happens to a selection while the folder changes under it."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Route

from tests.browser import fragments as f
from tests.browser.script_page import ScriptPage

COUNT = "/folders/F/selection/"


def show(at: ScriptPage, count: int = 8, **grid: Any) -> None:
    """Cards c8 … c1, four to a row, and the selection's bar."""
    cards = [f.card(f"c{place}", place) for place in range(count, 0, -1)]
    at.open(*cards, grid=grid, selection=f.selection(COUNT))


def selected(at: ScriptPage) -> list[str]:
    """By their check marks, in the order of the page."""
    return at.page.eval_on_selector_all(".item__box:checked", "all => all.map(one => one.value)")


def number(at: ScriptPage) -> int:
    shown = at.page.inner_text(".selection__number")
    return int(shown.replace(",", "") or 0)


def click(at: ScriptPage, item: str, *modifiers: Any) -> None:
    at.page.click(f"#item-{item} .item__link", modifiers=list(modifiers), position={"x": 100, "y": 100})


def fields(at: ScriptPage) -> list[list[str]]:
    return at.page.evaluate("darkroom.selection.fields().map(([name, value]) => [name, String(value)])")


def test_check_marks_control_and_shift(at: ScriptPage) -> None:
    show(at)
    assert not at.page.is_visible("#selection")
    at.page.click("#item-c7 .item__check")
    assert selected(at) == ["c7"]
    assert at.page.is_visible("#selection")
    click(at, "c3", "Control")
    assert selected(at) == ["c7", "c3"]
    click(at, "c1", "Shift")
    assert selected(at) == ["c7", "c3", "c2", "c1"]
    click(at, "c5", "Shift")
    assert selected(at) == ["c7", "c5", "c4", "c3"], "the range is drawn from where it began"
    at.page.click("#item-c8 .item__box", modifiers=["Shift"])
    assert selected(at) == ["c8", "c7", "c6", "c5", "c4", "c3"]
    click(at, "c7")
    assert selected(at) == ["c8", "c6", "c5", "c4", "c3"], "while something is selected, a plain click selects"
    assert number(at) == 5
    at.page.click("[data-selection=clear]")
    assert selected(at) == [] and not at.page.is_visible("#selection")
    assert at.page.url.endswith("/folders/F/"), "nothing was opened"


def test_the_rubber_band(at: ScriptPage) -> None:
    show(at)
    grid = at.page.locator("#grid").bounding_box() or {}
    low = grid["y"] + grid["height"]
    mouse = at.page.mouse
    mouse.move(10, low + 30)
    mouse.down()
    mouse.move(300, low - 20, steps=4)
    at.wait(lambda: selected(at) == ["c4", "c3"])
    mouse.move(300, low - 250, steps=4)
    at.wait(lambda: selected(at) == ["c8", "c7", "c4", "c3"])
    at.frame(f.card("c4", 4, 11, created=1, name="Swapped under the band"), revision=11)
    assert selected(at) == ["c8", "c7", "c4", "c3"]
    mouse.move(200, low - 20, steps=4)
    at.wait(lambda: selected(at) == ["c4"])
    mouse.up()
    assert at.page.locator(".rubber-band").count() == 0

    at.page.keyboard.down("Control")
    mouse.move(880, low + 30)
    mouse.down()
    mouse.move(860, low - 20, steps=4)
    at.wait(lambda: selected(at) == ["c4", "c1"])
    at.page.keyboard.up("Control")
    at.page.keyboard.press("Escape")
    mouse.up()
    assert selected(at) == ["c4"], "Escape takes the band back"
    mouse.click(400, low + 30)
    assert selected(at) == [], "a click on nothing selects nothing"


def test_a_finger_that_stays(at: ScriptPage, chromium: Any) -> None:
    at.page.clock.install()
    show(at)
    touch = at.context.new_cdp_session(at.page)
    box = at.page.locator("#item-c7").bounding_box() or {}
    finger = {"x": box["x"] + 100, "y": box["y"] + 100}

    def press(milliseconds: int) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [finger]})
        at.page.clock.run_for(milliseconds)
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    press(600)
    at.wait(lambda: selected(at) == ["c7"])
    finger["x"] -= 200
    press(50)
    at.wait(lambda: selected(at) == ["c8", "c7"], "then a touch is enough")
    finger["x"] += 200
    press(50)
    at.wait(lambda: selected(at) == ["c8"])


def test_the_keyboard_alone(at: ScriptPage) -> None:
    show(at, 10)
    at.page.focus("#q")
    press = at.page.keyboard.press
    press("Tab")  # the menu
    press("Tab")
    assert focused(at) == "c10"
    press("ArrowRight")
    press("ArrowDown")
    assert focused(at) == "c5", "what is seen below"
    press("Space")
    press("Shift+ArrowRight")
    press("Shift+ArrowRight")
    assert selected(at) == ["c5", "c4", "c3"]
    press("Shift+ArrowLeft")
    assert selected(at) == ["c5", "c4"] and focused(at) == "c4"
    press("ArrowDown")
    assert focused(at) == "c1", "the last row is shorter"
    press("Home")
    press("Shift+Space")
    assert selected(at) == ["c10", "c9", "c8", "c7", "c6", "c5"]
    press("Escape")
    assert selected(at) == [] and focused(at) == "c10"
    press("Control+a")
    assert len(selected(at)) == 10
    assert at.page.get_attribute("#item-c3 .item__link", "aria-describedby") == "selected-word"
    press("Escape")
    press("End")
    press("F2")
    at.page.wait_for_selector("#item-c1 .item__editor")
    press("Control+a")
    press("Escape")
    assert selected(at) == [], "what is typed is not meant for the grid"
    at.page.wait_for_function("document.getElementById('announcer').textContent.includes('10 selected')")
    at.page.focus("#q")
    press("Tab")
    press("Tab")
    assert focused(at) == "c1", "Tab comes back to where one was"
    at.frame(f.delete("item-c1", 11), f.card("c9", 9, 11, created=1), revision=11)
    assert focused(at) == "c2"
    stops = at.page.eval_on_selector_all("#grid .item__link", "all => all.filter(one => one.tabIndex >= 0).length")
    assert stops == 1


def focused(at: ScriptPage) -> str:
    return at.page.evaluate("document.activeElement.closest('.item')?.id.replace('item-', '') ?? ''")


def test_a_selection_lives_through_whatever_happens(at: ScriptPage) -> None:
    show(at)
    for item in ("c7", "c4", "c2"):
        at.page.click(f"#item-{item} .item__check")
    for revision in range(11, 31):
        at.gallery.send(
            f.card("c7", 7, revision, created=1, state="developing" if revision % 2 else "failed"),
            f.card(f"n{revision}", revision),
            f.revision(revision),
        )
    at.wait(lambda: at.shown_revision() == 30)
    assert selected(at) == ["c7", "c4", "c2"]

    at.frame(f.delete("item-c4", 31), f.card("c2", 40, 31, created=1, name="Moved up"), revision=31)
    assert selected(at) == ["c2", "c7"]
    assert at.page.inner_text(".selection__note") == "“Picture c4” is not here any more."
    at.page.wait_for_function("document.getElementById('announcer').textContent.includes('Picture c4')")
    assert number(at) == 2

    # A reset whose answer shows another part of the folder: what is not shown is still selected.
    cards = [f.card(f"x{place}", place, 50) for place in range(99, 95, -1)]
    at.gallery.answers["/folders/F/"] = at.gallery.page(f.grid(*cards), revision=50, selection=f.selection(COUNT))
    at.gallery.send(f.reset(50))
    at.wait(lambda: at.ids() == ["x99", "x98", "x97", "x96"])
    assert selected(at) == [] and number(at) == 2
    assert fields(at) == [["items", "c7 c2"]]
    at.frame(f.delete("item-c2", 51), revision=51)
    assert number(at) == 1, "also what is not shown leaves"


def test_all_that_the_view_finds(at: ScriptPage) -> None:
    asked = []

    def count(route: Route) -> None:
        asked.append(route.request.url.partition("?")[2])
        route.fulfill(body=json.dumps({"count": 1234 - 100 * len(asked)}), content_type="application/json")

    at.gallery.answers[COUNT] = count
    cards = [f.card(f"c{place}", place) for place in range(8, 0, -1)]
    at.open(*cards, path="/folders/F/?q=dusk", grid={"cursor": f.order(0)}, selection=f.selection(COUNT))
    at.page.click("#item-c8 .item__check")
    at.page.click("[data-selection=all]")
    at.wait(lambda: number(at) == 1134)
    assert asked == ["q=dusk&all=10"]
    at.frame(f.card("new", 9, 11), revision=11)
    assert "new" in at.ids() and len(selected(at)) == 8, "what comes later was not meant"
    click(at, "c5")
    assert number(at) == 1133
    click(at, "new")
    assert fields(at) == [["items", "new"], ["view", "q=dusk&all=10&except=c5"]]
    assert number(at) == 1134
    click(at, "c5")
    assert fields(at) == [["items", "new"], ["view", "q=dusk&all=10"]]
    at.frame(f.delete("item-c1", 12), revision=12)
    at.wait(lambda: number(at) == 1035, "the server is asked again")


def test_what_cannot_be_done_says_why_and_what_finds_no_room_goes_into_the_menu(at: ScriptPage) -> None:
    at.open(f.card("a", 5, state="failed"), f.card("b", 4), selection=f.selection(COUNT))
    at.page.click("#item-a .item__check")
    assert at.page.get_attribute("[data-action=rename]", "aria-disabled") is None
    at.page.click("#item-b .item__check")
    assert at.page.get_attribute("[data-action=rename]", "aria-disabled") == "true"
    at.page.click("[data-action=rename]", force=True)
    assert at.page.inner_text("#notice .notice__text") == "Select one to rename it."
    at.page.keyboard.press("Escape")
    assert selected(at) == ["a", "b"], "Escape first closes the notice"
    assert not at.page.is_visible(".selection__more")
    at.page.set_viewport_size({"width": 200, "height": 600})
    at.page.click(".selection__more summary")
    assert at.page.locator(".selection__more [data-action=retry]").is_visible()
    at.page.set_viewport_size({"width": 900, "height": 600})
    at.page.wait_for_selector(".selection__actions [data-action=retry]")
    assert not at.page.is_visible(".selection__more")
