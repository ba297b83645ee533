"""What a person asks for in the browser, the demo's worker does."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.demo.test_demo import PATIENCE, Demo, demo  # noqa: F401

STOP_SECONDS = 3.0  # of which the worker has one, the way there and back and the end of its batch the rest


@pytest.fixture
def browser(demo: Demo) -> Iterator[httpx.Client]:  # noqa: F811
    """Ana's, signed in."""
    demo.start()
    demo.wait_for(demo.items, 40)
    with httpx.Client(base_url=demo.url, trust_env=False, follow_redirects=True, timeout=60) as client:
        password = json.loads((demo.data_dir / "accounts.json").read_text())["ana"]
        client.get("/login/")
        answer = client.post(
            "/login/",
            data={"username": "ana", "password": password, "csrfmiddlewaretoken": client.cookies["csrftoken"]},
            headers={"Referer": demo.url},
        )
        assert answer.status_code == 200
        yield client


def press(browser: httpx.Client, path: str) -> int:
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    return browser.post(path, data=token).status_code


def has_ended(demo: Demo, batch_id: str) -> dict[str, Any] | None:  # noqa: F811
    batch = demo.get(f"/api/batches/{batch_id}")
    return None if batch["status"] == "running" else batch


def test_cancel_stops_the_batch_soon_and_the_next_one_comes(demo: Demo, browser: httpx.Client) -> None:  # noqa: F811
    def at_work() -> list[dict[str, Any]]:
        return [item for item in demo.items() if item["isPending"] and item["batchId"]]

    status = "complete"
    while status == "complete":  # it was quicker than we
        batch = demo.wait_for(at_work, 40)[0]["batchId"]
        asked = time.monotonic()
        press(browser, f"/batches/{batch}/cancel/")
        ended = demo.wait_for(lambda batch=batch: has_ended(demo, batch), 20)
        status = ended["status"]
    assert status == "cancelled"
    assert time.monotonic() - asked < STOP_SECONDS * PATIENCE
    assert not [item for item in demo.items() if item["batchId"] == batch and item["isPending"]]
    demo.wait_for(lambda: [item for item in demo.items() if item["batchId"] != batch], 60)


def test_retry_makes_what_failed_with_safer_parameters(demo: Demo, browser: httpx.Client) -> None:  # noqa: F811
    failed = demo.wait_for(lambda: [item for item in demo.items() if item["status"] == "error"], 120)[0]
    assert re.search("diverged", failed["message"])
    assert press(browser, f"/items/{failed['id']}/retry/") == 200
    demo.wait_for(lambda: demo.get(f"/api/items/{failed['id']}")["status"] == "complete", 60)
    assert demo.get(f"/api/items/{failed['id']}")["mediaUrl"]
