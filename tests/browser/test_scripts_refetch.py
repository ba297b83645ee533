"""The page fetches itself, or its next older page, while frames wait."""

from __future__ import annotations

from playwright.sync_api import Route

from tests.browser import fragments as f
from tests.browser.script_page import PATH, ScriptPage


def fetches(at: ScriptPage, path: str = PATH) -> int:
    return sum(1 for _, asked, _ in at.gallery.requests if asked == path)


def test_a_reset_lays_the_answer_over_the_page(at: ScriptPage) -> None:
    at.open(
        f.card("a", 5), f.card("b", 4), f.card("c", 3), batches=f.batch("old", 3), messages="<p id='message-m'>m</p>"
    )
    at.page.focus("#item-a [data-rename]")
    at.page.fill("#q", "half-ty")
    at.page.evaluate("document.getElementById('item-a').marked = true")
    fresh = f.grid(f.card("n", 9, 15), f.card("a", 5), f.card("b", 4, 15, name="Newer"), f.placeholder(0, 2, 15))
    at.gallery.answers[PATH] = at.gallery.page(fresh, revision=20, batches=f.batch("new", 9, 15))
    at.gallery.send(f.reset(20), f.revision(10))
    at.page.wait_for_selector("#item-n")
    assert at.ids() == ["n", "a", "b", "b-0"]
    assert at.ids("batches") == ["batch-new"]
    assert at.page.inner_text("#item-b .item__name") == "Newer"
    assert at.shown_revision() == 20
    assert at.page.evaluate("document.getElementById('item-a').marked"), "what is the same stays the same element"
    assert at.page.input_value("#q") == "half-ty"
    at.wait(lambda: {"type": "seen", "revision": 20} in at.gallery.said)


def test_frames_wait_for_the_answer_and_what_it_already_has_does_not_come_back(at: ScriptPage) -> None:
    at.open(f.card("a", 5), f.card("b", 4))
    asked: list[Route] = []
    at.gallery.answers[PATH] = asked.append
    at.gallery.send(f.reset(15), f.revision(10))
    at.wait(lambda: asked)
    assert asked[0].request.headers["darkroom-part"] == "live", "the page has its frame already"
    # Sent while the page waits: one that the answer is newer than, one that is newer than the answer.
    at.gallery.send(
        f.card("gone", 9, 14), f.placeholder(0, 8, 13), f.card("a", 5, 14, created=1, name="Old"), f.revision(16)
    )
    at.gallery.send(f.card("b", 4, 22, created=1, name="Newest"), f.card("n", 7, 21), f.reset(17), f.revision(22))
    at.page.wait_for_timeout(300)
    assert at.ids() == ["a", "b"]
    assert at.shown_revision() == 10, "nothing of what was fetched is there yet"
    fresh = f.grid(f.card("a", 5, 18, created=1, name="Fetched"), f.card("b", 4))
    asked[0].fulfill(body=at.gallery.page(fresh, revision=20), content_type="text/html")
    at.page.wait_for_selector("#item-n")
    assert at.ids() == ["n", "a", "b"]
    assert at.page.inner_text("#item-a .item__name") == "Fetched"
    assert at.page.inner_text("#item-b .item__name") == "Newest"
    assert at.shown_revision() == 22
    at.page.wait_for_timeout(500)
    assert len(asked) == 1, "the second reset was covered by the first one's answer"


def test_an_answer_that_is_older_than_the_reset_is_asked_for_again(at: ScriptPage) -> None:
    at.open(f.card("a", 5))
    answers = [
        at.gallery.page(f.grid(f.card("a", 5)), revision=12),
        at.gallery.page(f.grid(f.card("n", 9, 19)), revision=20),
    ]
    at.gallery.answers[PATH] = lambda route: route.fulfill(body=answers.pop(0), content_type="text/html")
    at.gallery.send(f.reset(20))
    at.page.wait_for_selector("#item-n")
    assert at.ids() == ["n"]


def test_a_database_that_was_put_back_is_believed(at: ScriptPage) -> None:
    at.open(f.card("a", 5, 90), f.card("b", 4, 90), revision=100)
    at.gallery.answers[PATH] = at.gallery.page(f.grid(f.card("a", 5, 30, name="As it was")), revision=40)
    at.gallery.send(f.reset(40), f.revision(40))
    at.wait(lambda: at.shown_revision() == 40)
    assert at.ids() == ["a"]
    assert at.page.inner_text("#item-a .item__name") == "As it was"


def test_a_failing_fetch_is_said_and_tried_again(at: ScriptPage) -> None:
    at.open(f.card("a", 5))
    failures = [
        lambda route: route.abort(),
        lambda route: route.fulfill(status=503, body=""),
        lambda route: route.fulfill(status=503, body=""),
    ]
    good = at.gallery.page(f.grid(f.card("n", 9, 15)), revision=15)
    at.gallery.answers[PATH] = lambda route: (
        failures.pop(0)(route) if failures else route.fulfill(body=good, content_type="text/html")
    )
    at.gallery.send(f.reset(15))
    at.page.wait_for_selector("#connection[data-state=connecting]", state="attached")
    at.page.wait_for_selector("#item-n")
    at.connected()
    assert at.page.is_hidden("#connection")


