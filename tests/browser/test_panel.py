"""The folders beside a folder's page: opened, alive, remembered, a drawer on a phone; and the pages around them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.people import HttpWorker, Person
from tests.processes.conftest import Room
from tests.servers import Server

PHONE = {"width": 390, "height": 800}


def _other_folder(worker: HttpWorker, name: str, parent_id: str) -> str:
    """Made by alice's worker, in her folder."""
    answer = worker.client.post("/api/folders", json={"name": name, "parentId": parent_id, "visibility": "public"})
    return str(answer.raise_for_status().json()["id"])


def test_the_tree_is_alive_and_remembered(person: Callable[..., Person], room: Room, worker: HttpWorker) -> None:
    inside = _other_folder(worker, "Inside", room.folder_id)
    erin = person("erin")
    erin.open(room.folder_id)
    toggle = erin.page.locator("[data-panel=toggle]")
    assert toggle.get_attribute("aria-expanded") == "false" and erin.page.locator("#panel").is_hidden()
    toggle.click()
    erin.see(f"#panel [aria-current=page] #folder-{room.folder_id}")
    erin.see(f"#panel #folder-{inside} .folder__count", "0")
    depth = "getComputedStyle(document.getElementById('folder-%s').parentElement).getPropertyValue('--depth')"
    assert int(erin.page.evaluate(depth % inside)) == int(erin.page.evaluate(depth % room.folder_id)) + 1

    worker.say("batch:start", batchId="panel", total=2, label="Inside", targetFolderId=inside)
    erin.see(f"#panel #folder-{inside}.folder--alive .safelight")
    worker.say("batch:progress", batchId="panel", item={"name": "x", "type": "image"})
    worker.say("batch:end", batchId="panel", status="complete")
    erin.see(f"#panel #folder-{inside} .folder__count", "1")
    erin.see(f"#panel #folder-{inside}:not(.folder--alive)")
    later = _other_folder(worker, "Later", inside)
    erin.see(f"#panel #folder-{later}", "Later")
    worker.client.delete(f"/api/folders/{later}").raise_for_status()
    erin.page.wait_for_selector(f"#panel #folder-{later}", state="detached")
    assert erin.never_reloaded

    erin.open(room.folder_id)
    erin.see(f"#panel #folder-{inside}")
    erin.page.click("[data-panel=close]")
    assert (
        erin.page.locator("#panel").is_hidden()
        and erin.page.evaluate("document.activeElement.dataset.panel") == "toggle"
    )
    erin.open(room.folder_id)
    assert erin.page.locator("#panel").is_hidden()


def test_on_a_phone_it_is_a_drawer(person: Callable[..., Person], room: Room) -> None:
    bob = person("bob")
    bob.page.set_viewport_size(PHONE)
    bob.open(room.folder_id)
    bob.page.click("[data-panel=toggle]")
    bob.see(f"#panel #folder-{room.folder_id}")
    assert bob.page.evaluate("document.activeElement.id") == "panel"
    bob.page.keyboard.press("Escape")
    assert bob.page.locator("#panel").is_hidden()
    bob.page.click("[data-panel=toggle]")
    bob.page.mouse.click(380, 700)
    assert bob.page.locator("#panel").is_hidden()
    assert bob.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_around_it_are_for_everybody(
    person: Callable[..., Person], room: Room, server: Server, worker: HttpWorker, scheme: Any
) -> None:
    key = f"trashed-{scheme}"
    worker.start(key, 2)
    for index in range(2):
        worker.arrive(key, f"{key}-{index}", index)
    worker.client.delete(f"/api/items/{key}-0").raise_for_status()
    alice = person("alice", color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    alice.open(room.folder_id)
    alice.page.click("[data-panel=toggle]")
    alice.see(f"#panel #folder-{room.folder_id}")
    _is_sound(alice)
    for path in (
        f"/folders/{room.folder_id}/panel/",
        f"/folders/{room.folder_id}/settings/",
        f"/folders/{room.folder_id}/trash/",
        f"/folders/{room.folder_id}/delete/",
        f"/items/{key}-1/",
    ):
        answer = alice.page.goto(server.http + path)
        assert answer and answer.status == httpx.codes.OK, path
        _is_sound(alice)


def _is_sound(person: Person) -> None:
    found = Axe().run(person.page).response["violations"]
    assert not found, [(each["id"], each["help"], [node["html"][:200] for node in each["nodes"]]) for each in found]


def test_folders_are_found_and_more_of_them_are_reached(
    person: Callable[..., Person], room: Room, worker: HttpWorker
) -> None:
    for number in range(4):
        _other_folder(worker, f"Needle {number}", room.folder_id)
    erin = person("erin")
    erin.page.fill("[data-find-folders] input", "needle 2")
    erin.see("#folders .folder__name", "Needle 2")
    erin.page.locator("#folders > *").nth(1).wait_for(state="detached")
    assert erin.page.url.endswith("/?q=needle+2")
    later = _other_folder(worker, "Later", room.folder_id)
    erin.page.wait_for_timeout(1500)
    assert erin.page.locator(f"#folder-{later}").count() == 0, "what is not looked for does not come in"
    erin.page.fill("[data-find-folders] input", "no such thing")
    erin.see(".empty__found", "No folder is called so.")
    erin.page.fill("[data-find-folders] input", "")
    erin.see(f"#folder-{later}")

    erin.open(room.folder_id)
    erin.page.click("[data-panel=toggle]")
    erin.page.fill("#panel [type=search]", "needle 1")
    erin.see("#panel .folder__name", "Needle 1")
    erin.page.locator("#panel .tree__row").nth(1).wait_for(state="detached")
    worker.say("batch:start", batchId=f"find-{later}", total=2, label="Inside", targetFolderId=later)
    erin.page.wait_for_timeout(1500)
    assert erin.page.locator("#panel .tree__row").count() == 1
    erin.page.fill("#panel [type=search]", "")
    erin.see(f"#panel #folder-{later}")
