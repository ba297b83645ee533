"""What axe-core finds wrong on our pages, in both colour schemes: nothing may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.people import HttpWorker, Person
from tests.processes.conftest import Room
from tests.servers import Server


def is_sound(person: Person) -> None:
    found = Axe().run(person.page).response["violations"]
    assert not found, [(each["id"], each["help"], [node["html"][:200] for node in each["nodes"]]) for each in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_in_all_its_states_is_for_everybody(
    person: Callable[..., Person], room: Room, server: Server, worker: HttpWorker, scheme: Any
) -> None:
    """Pending, failed, finished and locked items, batches of each kind, messages, menus and the editor of a name."""
    keep = f"axe-{scheme}"
    worker.start(keep, 6)
    for index, state in enumerate(
        [
            {"progress": 40, "message": "Sampling"},
            {"isPending": False, "status": "error", "message": "Out of memory"},
            {"isPending": False, "metadata": {"prompt": "a sunset", "steps": 30}},
        ]
    ):
        worker.arrive(keep, f"{keep}-{index}", index, **state)
    worker.put_media(f"{keep}-2", "#336699")
    worker.say("item:lock", itemId=f"{keep}-0")
    worker.say("batch:progress", batchId=keep, index=4, progress=5, message="Warming up")
    worker.start(f"{keep}-gone", 1, "Fogged")
    worker.say("batch:end", batchId=f"{keep}-gone", status="error", message="The worker fell over")
    for level in ("info", "success", "warning", "error"):
        worker.say("system:message", text=f"Maintenance at noon ({level})", level=level, folderId=room.folder_id)

    # axe puts styles of its own into the page, of which the page's policy would complain.
    way = {"color_scheme": scheme, "reduced_motion": "reduce", "bypass_csp": True}
    stranger = person("", **way)
    stranger.page.goto(f"{server.http}/login/")
    is_sound(stranger)
    erin = person("erin", **way)
    is_sound(erin)
    erin.open(room.folder_id)
    is_sound(erin)
    erin.page.check(f"#item-{keep}-2 .item__box", force=True)
    erin.page.keyboard.press("Control+a")
    erin.see("#selection", "3")
    is_sound(erin)
    for key in ("t", "m", "?"):
        erin.page.keyboard.press(key)
        erin.see("dialog[open]")
        is_sound(erin)
        erin.page.keyboard.press("Escape")
        erin.miss("dialog[open]")
    erin.page.keyboard.press("Escape")
    for index in (2, 1, 0):
        erin.page.click(f"#item-{keep}-{index} .item__link", position={"x": 80, "y": 90})
        erin.see("#lightbox")
        if index == 2:
            erin.page.keyboard.press("i")
        erin.see(".lightbox__facts dd")
        is_sound(erin)
        erin.page.keyboard.press("Escape")
        erin.page.wait_for_function("!document.getElementById('lightbox').open")
    erin.page.click("summary:has-text('Filter')")
    erin.see(".filters")
    is_sound(erin)
    erin.page.click("summary:has-text('View')")
    erin.page.check("[data-view=layout][value=rows]", force=True)
    is_sound(erin)
    erin.page.check("[data-view=layout][value=grid]", force=True)
    erin.page.click("summary:has-text('Upload')")
    erin.see(".upload__files")
    is_sound(erin)
    for index in range(3):
        erin.page.goto(f"{server.http}/items/{keep}-{index}/")
        erin.wait_until_live()
        is_sound(erin)
    erin.page.goto(f"{server.http}/folders/{room.folder_id}/?q=nothing-of-that-name")
    is_sound(erin)
