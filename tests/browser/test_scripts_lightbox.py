"""The viewer: it opens and closes by its address, follows its card, and takes nothing from the page beneath."""

from __future__ import annotations

import base64
from typing import Any

from playwright.sync_api import Route

from tests.browser import fragments as f
from tests.browser.people import picture
from tests.browser.script_page import ScriptPage

IDS = ("e", "d", "c", "b", "a")
FILM = (
    '<video class="stage__picture" id="player-c-1" hx-preserve controls muted src="/media/c.webm" width="64"></video>'
)


def show(at: ScriptPage, **states: str) -> None:
    cards = [f.card(item, 5 - place, state=states.get(item, "finished")) for place, item in enumerate(IDS)]
    for item in IDS:
        at.gallery.answers[f"/items/{item}/"] = at.gallery.page(f.detail(item))
        at.gallery.answers[f"/media/{item}"] = send_picture
    at.open(grid={}, main=f.grid(*cards) + f.lightbox(), selection=f.selection())


def send_picture(route: Route) -> None:
    colour = {"a": "red", "b": "green", "c": "blue"}.get(route.request.url[-1], "orange")
    route.fulfill(body=picture(colour, (400, 300), "PNG"), content_type="image/png")


def open_at(at: ScriptPage, item: str) -> None:
    at.page.click(f"#item-{item} .item__link", position={"x": 100, "y": 100})
    at.page.wait_for_selector(f'.pane__picture[src="/media/{item}"]')


def path(at: ScriptPage) -> str:
    return at.page.evaluate("location.pathname")


def name(at: ScriptPage) -> str:
    return at.page.inner_text("#lightbox-name")


def is_open(at: ScriptPage) -> bool:
    return at.page.evaluate("document.getElementById('lightbox').open")


def closed(at: ScriptPage) -> None:
    """Wait until it is closed, and the page beneath has the focus and its title again."""
    at.page.wait_for_function(
        "!document.getElementById('lightbox').open && document.title === 'Sunsets · Darkroom'"
        " && (document.activeElement.matches('.item__link') || !document.querySelector('.item__link'))"
    )


def test_it_opens_steps_and_closes_by_its_address(at: ScriptPage) -> None:
    show(at)
    press = at.page.keyboard.press
    open_at(at, "d")
    assert (path(at), name(at), at.page.title()) == ("/items/d/", "Picture d", "Picture d · Sunsets · Darkroom")
    press("ArrowRight")
    at.page.wait_for_selector('.pane__picture[src="/media/c"]')
    assert (path(at), name(at)) == ("/items/c/", "Picture c")
    press("End")
    assert name(at) == "Picture a"
    assert at.page.locator("[data-view-step='1']").is_disabled()
    press("Home")
    assert name(at) == "Picture e"
    at.page.click("[data-view-step='1']")
    assert name(at) == "Picture d"
    press("Escape")
    closed(at)
    assert path(at) == "/folders/F/"
    assert at.page.evaluate("document.activeElement.getAttribute('href')") == "/items/d/"
    at.page.go_forward()
    at.wait(lambda: is_open(at) and name(at) == "Picture d")
    at.page.go_back()
    closed(at)
    press("Enter")
    at.wait(lambda: is_open(at), "Enter on the card that has the focus")
    at.page.click("[data-viewer=close]")
    closed(at)
    fetched = [one for _, one, _ in at.gallery.requests if one.startswith("/items/")]
    assert len(fetched) == len(set(fetched)), "each page is asked for once while its card stays the same"


def test_what_is_fetched_meanwhile_is_the_page_beneath(at: ScriptPage) -> None:
    show(at)
    open_at(at, "d")
    cards = [f.card(item, 5 - place, 20, created=1) for place, item in enumerate(IDS)]
    at.gallery.answers["/folders/F/"] = at.gallery.page(f.grid(f.card("new", 9, 20), *cards), revision=20)
    at.gallery.send(f.reset(20))
    at.wait(lambda: at.shown_revision() == 20)
    assert at.ids() == ["new", *IDS] and is_open(at)
    at.page.keyboard.press("Home")
    assert name(at) == "Picture new"


