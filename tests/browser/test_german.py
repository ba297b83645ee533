"""Who reads German reads what comes by the stream in German too, from the first frame and after each reconnect."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.people import HttpWorker, Person
from tests.processes.conftest import Room
from tests.servers import Server


def test_the_stream_goes_on_in_the_language_of_its_page(
    person: Callable[..., Person], room: Room, worker: HttpWorker, server: Server
) -> None:
    german, english = person("bob", locale="de-DE"), person("erin", locale="en-GB")
    for each, language in ((german, "de"), (english, "en")):
        each.open(room.folder_id)
        assert each.page.evaluate("document.documentElement.lang") == language
    assert german.page.locator("#empty").inner_text().startswith("Hier wurde noch nichts entwickelt.")

    def both(selector: str, in_german: str, in_english: str) -> None:
        german.see(selector, in_german)
        english.see(selector, in_english)

    worker.start("de", 3)
    both("#batch-de", "0 von 3", "0 of 3")
    worker.arrive("de", "de-1", 0)
    both("#item-de-1-progress", "In Arbeit", "Developing")
    worker.say("item:update", itemId="de-1", status="error")
    both("#item-de-1", "Der Worker nannte keinen Grund.", "The worker gave no reason.")
    worker.say("item:lock", itemId="de-1")
    both("#lock-de-1", "bearbeitet dies", "is editing this")

    server.kill()
    for each, said in ((german, "Verbindung"), (english, "Reconnecting")):
        each.see("#connection", said)
    server.start()
    for each in (german, english):
        each.wait_until_live()
    worker.arrive("de", "de-2", 1)
    both("#item-de-2-progress", "In Arbeit", "Developing")
    both("#batch-de", "1 von 3", "1 of 3")
    worker.say("batch:end", batchId="de", status="partial")
    both("#batch-de", "Teilweise", "Ended in part")
    assert german.never_reloaded and english.never_reloaded
