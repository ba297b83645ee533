"""What axe-core finds wrong in German, where the words are longer, on what opens over a page and beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.people import HttpWorker, Person
from tests.browser.test_accessibility import is_sound
from tests.browser.test_uploads import choose, large, png, slow_down
from tests.media.samples import save_video
from tests.processes.conftest import Gallery, Room
from tests.servers import Server

ACT = """async ([folder, kind, view]) => {
  const token = document.querySelector("#actions [name=csrfmiddlewaretoken]").value;
  const body = new URLSearchParams({view, csrfmiddlewaretoken: token});
  const headers = {"HX-Request": "true"};
  return (await fetch(`/folders/${folder}/actions/${kind}/`, {method: "POST", body, headers})).status;
}"""


@pytest.fixture(params=["light", "dark"])
def erin(person: Callable[..., Person], request: pytest.FixtureRequest) -> Person:
    """She reads German; axe puts styles of its own into the page, of which the page's policy would complain."""
    return person("erin", locale="de-DE", color_scheme=request.param, reduced_motion="reduce", bypass_csp=True)


def test_strips_dialogs_a_film_and_the_trash(
    erin: Person, room: Room, worker: HttpWorker, lone: Gallery, server: Server, tmp_path: Path
) -> None:
    batch = f"film-{room.folder_id}"
    film = f"{batch}-1"
    worker.start(batch, 1)
    worker.arrive(batch, film, 0, type="video", name="Film")
    data = save_video(tmp_path / "film.mp4").read_bytes()
    worker.client.put(f"/api/items/{film}/media", content=data, headers={"Content-Type": "video/mp4"})
    worker.say("item:update", itemId=film, status="complete")
    lone.call("make_items", room.folder_id, 210)
    erin.open(room.folder_id, "?sort=oldest")
    assert erin.page.evaluate("document.documentElement.lang") == "de"
    assert erin.page.evaluate(ACT, [room.folder_id, "star", "all=999999999"]) == 204
    erin.see(".batch", "Wartet")
    is_sound(erin)
    erin.page.click(".batch:has-text('Wartet') button")
    erin.see(".batch--cancelled", "Abgebrochen")
    is_sound(erin)

    erin.page.click("summary:has(use[href='#icon-spark'])")
    is_sound(erin)
    erin.page.click("a[data-generator] >> nth=0")
    erin.see("#questions[open] select")
    is_sound(erin)
    erin.page.fill("#questions [name=option-number]", "99")
    erin.page.click("#questions [name=run]")
    erin.see("#questions .questions__error")
    is_sound(erin)
    erin.page.keyboard.press("Escape")
    erin.miss("#questions[open]")

    erin.page.click(f"#item-{film} .item__link", position={"x": 80, "y": 90})
    erin.see("#lightbox video")
    is_sound(erin)
    erin.page.keyboard.press("i")
    erin.see(".lightbox__facts dd")
    is_sound(erin)

    assert erin.page.evaluate(ACT, [room.folder_id, "delete", "all=999999999&q=film"]) == 204
    for path in ("/trash/", "/trash/?q=nothing-of-that-name", f"/folders/{room.folder_id}/settings/"):
        erin.page.goto(f"{server.http}{path}")
        is_sound(erin)
    erin.page.goto(f"{server.http}/trash/")
    erin.page.click("details.menu summary:has(use[href='#icon-bin'])")
    is_sound(erin)


def test_the_tray_of_uploads(erin: Person, room: Room) -> None:
    erin.open(room.folder_id)
    choose(erin, png("Hier.png"))
    erin.see(".item--finished[data-name='Hier.png']")
    slow_down(erin)
    bad = {"name": "kaputt.png", "mimeType": "image/png", "buffer": b"<html>"}
    choose(erin, bad, png("Noch einmal.png"), *(large(f"Groß {number}.bin") for number in range(5)))
    for state in ("failed", "here", "sending", "waiting"):
        erin.see(f"#uploads .uploads__row[data-state={state}]")
    is_sound(erin)
