"""Two people side by side watch pictures develop, work on one card, and live through a restart."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.people import HttpWorker, Person, restart
from tests.processes.conftest import Gallery, Room
from tests.servers import Server

MOST_SHIFT = 0.02  # of the viewport, from a batch's placeholders to its last picture


def both(person: Callable[..., Person], room: Room) -> list[Person]:
    people = [person("alice"), person("erin")]
    for each in people:
        each.open(room.folder_id)
    return people


def test_a_batch_develops_before_everybody(person: Callable[..., Person], room: Room, worker: HttpWorker) -> None:
    people = both(person, room)
    worker.start("develop", 3)
    for each in people:
        each.see("#batch-develop", "0 of 3")
        for index in range(3):
            each.see(f"#placeholder-develop-{index}")
        each.watch_shifts()

    worker.arrive("develop", "d1", 0)
    for each in people:
        each.see("#item-d1.item--developing")
        each.miss("#placeholder-develop-0")
    worker.put_preview("d1", "#884422")
    worker.say("item:update", itemId="d1", status="processing", progress=40, message="step 8 of 20")
    for each in people:
        each.see("#item-d1-progress", "step 8 of 20")
        each.see("#item-d1-progress [aria-valuenow='40']")
        each.see("#item-d1 img[src*='/preview']")
    worker.put_media("d1", "#ff8844")
    worker.say("item:update", itemId="d1", status="complete")
    for each in people:
        each.see("#item-d1.item--finished img[src*='/thumb']")
        each.see("#batch-develop", "1 of 3")

    worker.arrive("develop", "d2", 1)
    worker.say("item:update", itemId="d2", status="error", message="The lens was <b>fogged</b>.")
    for each in people:
        each.see("#item-d2.item--failed", "The lens was <b>fogged</b>.")
        assert not each.page.locator("#item-d2 b", has_text="fogged").count()
    worker.arrive("develop", "d3", 2)
    worker.put_media("d3", "#2266aa")
    worker.say("item:update", itemId="d3", status="complete")
    worker.say("batch:end", batchId="develop", status="partial", message="One of three failed.")
    for each in people:
        each.see("#item-d3.item--finished img[src*='/thumb']")
        each.see("#batch-develop", "One of three failed.")
        assert each.shifts <= MOST_SHIFT
        assert each.never_reloaded


def test_one_card_two_people(person: Callable[..., Person], room: Room, worker: HttpWorker) -> None:
    alice, erin = both(person, room)
    worker.start("card", 1)
    worker.arrive("card", "c1", 0)
    for each in (alice, erin):
        each.see("#item-c1")

    alice.page.hover("#item-c1")
    alice.page.click("#item-c1 [data-rename]")
    field = alice.see("#item-c1 .item__editor")
    field.fill("Dawn over the harbour")
    field.evaluate("input => input.setSelectionRange(5, 9)")
    erin.see("#lock-c1", "Alice Adams")

    # What the worker says meanwhile arrives, and takes nothing from her.
    for step in range(1, 6):
        worker.say("item:update", itemId="c1", status="processing", progress=step * 10, message=f"step {step}")
    worker.put_preview("c1", "#335577")
    alice.see("#item-c1-progress", "step 5")
    alice.see("#item-c1 img[src*='/preview']")
    kept = alice.page.evaluate(
        "() => { const {value, selectionStart, selectionEnd} = document.activeElement;"
        " return [value, selectionStart, selectionEnd]; }"
    )
    assert kept == ["Dawn over the harbour", 5, 9]

    refused = erin.page.evaluate(
        """async () => {
          const token = document.querySelector("#actions [name=csrfmiddlewaretoken]").value;
          const body = new URLSearchParams({name: "Mine", csrfmiddlewaretoken: token});
          const answer = await fetch("/items/c1/rename/", {method: "POST", body, headers: {"HX-Request": "true"}});
          return [answer.status, await answer.text()];
        }"""
    )
    assert refused[0] == 423
    assert "Alice Adams is editing this item" in refused[1]

    field.press("Enter")
    erin.see("#item-c1 .item__name", "Dawn over the harbour")
    erin.page.wait_for_function("() => !document.querySelector('#lock-c1').textContent.trim()")
    worker.say("item:update", itemId="c1", status="complete", item={"name": "img_0001", "mediaUrl": "/static/x.png"})
    erin.see("#item-c1.item--finished .item__name", "Dawn over the harbour")


def test_messages_reach_everybody(person: Callable[..., Person], room: Room, lone: Gallery) -> None:
    people = both(person, room)
    message = {"id": "break", "text": "Maintenance at <noon>.", "level": "warning"}
    lone.call("notify", "system:message", message)
    for each in people:
        each.see("#message-break", "Maintenance at <noon>.")
    people[0].page.click("#message-break button")
    people[0].miss("#message-break")
    people[0].page.reload()
    people[0].wait_until_live()
    people[1].see("#message-break")
    assert not people[0].page.locator("#message-break:visible").count()


def test_a_restart_loses_nothing(
    person: Callable[..., Person], room: Room, worker: HttpWorker, lone: Gallery, server: Server
) -> None:
    people = both(person, room)
    worker.start("restart", 2)
    worker.arrive("restart", "r1", 0)
    for each in people:
        each.see("#item-r1")
    server.kill()
    for each in people:
        each.see("#connection", "Reconnecting")
    lone.call("notify", "item:update", {"itemId": "r1", "status": "error", "message": "Said while nobody listened."})
    server.start()
    for each in people:
        each.see("#item-r1.item--failed", "Said while nobody listened.")
        each.wait_until_live()
    restart(lone, server)
    worker.arrive("restart", "r2", 1)
    for each in people:
        each.see("#item-r2")
        assert each.never_reloaded


def test_a_person_does_it_all_from_the_pages(person: Callable[..., Person], room: Room, worker: HttpWorker) -> None:
    alice, erin = both(person, room)
    worker.start("acts", 2)
    worker.arrive("acts", "a1", 0)
    worker.say("item:update", itemId="a1", status="error", message="Out of memory.")
    alice.see("#item-a1.item--failed")
    alice.page.hover("#item-a1")
    alice.page.click("#item-a1 >> text=Retry")
    erin.see("#item-a1", "Asked again")
    commands = worker.client.get("/api/commands").json()
    assert [command["type"] for command in commands] == ["item:retry"]

    alice.page.click("#batch-acts >> text=Cancel")
    erin.see("#batch-acts", "Cancelling")
    for back in (True, False):
        alice.page.hover("#item-a1")
        alice.page.click("#item-a1 [formaction$='/remove/']")
        alice.miss("#item-a1")
        erin.miss("#item-a1")
        alice.see(".toast", "is in the trash")
        if back:
            alice.page.click(".toast button")
            erin.see("#item-a1")
            alice.see("#item-a1")

    erin.page.goto(f"{erin.server.http}/")
    erin.wait_until_live()
    alice.page.goto(f"{alice.server.http}/")
    alice.page.click("summary:has-text('folder')")
    alice.page.fill("input[name=name]", "Night shots")
    alice.page.select_option("select[name=visibility]", "public")
    alice.page.press("input[name=name]", "Enter")
    alice.see("h1", "Night shots")
    erin.see("#folders", "Night shots")
