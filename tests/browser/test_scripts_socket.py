"""The socket: opened from where the page stands, acknowledged, watched, opened again."""

from __future__ import annotations

import pytest

from tests.browser import fragments as f
from tests.browser.script_page import PATH, ScriptPage

WATCH_CONNECTION = """() => {
  const connection = document.getElementById("connection");
  window.seen = {};
  new MutationObserver(() => {
    if (connection.dataset.state === "connecting") seen.lost ??= performance.now();
    if (!connection.hidden) seen.shown ??= performance.now();
  }).observe(connection, {attributes: true});
}"""


def seen(at: ScriptPage) -> list[int]:
    return [said["revision"] for said in at.gallery.said if said["type"] == "seen"]


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011, 1012, 1013, 4503])
def test_after_any_close_it_opens_again_from_the_revision_it_shows(at: ScriptPage, code: int) -> None:
    at.gallery.greeting = f.revision(10)
    at.open(f.card("a", 5))
    at.frame(f.card("a", 5, 17, created=1), revision=17)
    at.gallery.cut() if code == 1006 else at.gallery.close(code)
    at.wait(lambda: len(at.gallery.connections) == 2, seconds=6)
    at.connected()
    assert at.gallery.afters == ["10", "17"]
    at.frame(f.card("n", 9, 18), revision=18)
    assert at.ids() == ["n", "a"]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (4401, "You have been signed out. Sign in again."),
        (4403, "You may no longer see this folder."),
        (4404, "This folder is gone."),
    ],
)
def test_it_stops_where_there_is_nothing_to_come_back_to(at: ScriptPage, code: int, sentence: str) -> None:
    at.open(f.card("a", 5))
    at.gallery.close(code)
    at.page.wait_for_selector("#connection[data-state=stopped]")
    assert at.page.inner_text("#connection") == sentence
    if code == 4401:
        assert at.page.get_attribute("#connection a", "href") == "/login/?next=%2Ffolders%2FF%2F"
    at.page.evaluate("dispatchEvent(new Event('online'))")
    at.page.wait_for_timeout(1500)
    assert len(at.gallery.connections) == 1


def test_a_socket_that_is_refused_at_once_stops_too(at: ScriptPage) -> None:
    at.gallery.refusal = 4403
    at.open(f.card("a", 5), connected=False)
    at.page.wait_for_selector("#connection[data-state=stopped]")


def test_a_server_that_is_down_is_said_and_found_again_without_an_error(at: ScriptPage) -> None:
    at.open(f.card("a", 5))
    at.page.evaluate(WATCH_CONNECTION)
    at.gallery.stop()
    at.page.wait_for_selector("#connection:not([hidden])")
    assert at.page.evaluate("seen.shown - seen.lost") >= 900, "a short gap is not worth a word"
    assert at.page.inner_text("#connection") == "Reconnecting…"
    at.page.wait_for_timeout(1500)
    at.gallery.start()
    at.page.wait_for_selector("#connection[data-state=connected]", state="attached", timeout=12000)
    assert at.page.is_hidden("#connection")


def test_it_opens_at_once_when_the_machine_is_online_again(at: ScriptPage) -> None:
    at.open(f.card("a", 5))
    at.page.evaluate("darkroom.backoff = () => 60_000")
    at.gallery.cut()
    at.page.wait_for_selector("#connection[data-state=connecting]", state="attached")
    at.page.evaluate("dispatchEvent(new Event('online'))")
    at.connected()
    assert len(at.gallery.connections) == 2


def test_silence_is_taken_for_a_dead_connection(at: ScriptPage) -> None:
    at.gallery.greeting = f.revision(10)
    at.page.clock.install()
    at.open(f.card("a", 5))
    at.page.clock.run_for(40_000)
    at.frame(revision=11)
    at.page.clock.run_for(40_000)
    assert len(at.gallery.connections) == 1, "a heartbeat is a word"
    at.page.clock.run_for(20_000)
    at.wait(lambda: len(at.gallery.connections) == 2)
    assert at.gallery.afters[-1] == "11"


def test_it_acknowledges_every_32_frames(at: ScriptPage) -> None:
    at.page.clock.install()
    at.open(f.card("a", 5))
    at.frame(revision=11)
    at.page.clock.run_for(10)
    at.wait(lambda: seen(at) == [11])
    for number in range(12, 12 + 70):
        at.gallery.send(f.revision(number))
    at.wait(lambda: at.shown_revision() == 81)
    at.page.wait_for_timeout(100)
    assert seen(at) == [11, 43, 75]
    at.page.clock.run_for(5_000)
    at.wait(lambda: seen(at) == [11, 43, 75, 81])


def test_it_acknowledges_every_256_kib(at: ScriptPage) -> None:
    at.page.clock.install()
    at.open(f.card("a", 5))
    at.frame(revision=11)
    at.page.clock.run_for(10)
    at.wait(lambda: seen(at) == [11])
    at.frame(f.card("a", 5, 12, name="n" * 40_000), revision=12)
    assert seen(at) == [11]
    at.frame(f.card("a", 5, 13, name="n" * 40_000), revision=13)
    at.wait(lambda: seen(at) == [11, 13])


def test_what_cannot_be_read_makes_the_page_fetch_itself(at: ScriptPage) -> None:
    at.open(f.card("a", 5))
    at.page.evaluate("""() => {
        const decide = darkroom.decide;
        darkroom.decide = () => { darkroom.decide = decide; throw new Error(); };
    }""")
    at.gallery.answers[PATH] = at.gallery.page(f.grid(f.card("n", 9, 12)), revision=12)
    at.gallery.send(f.card("n", 9, 12), f.revision(12))
    at.page.wait_for_selector("#item-n")
    assert at.ids() == ["n"]


def test_it_says_that_the_database_is_away_until_it_is_not(at: ScriptPage) -> None:
    at.open(f.card("a", 5))
    at.frame('<div id="revision" data-revision="10" data-waits-for="database" hidden></div>')
    at.page.wait_for_selector("#connection:not([hidden])")
    assert at.page.inner_text("#connection").startswith("The gallery cannot reach its database.")
    at.frame(revision=10)
    at.page.wait_for_selector("#connection", state="hidden")
    at.connected()