def test_it_follows_its_card(at: ScriptPage) -> None:
    show(at, c="developing")
    at.page.click("#item-c .item__link", position={"x": 100, "y": 160})
    at.page.wait_for_selector(".pane__sheet.item--developing")
    at.frame(f.progress("c", 11, 0.5, "12/20"), revision=11)
    assert at.page.inner_text(".pane__sheet") == "12/20"
    sheet = at.page.locator(".pane__sheet").element_handle()
    at.frame(f.progress("c", 12, 0.6, "13/20"), f.card("x", 9, 12), revision=12)
    assert at.page.inner_text(".pane__sheet") == "13/20"
    assert sheet and sheet.evaluate("sheet => sheet.isConnected"), "only what changed is changed"
    assert at.page.locator("#item-c-progress").count() == 1
    at.frame(f.card("c", 3, 13, created=1, name="Dusk"), revision=13)
    at.page.wait_for_selector('.pane__picture[src="/media/c"]')
    assert name(at) == "Dusk"
    assert at.page.locator(".pane__sheet").count() == 0
    at.frame(f.card("c", 3, 14, created=1, state="failed", name="Dusk"), revision=14)
    at.page.wait_for_selector(".pane__sheet.item--failed")


def test_what_vanishes_says_so_and_offers_the_next(at: ScriptPage) -> None:
    show(at)
    open_at(at, "c")
    at.frame(f.delete("item-c", 11), f.delete("item-b", 11), revision=11)
    at.page.wait_for_selector(".pane--gone")
    assert at.page.inner_text(".lightbox__sentence") == "“Picture c” is not here any more."
    assert at.page.get_attribute(".pane__picture", "src") == "/media/c", "what is looked at stays"
    at.page.wait_for_function("document.getElementById('announcer').textContent.includes('Picture c')")
    at.page.click(".lightbox__next")
    assert name(at) == "Picture a"
    assert not at.page.is_visible(".lightbox__gone")
    at.frame(*(f.delete(f"item-{item}", 12) for item in "ade"), revision=12)
    at.page.wait_for_selector(".pane--gone")
    assert not at.page.is_visible(".lightbox__next")
    at.page.keyboard.press("Escape")
    closed(at)


def test_zoom_and_pan(at: ScriptPage) -> None:
    show(at)
    open_at(at, "c")
    press = at.page.keyboard.press

    def place() -> list[float]:
        script = "['--scale', '--x', '--y'].map(name => parseFloat(frame.style.getPropertyValue(name) || '0'))"
        return at.page.eval_on_selector(".pane__frame", f"frame => {script}")

    press("+")
    assert place()[0] == 1.5
    press("ArrowLeft")
    assert name(at) == "Picture c" and place()[1] > 0, "while it is zoomed the arrows look around"
    press("0")
    assert place() == [1, 0, 0]
    frame: Any = at.page.locator(".pane__frame").bounding_box()
    at.page.mouse.move(frame["x"] + frame["width"] / 2 + 100, frame["y"] + frame["height"] / 2)
    at.page.mouse.wheel(0, -700)
    at.wait(lambda: place()[0] > 2)
    scale, x, _ = place()
    assert abs(x + 100 * (scale - 1)) < 2, "what is under the pointer stays under it"
    at.page.mouse.down()
    at.page.mouse.move(frame["x"] + 2000, frame["y"] + frame["height"] / 2, steps=3)
    at.page.mouse.up()
    shown = at.page.locator(".pane__picture").bounding_box() or {}
    assert abs(shown["x"] - frame["x"]) < 2, "and not further than to the picture's edge"
    at.page.mouse.dblclick(frame["x"] + 200, frame["y"] + 200)
    assert place()[0] == 1


def test_fingers_swipe_and_pinch(at: ScriptPage) -> None:
    show(at)
    open_at(at, "c")
    touch = at.context.new_cdp_session(at.page)

    def fingers(*points: tuple[int, int]) -> None:
        kind = "touchMove" if fingers_down and points else "touchStart" if points else "touchEnd"
        fingers_down[:] = points
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    fingers_down: list[tuple[int, int]] = []
    for step in range(6):
        fingers((600 - 40 * step, 300))
    fingers()
    at.page.wait_for_selector('.pane__picture[src="/media/b"]')
    touch.send(
        "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": 400, "y": 300}, {"x": 500, "y": 300}]}
    )
    fingers_down[:] = [(400, 300), (500, 300)]
    fingers((350, 300), (550, 300))
    fingers()
    at.wait(lambda: at.page.locator(".pane__frame--zoomed").count() == 1)
    assert name(at) == "Picture b"
    at.page.keyboard.press("0")
    for step in range(6):
        fingers((450, 200 + 40 * step))
    fingers()
    at.wait(lambda: not is_open(at), "drawn down, it closes")


