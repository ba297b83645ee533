"""Uploading in the page: everybody sees it develop, and nothing that breaks on the way loses it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.people import HttpWorker, Person, picture, restart
from tests.browser.proxy import FaultyProxy
from tests.processes.conftest import Gallery, Room
from tests.servers import Server

CHOOSE = "[data-upload-files][name=files]"
SLOW = 400_000  # bytes a second
MIB = 1024 * 1024


@pytest.fixture
def proxy(server: Server) -> Iterator[FaultyProxy]:
    proxy = FaultyProxy(server)
    yield proxy
    proxy.end()


@pytest.fixture
def erin(person: Callable[..., Person], room: Room) -> Person:
    erin = person("erin")
    erin.open(room.folder_id)
    return erin


def png(name: str, colour: str = "orange") -> dict[str, Any]:
    return {"name": name, "mimeType": "image/png", "buffer": picture(colour, (640, 480), "PNG")}


def large(name: str, size: int = 2 * MIB) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": os.urandom(size)}


def slow_down(person: Person, rate: int = SLOW) -> None:
    session = person.context.new_cdp_session(person.page)
    session.send("Network.enable")
    conditions = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": rate}
    session.send("Network.emulateNetworkConditions", conditions)


def choose(person: Person, *files: dict[str, Any]) -> None:
    person.page.set_input_files(CHOOSE, list(files))


def progress(person: Person, name: str) -> int:
    bar = person.page.locator(f".item[data-name='{name}'] .developing .bar")
    return int(bar.get_attribute("aria-valuenow") or 0)


def wait_for_progress(person: Person, name: str, least: int) -> None:
    person.page.wait_for_function(
        """([name, least]) => {
            const bar = document.querySelector(`.item[data-name="${name}"] .developing .bar`);
            return Number(bar?.getAttribute("aria-valuenow") ?? 0) >= least;
        }""",
        arg=[name, least],
    )


def finished(name: str) -> str:
    return f".item--finished[data-name='{name}']"


def test_everybody_sees_it_develop(erin: Person, person: Callable[..., Person], room: Room) -> None:
    bob = person("bob")
    bob.open(room.folder_id)
    slow_down(erin)
    choose(erin, png("One.png"), png("Two.png", "teal"), large("Film.bin"))
    bob.see(".item--developing[data-name='Film.bin'] .developing__message", "Uploading")
    wait_for_progress(bob, "Film.bin", 20)
    bob.see(finished("One.png"))
    bob.see(finished("Film.bin"))
    order = bob.page.eval_on_selector_all(".item", "cards => cards.map((card) => card.dataset.name)")
    assert order == ["One.png", "Two.png", "Film.bin"]
    assert (erin.never_reloaded, bob.never_reloaded) == (True, True)
    erin.page.wait_for_selector("#uploads", state="hidden")
    assert bob.page.locator("#uploads").count() == 0, "who may only look has no tray"


def test_bad_files_get_a_sentence(erin: Person, person: Callable[..., Person], room: Room) -> None:
    alice = person("alice")
    alice.open(room.folder_id)
    bad = {"name": "broken.png", "mimeType": "image/png", "buffer": b"<html>"}
    cut = png("cut.png") | {"buffer": picture("red", (640, 480), "PNG")[:-30]}
    empty = {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""}
    choose(erin, bad, cut, empty, png("good.png"))
    erin.see("#uploads .uploads__row[data-state=failed]", "The file says that it is image/png, but it is not.")
    erin.see("#uploads .uploads__row[data-state=failed]", "damaged or cut off")
    erin.see("#uploads .uploads__row[data-state=failed]", "The file is empty.")
    for each in (erin, alice):
        each.see(finished("good.png"))
        each.page.wait_for_function("() => document.querySelectorAll('#grid .item').length === 1")
    assert not erin.page.locator("#uploads button:visible:has-text('again')").count(), "they would fail again"
    erin.page.click("#uploads button:has-text('Close all')")
    erin.page.wait_for_selector("#uploads", state="hidden")


def test_a_restarted_server_loses_nothing(erin: Person, lone: Gallery, server: Server) -> None:
    slow_down(erin)
    choose(erin, large("Film.bin"))
    wait_for_progress(erin, "Film.bin", 30)
    restart(lone, server)
    erin.see(finished("Film.bin"))
    assert erin.never_reloaded


def test_a_cut_connection_goes_on(person: Callable[..., Person], room: Room, proxy: FaultyProxy) -> None:
    erin = person("erin")
    erin.page.goto(f"{proxy.http}/folders/{room.folder_id}/")
    erin.wait_until_live()
    slow_down(erin)
    choose(erin, large("Film.bin"))
    for least in (10, 40, 70):
        wait_for_progress(erin, "Film.bin", least)
        proxy.become("")  # drops all that is open
    erin.see(finished("Film.bin"))


def test_a_closed_page_goes_on_when_the_file_is_chosen_again(erin: Person, room: Room, tmp_path: Path) -> None:
    film = tmp_path / "Film.bin"
    film.write_bytes(os.urandom(2 * MIB))
    slow_down(erin)
    erin.page.set_input_files(CHOOSE, str(film))
    wait_for_progress(erin, "Film.bin", 40)
    erin.page.on("dialog", lambda dialog: dialog.accept())  # "Leave site?"
    erin.open(room.folder_id)
    before = progress(erin, "Film.bin")
    assert before >= 40
    created: list[str] = []
    erin.page.on("request", lambda request: created.append(request.url) if request.method == "POST" else None)
    erin.page.set_input_files(CHOOSE, str(film))
    erin.see(finished("Film.bin"))
    assert created == [], "nothing was begun anew"
    assert erin.page.locator("#grid .item").count() == 1


def test_cancelling_one_takes_its_card_from_everybody(erin: Person, person: Callable[..., Person], room: Room) -> None:
    bob = person("bob")
    bob.open(room.folder_id)
    slow_down(erin)
    choose(erin, large("No.bin", 8 * MIB), png("Yes.png"))
    bob.see(".item[data-name='No.bin']")
    erin.page.click("#uploads button[aria-label='Cancel: No.bin']")
    bob.miss(".item[data-name='No.bin']")
    bob.see(finished("Yes.png"))


def test_what_is_here_already_is_decided_by_its_sender(erin: Person, room: Room) -> None:
    choose(erin, png("First.png"))
    erin.see(finished("First.png"))
    choose(erin, png("Second.png"), png("Third.png"), png("New.png", "teal"))
    erin.see(finished("New.png"))  # nobody waits for the answer
    row = erin.see("#uploads .uploads__row[data-state=here]", "Second.png")
    assert "Already here as First.png" in row.inner_text()
    assert row.locator("a").get_attribute("href").startswith("/items/")
    row.locator("button:has-text('Keep both')").click()
    erin.see(finished("Second.png"))
    erin.page.click("#uploads button[aria-label='Skip: Third.png']")
    erin.page.wait_for_selector("#uploads", state="hidden")
    assert erin.page.locator("#grid .item").count() == 3


def test_dropped_and_pasted_files(erin: Person) -> None:
    erin.page.evaluate(
        """async () => {
            const make = (colour) => new Promise((done) => {
                const canvas = document.createElement("canvas");
                canvas.width = canvas.height = 40;
                const context = canvas.getContext("2d");
                context.fillStyle = colour;
                context.fillRect(0, 0, 40, 40);
                canvas.toBlob(done);
            });
            const carry = (blob, name) => {
                const data = new DataTransfer();
                data.items.add(new File([blob], name, { type: blob.type }));
                return data;
            };
            const options = { bubbles: true, cancelable: true };
            const dropped = { ...options, dataTransfer: carry(await make("red"), "Dropped.png") };
            document.body.dispatchEvent(new DragEvent("dragenter", dropped));
            window.saw = !document.getElementById("drop").hidden;
            document.body.dispatchEvent(new DragEvent("drop", dropped));
            const pasted = { ...options, clipboardData: carry(await make("blue"), "image.png") };
            document.body.dispatchEvent(new ClipboardEvent("paste", pasted));
        }"""
    )
    assert erin.page.evaluate("window.saw && document.getElementById('drop').hidden")
    erin.see(finished("Dropped.png"))
    erin.see(".item--finished[data-name^='Pasted ']")


def test_of_a_dropped_folder_all_that_cannot_be_read_is_said(erin: Person) -> None:
    erin.page.evaluate(
        """() => {
            const lost = (name) => ({ isFile: true, name, file: (_, fail) => fail(new DOMException("gone")) });
            const there = { isFile: true, name: "a.txt", file: (give) => give(new File(["a"], "a.txt")) };
            const entries = [lost("1"), lost("2"), there, lost("3"), lost("4"), lost("5")];
            const reader = { readEntries: (give) => give(entries.splice(0, 2)) };
            const album = { name: "album", createReader: () => reader };
            const dataTransfer = { types: ["Files"], items: [{ kind: "file", webkitGetAsEntry: () => album }] };
            const drop = new Event("drop", { bubbles: true, cancelable: true });
            document.body.dispatchEvent(Object.assign(drop, { dataTransfer }));
        }"""
    )
    erin.see(finished("a.txt"))
    said = erin.see("#notice .notice__text").inner_text()
    assert said == "“1” cannot be read. “2” cannot be read. “3” cannot be read. Nor can 2 more."


def test_without_script_the_plain_form_still_works(person: Callable[..., Person], room: Room) -> None:
    erin = person("erin", java_script_enabled=False)
    erin.page.goto(f"{erin.server.http}/folders/{room.folder_id}/")
    erin.page.click("details.menu summary:has-text('Upload')")
    choose(erin, png("a.png"), png("b.png", "teal"))
    erin.page.click("button:has-text('Upload')")
    erin.see(finished("a.png"))
    assert erin.page.locator("#uploads").is_hidden()


def test_a_whole_folder_with_a_sidecar(erin: Person, tmp_path: Path) -> None:
    inner = tmp_path / "album" / "inner"
    inner.mkdir(parents=True)
    (inner / "sea.png").write_bytes(png("sea.png")["buffer"])
    (inner / "sea.json").write_text('{"prompt": "a quiet sea"}')
    (inner.parent / "sea.json").write_text('{"prompt": "of another folder"}')
    (inner.parent / ".DS_Store").write_bytes(b"left by a system")
    erin.page.set_input_files("[data-upload-files][webkitdirectory]", str(inner.parent))
    item = erin.see(finished("sea.png"))
    erin.see(finished("sea.json"))
    assert erin.page.locator("#grid .item").count() == 2
    erin.page.goto(f"{erin.server.http}{item.locator('.item__link').get_attribute('href')}")
    erin.see(".facts--metadata", "a quiet sea")


def test_a_folder_that_is_gone_takes_nothing_and_says_so(erin: Person, room: Room, worker: HttpWorker) -> None:
    slow_down(erin)
    choose(erin, large("Film.bin"))
    wait_for_progress(erin, "Film.bin", 10)
    worker.client.delete(f"/api/folders/{room.folder_id}").raise_for_status()
    row = "#uploads .uploads__row[data-state=failed]"
    erin.see(row, "removed it meanwhile")
    erin.page.click(f"{row} button:has-text('Try again')")
    erin.see(row, "There is no folder")
    assert erin.page.locator(f"{row} button").all_inner_texts() == ["Close"]
    erin.page.click(f"{row} button:has-text('Close')")
    erin.page.wait_for_selector("#uploads", state="hidden")
