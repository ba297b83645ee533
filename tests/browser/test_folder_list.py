"""A list of more folders than one page of it shows: whichever part somebody looks at is alive."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.people import Person
from tests.processes.conftest import Gallery


def test_the_part_that_is_looked_at_lives(person: Callable[..., Person], lone: Gallery) -> None:
    oldest, *others = lone.call("make_folders", "charlie", 230)
    charlie, at_the_end = person("charlie"), person("charlie")
    charlie.wait_until_live()
    charlie.page.evaluate("window.sameDocument = true")
    assert charlie.page.locator(f"#folder-{oldest}").count() == 0
    charlie.page.click("#pager a")
    charlie.see(f"#folder-{oldest}")
    at_the_end.page.goto(at_the_end.page.locator("#pager a").evaluate("link => link.href"))
    at_the_end.wait_until_live()
    at_the_end.see(f"#folder-{oldest}")

    charlie.page.wait_for_timeout(1500)  # the stream looks there by now
    for number in range(2):
        lone.call("rename_folder", oldest, f"Renamed {number}")
        for each in (charlie, at_the_end):
            each.see(f"#folder-{oldest}", f"Renamed {number}")
    charlie.page.evaluate("darkroom.socket.close()")
    charlie.page.wait_for_selector("#connection[data-state=connecting]", state="attached")
    lone.call("rename_folder", oldest, "While it was away")
    charlie.see(f"#folder-{oldest}", "While it was away")
    [new] = lone.call("make_folders", "charlie", 1)
    charlie.see(f"#folder-{new}")
    charlie.page.wait_for_timeout(1500)
    assert at_the_end.page.locator(f"#folder-{new}").count() == 0
    lone.call("rename_folder", others[-200], "Pushed down")
    charlie.see(f"#folder-{others[-200]}", "Pushed down")
    assert charlie.page.locator("#folders > *").count() >= 231 and charlie.never_reloaded

    charlie.page.fill("[data-find-folders] input", "While it")
    charlie.page.locator("#folders > *").nth(1).wait_for(state="detached")
    charlie.page.wait_for_timeout(1500)
    lone.call("rename_folder", oldest, "Found and renamed")
    charlie.see(f"#folder-{oldest}", "Found and renamed")