def test_a_film_plays_on_while_its_card_changes(at: ScriptPage) -> None:
    show(at)
    silence = base64.b64decode("AAAA")
    at.gallery.answers["/media/c.webm"] = lambda route: route.fulfill(body=silence, content_type="video/webm")
    at.gallery.answers["/items/c/"] = at.gallery.page(f.detail("c", stage=FILM))
    at.page.click("#item-c .item__link", position={"x": 100, "y": 100})
    at.page.wait_for_selector("video.pane__media")
    at.page.evaluate("""() => {
        window.film = document.querySelector('video.pane__media');
        window.asked = [];
        film.play = () => { asked.push('play'); return Promise.resolve(); };
        film.pause = () => asked.push('pause');
    }""")
    at.page.keyboard.press("Space")
    assert at.page.evaluate("asked") == ["play"]
    for revision in range(11, 16):
        at.frame(f.card("c", 3, revision, created=1, name=f"Film {revision}"), revision=revision)
    assert name(at) == "Film 15"
    assert at.page.evaluate("film.isConnected && asked.length === 1")
    at.page.keyboard.press("ArrowRight")
    assert at.page.evaluate("asked") == ["play", "pause"]


def test_facts_selecting_and_two_beside_each_other(at: ScriptPage) -> None:
    show(at)
    open_at(at, "c")
    at.page.keyboard.press("i")
    at.page.wait_for_selector(".lightbox__facts dd:has-text('c')")
    at.page.keyboard.press("ArrowRight")
    at.page.wait_for_selector(".lightbox__facts dd:text-is('b')")
    at.page.wait_for_selector(".lightbox__download[href$='/media/b']:not([hidden])", state="attached")
    at.page.keyboard.press("x")
    assert at.page.get_attribute("[data-viewer=select]", "aria-pressed") == "true"
    at.page.keyboard.press("ArrowLeft")
    assert at.page.get_attribute("[data-viewer=select]", "aria-pressed") == "false"
    at.page.keyboard.press("Escape")
    closed(at)
    at.page.click("#item-d .item__check")
    at.page.evaluate("darkroom.actions.compare(darkroom.selection.items)")
    at.page.wait_for_function("document.querySelectorAll('.pane__picture:not(.pane__picture--coarse)').length === 2")
    at.page.keyboard.press("+")
    scales = "all => all.map(frame => frame.style.getPropertyValue('--scale'))"
    assert at.page.eval_on_selector_all(".pane__frame", scales) == ["1.5000", "1.5000"]
    at.frame(f.delete("item-d", 11), revision=11)
    assert at.page.locator(".pane--gone").count() == 1
    at.page.go_back()
    closed(at)


def test_the_words_and_keys_of_the_selection_act_on_what_is_shown(at: ScriptPage) -> None:
    show(at)
    asked = '<form data-questions data-of-selection><input name="target" value="G"><button>Move</button></form>'
    at.gallery.answers["/star/"] = at.gallery.answers["/delete/"] = lambda route: route.fulfill(status=204)
    at.gallery.answers["/ask/"] = asked
    at.page.evaluate(
        """() => { for (const [action, path] of [["star", "/star/"], ["delete", "/delete/"], ["move", "/ask/"]]) {
          document.querySelector(".selection__actions").insertAdjacentHTML("beforeend",
            `<button form="actions" formaction="${path}" data-needs="editor" data-action="${action}"></button>`);
        } }"""
    )
    open_at(at, "d")
    at.page.keyboard.press("s")
    at.wait(lambda: ("POST", "/star/", "items=d") in at.gallery.requests)
    at.frame(f.card("d", 4, 11).replace("<article ", "<article data-starred ", 1), revision=11)
    assert at.page.get_attribute("[data-viewer=star]", "aria-pressed") == "true"
    at.page.evaluate("document.querySelector('[data-action=star]').setAttribute('formaction', '/x/star/')")
    at.gallery.answers["/x/unstar/"] = lambda route: route.fulfill(status=204)
    at.page.click("[data-viewer=star]")
    at.wait(lambda: ("POST", "/x/unstar/", "items=d") in at.gallery.requests)
    at.page.keyboard.press("Delete")
    at.wait(lambda: ("POST", "/delete/", "items=d") in at.gallery.requests)
    at.wait(lambda: name(at) == "Picture c", "the next one is looked at")
    at.page.click("[data-viewer=move]")
    at.page.wait_for_selector("#questions button")
    assert ("POST", "/ask/", "items=c") in at.gallery.requests
    at.page.keyboard.press("Escape")
    at.page.wait_for_selector("#questions", state="detached")
    assert is_open(at), "only the question is closed"
    assert at.page.locator("#notices, #toasts").count() == 2, "what speaks in it is not gone with it"
    at.page.evaluate("document.body.dataset.role = 'viewer'")
    at.page.keyboard.press("ArrowRight")
    at.page.keyboard.press("s")
    assert at.page.locator("[data-viewer=delete]").is_disabled()
    assert [path for _, path, body in at.gallery.requests if "items=b" in body] == []
