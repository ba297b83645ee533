"""Renaming in place, locks, actions, messages: what a person does, and what others do meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Route

from tests.browser import fragments as f
from tests.browser.script_page import ScriptPage

RENAME = "/items/a/rename/"


def said(at: ScriptPage, *kinds: str) -> list[dict[str, Any]]:
    return [one for one in at.gallery.said if one["type"] in kinds]


def edit(at: ScriptPage, text: str) -> None:
    at.page.click("#item-a [data-rename]")
    at.page.fill("#item-a .item__editor", text)


def refuse(route: Route, status: int, code: str, sentence: str) -> None:
    route.fulfill(status=status, body=f.notice(code, sentence), content_type="text/html")


def test_a_name_is_edited_in_its_place(at: ScriptPage) -> None:
    at.open(f.card("a", 5), f.card("b", 4))
    at.gallery.answers[RENAME] = lambda route: route.fulfill(status=204)
    before = at.page.locator("#item-a .item__name").bounding_box()
    edit(at, "Dawn")
    assert at.page.locator("#item-a .item__editor").bounding_box() == before
    at.wait(lambda: said(at, "lock") == [{"type": "lock", "itemId": "a"}])
    at.page.keyboard.press("Enter")
    at.page.wait_for_selector(".item__editor", state="detached")
    assert at.page.inner_text("#item-a .item__name") == "Dawn"
    assert ("POST", RENAME, "name=Dawn") in at.gallery.requests
    at.wait(lambda: said(at, "unlock") == [{"type": "unlock", "itemId": "a"}])
    assert at.page.evaluate("document.activeElement.dataset.rename") == "a"


def test_escape_leaves_and_leaving_saves(at: ScriptPage) -> None:
    at.open(f.card("a", 5), f.card("b", 4))
    at.gallery.answers[RENAME] = lambda route: route.fulfill(status=204)
    edit(at, "Thrown away")
    at.page.keyboard.press("Escape")
    assert at.page.inner_text("#item-a .item__name") == "Picture a"
    edit(at, "Kept")
    at.page.click("#below")
    at.page.wait_for_selector(".item__editor", state="detached")
    assert at.page.inner_text("#item-a .item__name") == "Kept"
    assert [body for method, _, body in at.gallery.requests if method == "POST"] == ["name=Kept"]


def test_the_lock_is_renewed_and_taken_again_after_a_reconnect(at: ScriptPage) -> None:
    at.gallery.greeting = f.revision(10)
    at.page.clock.install()
    at.open(f.card("a", 5))
    edit(at, "Half")
    at.page.clock.run_for(31_000)
    at.wait(lambda: len(said(at, "lock")) == 2)
    at.gallery.cut()
    at.page.wait_for_selector("#connection[data-state=connecting]", state="attached")
    at.page.clock.run_for(6_000)
    at.wait(lambda: len(said(at, "lock")) == 3)
    assert at.page.input_value(".item__editor") == "Half"


def test_a_refused_lock_closes_the_editor_and_keeps_what_was_typed(at: ScriptPage) -> None:
    at.open(f.card("a", 5))
    edit(at, "My own name")
    at.frame(f.notice("locked", "Ben is editing this."), revision=10)
    assert at.page.locator(".item__editor").count() == 0
    assert at.page.inner_text("#notice .notice__text") == "Ben is editing this. You had typed: “My own name”"


def test_a_refused_save_says_why(at: ScriptPage) -> None:
    at.open(f.card("a", 5))
    at.gallery.answers[RENAME] = lambda route: refuse(route, 422, "invalid", "A name has at most 200 characters.")
    edit(at, "Too long")
    at.page.keyboard.press("Enter")
    at.page.wait_for_selector("#notice:has-text('at most 200')")
    assert at.page.input_value(".item__editor") == "Too long"
    at.gallery.answers[RENAME] = lambda route: route.abort()
    at.page.keyboard.press("Enter")
    at.page.wait_for_selector("#notice:has-text('could not be reached')")
    at.gallery.answers[RENAME] = lambda route: refuse(route, 423, "locked", "Ben is editing this.")
    at.page.keyboard.press("Enter")
    at.page.wait_for_selector("#notice:has-text('You had typed: “Too long”')")
    assert at.page.inner_text("#item-a .item__name") == "Picture a"


def test_a_card_removed_under_the_editor_gives_the_text_back(at: ScriptPage) -> None:
    at.open(f.card("a", 5), f.card("b", 4))
    edit(at, "My own name")
    at.frame(f.delete("item-a", 11), revision=11)
    assert at.page.inner_text("#notice .notice__text") == "“Picture a” was removed. You had typed: “My own name”"


def test_what_another_holds_is_off_until_the_lease_ends(at: ScriptPage) -> None:
    at.open(f.card("a", 5), f.card("b", 4))
    soon = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
    at.frame(f.lock("a", 11, "2", "Ben", soon), f.lock("b", 11, "1", "Ana", soon), revision=11)
    control = at.page.locator("#item-a [data-rename]")
    assert control.get_attribute("title") == "Ben is editing this"
    assert at.page.locator("#item-b [aria-disabled]").count() == 0, "one's own lock turns nothing off"
    control.click(force=True)
    at.page.wait_for_selector("#notice:has-text('Ben is editing this.')")
    assert at.page.url.endswith("/folders/F/") and at.page.locator(".item__editor").count() == 0
    at.frame(f.card("a", 5, 12, created=1).replace(f.lock("a", 12), f.lock("a", 12, "2", "Ben", soon)), revision=12)
    assert control.get_attribute("aria-disabled") == "true"
    at.page.wait_for_selector("#lock-a", state="hidden")
    assert control.get_attribute("aria-disabled") is None
    assert control.get_attribute("title") == "Rename"


def test_an_action_is_posted_once_without_leaving_the_page(at: ScriptPage) -> None:
    at.open(f.card("a", 5))
    held: list[Route] = []
    at.gallery.answers["/items/a/remove/"] = held.append
    button = at.page.locator("#item-a button")
    button.click()
    at.wait(lambda: held)
    at.frame(f.card("a", 5, 11, created=1), revision=11)
    assert button.get_attribute("aria-busy") == "true"
    button.click(force=True)
    refuse(held[0], 403, "forbidden", "Only an editor may remove pictures.")
    at.page.wait_for_selector("#notice:has-text('Only an editor')")
    assert held[0].request.headers["x-csrftoken"] == "token"
    assert button.get_attribute("aria-busy") is None
    assert len(held) == 1
    at.page.click("#notice button")
    assert at.page.is_hidden("#notice")


def test_a_dismissed_message_stays_away(at: ScriptPage) -> None:
    at.open(f.card("a", 5))
    at.gallery.answers["/messages/m1/dismiss/"] = lambda route: route.fulfill(status=204)
    button = '<button form="actions" formaction="/messages/m1/dismiss/" data-dismiss="message-m1">x</button>'
    for revision in (5, 6):
        at.frame(f.messages(revision, "m1", "m2").replace(">m1<", f">m1{button}<"), revision=11)
        if revision == 5:
            at.page.click("#message-m1 button")
    assert at.page.locator("#messages > *").all_inner_texts() == ["m2"]
    at.wait(lambda: ("POST", "/messages/m1/dismiss/", "") in at.gallery.requests)
    at.page.reload()
    at.connected()
    at.frame(f.messages(6, "m1", "m2"), revision=11)
    assert at.page.locator("#messages > *").all_inner_texts() == ["m2"]


def test_the_page_of_one_item(at: ScriptPage) -> None:
    def detail(revision: int, name: str) -> str:
        return (
            f'<article id="detail" data-item="a" data-card="item-a" data-revision="{revision}"><h1>{name}</h1>'
            f'<form data-rename-form="a" action="{RENAME}"><input id="name" name="name" value="{name}"></form>'
            f"{f.progress('a', revision)}{f.lock('a', revision)}</article>"
        )

    at.open(path="/items/a/", main=detail(10, "Sunset"))
    at.frame(f.progress("a", 11, 0.5, "12/20"), f.card("other", 9, 11), f.card("a", 5, 9), revision=11)
    assert at.page.inner_text("#item-a-progress") == "12/20"
    at.page.fill("#name", "Half-typed")
    at.wait(lambda: said(at, "lock") == [{"type": "lock", "itemId": "a"}])
    at.gallery.answers["/items/a/"] = at.gallery.page(detail(12, "Dusk"), revision=12)
    at.gallery.send(f.card("a", 5, 12), f.revision(12))
    at.page.wait_for_selector("h1:has-text('Dusk')")
    assert at.page.input_value("#name") == "Half-typed"
    assert at.page.evaluate("document.activeElement.id") == "name"
    at.gallery.answers[RENAME] = lambda route: route.fulfill(status=204)
    at.page.keyboard.press("Enter")
    at.wait(lambda: said(at, "unlock") == [{"type": "unlock", "itemId": "a"}])
    at.frame(f.delete("item-a", 13), revision=13)
    at.page.wait_for_selector("#connection[data-state=stopped]")
    assert at.page.inner_text("#connection") == "This item was removed."
