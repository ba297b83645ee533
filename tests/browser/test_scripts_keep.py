"""A swap takes nothing from the person."""

from __future__ import annotations

from tests.browser import fragments as f
from tests.browser.script_page import ScriptPage

FIFTY = range(11, 61)


def test_a_name_being_typed_lives_through_fifty_swaps(at: ScriptPage) -> None:
    at.open(f.card("a", 5), f.card("b", 4))
    at.page.hover("#item-a")
    at.page.click("#item-a [data-rename]")
    editor = at.page.locator("#item-a .item__editor")
    editor.fill("Dawn over the harbour")
    editor.evaluate("input => { input.setSelectionRange(5, 9, 'backward'); window.editor = input; }")
    for revision in FIFTY:
        state = "developing" if revision % 3 else "finished"
        at.gallery.send(
            f.card("a", 5, revision, created=1, name=f"Renamed {revision}", state=state), f.revision(revision)
        )
        if revision == 35:
            at.wait(lambda: at.shown_revision() == 35)
            at.page.keyboard.type("under")
            editor.evaluate("input => input.setSelectionRange(5, 10, 'backward')")
    at.wait(lambda: at.shown_revision() == 60)
    assert at.page.evaluate("document.activeElement === editor && editor.isConnected")
    assert editor.input_value() == "Dawn under the harbour"
    assert editor.evaluate("input => [input.selectionStart, input.selectionEnd]") == [5, 10]
    assert at.page.locator(".item__editor").count() == 1
    at.page.keyboard.press("Escape")
    assert at.page.inner_text("#item-a .item__name") == "Renamed 60"
    assert at.page.locator("#item-a [id^=kept]").count() == 0


def test_a_field_of_a_card_keeps_what_is_typed_in_it_where_the_new_card_has_none(at: ScriptPage) -> None:
    field = '<div class="tags"><input class="tag"></div>'
    at.open(f.card("a", 5, inside=field), f.card("b", 4, inside='<textarea class="note"></textarea>'))
    at.page.fill("#item-b .note", "left behind, half-ty")
    at.page.fill("#item-a .tag", "sun")
    at.page.press("#item-a .tag", "ArrowLeft")
    at.frame(
        f.card("a", 5, 11, created=1, inside='<div class="tags"></div>'), f.card("b", 4, 11, created=1), revision=11
    )
    at.page.keyboard.type("X")
    assert at.page.input_value("#item-a .tags > .tag") == "suXn"
    assert at.page.input_value("#item-b .note") == "left behind, half-ty"


def test_focus_on_a_button_stays_on_its_counterpart(at: ScriptPage) -> None:
    at.open(f.card("a", 5), f.card("b", 4))
    at.page.focus("#item-a button")
    for revision in FIFTY:
        at.gallery.send(f.card("a", 5, revision, created=1, name=f"Renamed {revision}"), f.revision(revision))
    at.wait(lambda: at.shown_revision() == 60)
    assert at.page.evaluate("document.activeElement.getAttribute('formaction')") == "/items/a/remove/"
    at.page.focus("#item-a .item__link")
    at.frame(f.card("a", 5, 61, created=1, name="Another label"), revision=61)
    assert at.page.evaluate("document.activeElement.getAttribute('aria-label')") == "Another label"


def test_focus_in_a_placeholder_or_a_removed_card_goes_to_what_is_next(at: ScriptPage) -> None:
    at.open(f.card("a", 5), f.card("b", 4))
    at.page.focus("#item-a button")
    at.frame(f.delete("item-a", 11), revision=11)
    assert at.page.evaluate("document.activeElement.closest('.item').id") == "item-b"


def test_a_press_is_not_interrupted_by_a_swap(at: ScriptPage) -> None:
    at.open(f.card("a", 5))
    at.gallery.answers["/items/a/remove/"] = lambda route: route.fulfill(status=204)
    at.page.hover("#item-a button")
    at.page.mouse.down()
    at.frame(f.card("a", 5, 11, created=1, name="Swapped"), revision=11)
    at.page.mouse.up()
    at.wait(lambda: ("POST", "/items/a/remove/", "") in at.gallery.requests)
    at.page.wait_for_selector("#item-a .item__name:has-text('Swapped')", state="attached")


