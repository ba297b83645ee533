"""What the demo's worker does that a person sees only after hours, or from the admin."""

from __future__ import annotations

import time
from typing import Any

import httpx

from tests.demo.test_asking_the_worker import browser  # noqa: F401
from tests.demo.test_demo import PATIENCE, Demo, demo  # noqa: F401

KEPT = 300
QUIET_SECONDS = 6.0  # in which a worker at the tests' speed would have begun a batch


def all_items(demo: Demo) -> list[dict[str, Any]]:  # noqa: F811
    found, cursor = [], ""
    while cursor is not None:
        page = demo.get(f"/api/folders/first-light/items?limit=200&cursor={cursor}")
        found += page["items"]
        cursor = page.get("next")
    return found


def ask_of_token(browser: httpx.Client, action: str) -> str:  # noqa: F811
    """An action of the admin's list of tokens; returns what it says."""
    listed = browser.get("/admin/gallery/workertoken/").text
    [key, *_] = [part.split('"')[0] for part in listed.split('name="_selected_action" value="')[1:]]
    data = {"action": action, "_selected_action": key, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    answer = browser.post("/admin/gallery/workertoken/", data=data, headers={"Referer": str(browser.base_url)})
    assert answer.status_code == 200
    return answer.text


def test_it_keeps_room_drains_and_takes_a_revoked_token(demo: Demo, browser: httpx.Client) -> None:  # noqa: F811
    # Of its own pictures it keeps the newest; somebody else's stay.
    start = {"batchId": "demo-long-ago", "total": KEPT, "label": "Long ago"}
    others = {"batchId": "somebody", "total": 1, "label": "Somebody's"}
    events = [("batch:start", start), ("batch:start", others)]
    for number in range(KEPT):
        item = {"id": f"demo-long-ago-{number}", "name": f"Old {number}", "type": "image"}
        events.append(("batch:progress", {"batchId": "demo-long-ago", "item": item}))
    events.append(("batch:progress", {"batchId": "somebody", "item": {"id": "theirs", "name": "T", "type": "image"}}))
    demo.tell([{"type": kind, "payload": payload} for kind, payload in events])

    def room_is_made() -> bool:
        ids = [item["id"] for item in all_items(demo)]
        assert "theirs" in ids
        old = sum(id.startswith("demo-long-ago-") for id in ids)
        return old < KEPT and sum(id.startswith("demo-") for id in ids) <= KEPT + 20  # and those of the batch at work

    demo.wait_for(room_is_made, 90)

    # Asked to drain, it ends what it has begun, and begins nothing more.
    assert "asked to drain" in ask_of_token(browser, "drain")

    def batches() -> set[str]:
        return {item["batchId"] for item in all_items(demo)}

    demo.wait_for(lambda: not [item for item in all_items(demo) if item["isPending"]], 90)
    time.sleep(1.0)
    before = batches()
    time.sleep(QUIET_SECONDS * PATIENCE)
    assert batches() == before

    # A token that is revoked ends the worker, not the gallery.
    ask_of_token(browser, "revoke")
    demo.wait_for(lambda: "token no longer works" in demo.output.read_text(), 30)
    assert browser.get("/").status_code == 200
