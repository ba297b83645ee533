"""The filter's menu: what it offers is fetched when it is opened, and what is chosen stands in the address."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.people import HttpWorker, Person
from tests.processes.conftest import Room


def test_a_batch_is_chosen_from_those_that_are_there(
    person: Callable[..., Person], room: Room, worker: HttpWorker
) -> None:
    for batch, label in (("dunes", "Dunes"), ("seas", "Seas")):
        worker.say("batch:start", batchId=batch, total=1, label=label)
        worker.say("batch:progress", batchId=batch, item={"name": label, "type": "image"})
    erin = person("erin")
    erin.open(room.folder_id)
    erin.page.click(".menu:has(.filters) > summary")
    offered = erin.page.locator(".filters select[name=batch]")
    offered.select_option("dunes")
    erin.page.click(".filters__show")
    erin.see(".chip", "batch Dunes")
    assert erin.page.url.endswith("?batch=dunes")
    assert erin.page.locator("#grid .item").count() == 1
    # Opened again it still says so, and the strip's name leads to the other one.
    erin.page.click(".menu:has(.filters) > summary")
    erin.page.wait_for_selector(".filters select[name=batch] option[value=dunes]:checked", state="attached")
    erin.page.keyboard.press("Escape")
    erin.page.click("#batch-seas a.batch__label")
    erin.see(".chip", "batch Seas")