def test_half_typed_text_outside_and_scroll_stay(at: ScriptPage) -> None:
    at.open(*(f.card(f"c{place:02}", place) for place in range(60, 0, -1)))
    at.page.fill("#q", "sunse")
    at.page.evaluate("scrollTo(0, 1200)")
    for revision in FIFTY:
        place = revision % 60 + 1
        at.gallery.send(f.card(f"c{place:02}", place, revision, created=1, name="New"), f.revision(revision))
    at.wait(lambda: at.shown_revision() == 60)
    assert at.page.evaluate("scrollY") == 1200
    assert at.page.evaluate("document.activeElement.id") == "q"
    assert at.page.input_value("#q") == "sunse"


def test_a_root_in_which_text_is_selected_waits_until_it_is_not(at: ScriptPage) -> None:
    at.open(f.card("a", 5, state="developing"), f.card("b", 4))
    at.page.evaluate("getSelection().selectAllChildren(document.querySelector('#item-a .item__name'))")
    at.frame(
        f.card("a", 5, 11, created=1, name="First", state="developing"), f.card("b", 4, 11, name="Swapped"), revision=11
    )
    at.frame(f.card("a", 5, 12, created=1, name="Second", state="developing"), revision=12)
    at.frame(f.progress("a", 13, 0.9, "Nearly"), f.lock("a", 13, "2", "Ben"), revision=13)
    assert at.page.evaluate("getSelection().toString()") == "Picture a"
    assert at.page.inner_text("#item-a .item__name") == "Picture a"
    assert at.page.inner_text("#item-b .item__name") == "Swapped"
    at.page.evaluate("getSelection().removeAllRanges()")
    at.page.wait_for_function("document.querySelector('#item-a .item__name').textContent === 'Second'")
    assert at.page.inner_text("#item-a-progress") == "Nearly"
    assert at.page.get_attribute("#lock-a", "data-holder") == "2"


def test_a_removed_root_waits_too_but_not_for_ever(at: ScriptPage) -> None:
    at.page.clock.install()
    at.open(f.card("a", 5), f.placeholder(0, 4), f.card("b", 3))
    at.page.evaluate("""() => {
        const [from, to] = ["item-a", "placeholder-b-0"].map((id) => document.getElementById(id));
        getSelection().setBaseAndExtent(from, 0, to, 1);
    }""")
    at.frame(f.delete("item-a", 11), f.card("x", 4, 11, placeholder="placeholder-b-0"), revision=11)
    assert at.ids() == ["a", "b-0", "b"]
    at.page.clock.run_for(20_000)
    assert at.ids() == ["a", "b-0", "b"]
    at.page.clock.run_for(11_000)
    assert at.ids() == ["x", "b"]


def test_a_playing_film_plays_on_and_an_open_part_stays_open(at: ScriptPage) -> None:
    film = '<video src="/film.webm" muted></video><details><summary>Facts</summary>Some</details>'
    at.gallery.answers["/film.webm"] = lambda route: route.fulfill(status=404, body="")
    at.open(f.card("a", 5, inside=film))
    at.page.click("#item-a summary")
    at.page.evaluate("""() => {
        window.film = document.querySelector('video');
        Object.defineProperty(film, 'paused', {value: false});
    }""")
    at.frame(f.card("a", 5, 11, created=1, name="Newer", inside=film), revision=11)
    assert at.page.evaluate("document.querySelector('#item-a video') === film")
    assert at.page.inner_text("#item-a .item__name") == "Newer"
    assert at.page.evaluate("document.querySelector('#item-a details').open")
    at.frame(f.card("a", 5, 12, created=1, inside=film.replace("film.webm", "other.webm")), revision=12)
    assert not at.page.evaluate("document.querySelector('#item-a video') === film"), "another film is another film"
