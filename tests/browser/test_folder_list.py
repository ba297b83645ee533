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

    charlie.page.evaluate("darkroom.reload()")  # as where no socket gets through
    assert charlie.page.locator(f"#folder-{oldest}").count() == 1
    charlie.page.wait_for_timeout(1500)  # the stream looks there by now
    for number in range(2):
        lone.call("rename_folder", oldest, f"Renamed {number}")
        for each in (charlie, at_the_end):
            each.see(f"#folder-{oldest}", f"Renamed {number}")
    charlie.page.evaluate("darkroom.socket.close()")
    charlie.page.wait_for_selector("#connection[data-state=connecting]", state="attached")
    lone.call("rename_folder", oldest, "While it was away")
    charlie.see(f"#folder-{oldest}", "While it was away")
    charlie.context.set_offline(True)
    charlie.page.evaluate("darkroom.socket.close()")
    lone.call("delete_folder", others[0], "charlie")
    charlie.page.wait_for_timeout(1000)
    charlie.context.set_offline(False)
    charlie.miss(f"#folder-{others[0]}")
    [new] = lone.call("make_folders", "charlie", 1)
    charlie.see(f"#folder-{new}")
    charlie.page.wait_for_timeout(1500)
    assert at_the_end.page.locator(f"#folder-{new}").count() == 0
    lone.call("rename_folder", others[-200], "Pushed down")
    charlie.see(f"#folder-{others[-200]}", "Pushed down")
    assert charlie.page.locator("#folders > *").count() == 230 and charlie.never_reloaded

    charlie.page.fill("[data-find-folders] input", "While it")
    charlie.page.locator("#folders > *").nth(1).wait_for(state="detached")
    charlie.page.wait_for_timeout(1500)
    lone.call("rename_folder", oldest, "Found and renamed")
    charlie.see(f"#folder-{oldest}", "Found and renamed")


def test_the_tree_beside_a_folder_lives_as_far_as_it_is_shown(person: Callable[..., Person], lone: Gallery) -> None:
    oldest, *others = lone.call("make_folders", "bob", 230)
    bob = person("bob")
    bob.open(others[-1])
    bob.page.click("[data-panel=toggle]")
    bob.see(f"#panel #folder-{others[-1]}")
    assert bob.page.locator(f"#panel #folder-{oldest}").count() == 0
    bob.page.click("#panel .tree__more a")
    bob.see(f"#panel #folder-{oldest}")
    bob.page.wait_for_timeout(1500)  # the stream looks there by now
    lone.call("rename_folder", oldest, "Renamed far down")
    bob.see(f"#panel #folder-{oldest}", "Renamed far down")
    bob.page.fill("#panel [type=search]", "far down")
    bob.page.locator("#panel .tree__row").nth(1).wait_for(state="detached")
    bob.page.wait_for_timeout(1500)
    lone.call("rename_folder", oldest, "Found far down")
    bob.see(f"#panel #folder-{oldest}", "Found far down")
    assert bob.never_reloaded