def test_a_fetch_that_ends_at_the_login_stops_the_page(at: ScriptPage) -> None:
    at.open(f.card("a", 5))
    at.gallery.answers[PATH] = lambda route: route.fulfill(status=404, body="")
    at.gallery.send(f.reset(15))
    at.page.wait_for_selector("#connection[data-state=stopped]")
    assert at.page.inner_text("#connection") == "This folder is gone."


def test_a_reset_keeps_the_place_of_one_who_reads_far_down(at: ScriptPage) -> None:
    first, second = [[f.card(f"c{place:03}", place) for place in range(top, top - 60, -1)] for top in (120, 60)]
    cursor = f.order(61) + "c061"
    at.open(*first, *second)
    at.page.evaluate("document.getElementById('item-c030').scrollIntoView()")
    place = at.page.eval_on_selector("#item-c030", "card => card.getBoundingClientRect().top")
    at.gallery.answers[PATH] = at.gallery.page(f.grid(f.card("n", 200, 15), *first, cursor=cursor), revision=15)
    at.gallery.answers[f"{PATH}?cursor={cursor}"] = at.gallery.page(f.grid(*second), revision=15)
    at.gallery.send(f.reset(15))
    at.page.wait_for_selector("#item-n", state="attached")
    assert len(at.ids()) == 121
    assert abs(at.page.eval_on_selector("#item-c030", "card => card.getBoundingClientRect().top") - place) <= 1


def test_the_pager_appends_what_is_not_there(at: ScriptPage) -> None:
    cursor = f.order(4) + "b"
    at.open(f.card("a", 5), f.card("b", 4), grid={"cursor": cursor})
    older = f.grid(f.card("a", 5, 1, name="Stale"), f.card("c", 3), f.card("d", 2), cursor=f.order(2) + "d")
    at.gallery.answers[f"{PATH}?cursor={cursor}"] = at.gallery.page(older, revision=10)
    at.page.click("#pager a")
    at.page.wait_for_selector("#item-d")
    assert at.ids() == ["a", "b", "c", "d"]
    assert at.page.inner_text("#item-a .item__name") == "Picture a"
    assert at.page.get_attribute("#pager a", "href") == f"?cursor={f.order(2)}d"
    assert at.shown_revision() == 10


def test_a_stale_answer_of_the_pager_meets_the_frames_that_waited(at: ScriptPage) -> None:
    cursor = f.order(4) + "b"
    at.open(f.card("a", 5), f.card("b", 4), grid={"cursor": cursor})
    asked: list[Route] = []
    at.gallery.answers[f"{PATH}?cursor={cursor}"] = asked.append
    at.page.click("#pager a")
    at.wait(lambda: asked)
    at.gallery.send(f.delete("item-c", 12), f.card("d", 2, 12, created=1, name="Newer"), f.revision(12))
    at.page.wait_for_timeout(200)
    assert at.shown_revision() == 10
    asked[0].fulfill(
        body=at.gallery.page(f.grid(f.card("c", 3), f.card("d", 2)), revision=10), content_type="text/html"
    )
    at.wait(lambda: at.shown_revision() == 12)
    assert at.ids() == ["a", "b", "d"]
    assert at.page.inner_text("#item-d .item__name") == "Newer"
    assert at.page.is_hidden("#pager")


def test_deletions_are_refilled_from_the_next_page(at: ScriptPage) -> None:
    full = [f.card(f"c{place}", place) for place in range(40, 20, -1)]  # five rows, where three are seen
    cursor = f.order(21) + "c21"
    at.gallery.answers[f"{PATH}?cursor={cursor}"] = at.gallery.page(f.grid(f.card("c", 3), f.card("d", 2)), revision=11)
    at.open(*full, grid={"cursor": cursor, "page_size": 20})
    at.frame(f.delete("item-c30", 11), revision=11)
    at.page.wait_for_selector("#item-d")
    assert at.ids()[-3:] == ["c21", "c", "d"]
    assert fetches(at, f"{PATH}?cursor={cursor}") == 1


def test_beyond_300_cards_the_far_end_leaves_and_the_pager_leads_to_it(at: ScriptPage) -> None:
    at.open(*(f.card(f"c{place:03}", place) for place in range(298, 0, -1)))
    at.frame(*(f.card(f"n{place}", place, 11) for place in range(900, 905)), revision=11)
    assert len(at.ids()) == 300
    assert at.ids()[-1] == "c004"
    assert at.page.get_attribute("#pager a", "href") == f"?cursor={f.order(4).replace('!', '%21')}c004"
    at.frame(f.card("c002", 2, 12, created=1), revision=12)
    assert len(at.ids()) == 300, "what left belongs to a deeper page now"
