"""What a folder's page with 60 cards costs the server, for somebody signed in, beside an answer that is empty."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import httpx

from tests.benchmarks.figures import Figure, shown
from tests.benchmarks.parts import Darkroom, cpu_seconds, darkroom, leave_the_first_core
from tests.servers import run_command

ITEMS = 60
REQUESTS = 60
FRESH_FOLDERS = 36  # of which each page is asked for once, in three rounds
COLD_BAR_MS, KEPT_BAR_MS, QUERIES_BAR = 15, 8, 6
PART = {"Darkroom-Part": "live"}

SIGN_IN = """
from django.contrib.auth import get_user_model
from django.test import Client
client = Client()
client.force_login(get_user_model().objects.get())
print("SESSION", client.cookies["sessionid"].value)
"""

COUNT_QUERIES = """
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
client = Client(headers={{"host": "127.0.0.1"}})
client.force_login(get_user_model().objects.get())
for word in ("FIRST", "KEPT"):
    with CaptureQueriesContext(connection) as captured:
        answer = client.get("{path}")
    assert answer.status_code == 200 and answer.content.count(b'id="item-b-') >= {items}
    print(word, len(captured))
"""


def measure() -> list[Figure]:
    """CPU milliseconds a page on both servers, and the queries behind it."""
    leave_the_first_core()
    figures = []
    for kind in ("uvicorn", "daphne"):
        with darkroom(kind) as room:
            finish(room, room.begin(ITEMS))
            fresh = [f"/folders/{folder_id}/" for folder_id in room.other_folder_ids[:FRESH_FOLDERS]]
            for number, folder_id in enumerate(room.other_folder_ids[:FRESH_FOLDERS]):
                finish(room, fill(room, folder_id, f"f{number}"))
            path = f"/folders/{room.folder_id}/"
            cookies = {"sessionid": said(room, SIGN_IN, "SESSION")}
            with httpx.Client(base_url=room.server.http, cookies=cookies) as browser:
                empty = _best(room, partial(browser.get, "/healthz"))
                browser.get(path).raise_for_status()
                cold = min(cost(room, browser, fresh[start::3]) for start in range(3))
                kept = _best(room, partial(browser.get, path))
                part = _best(room, partial(browser.get, path, headers=PART))
            about = f"{kind}, a page of {ITEMS} cards, signed in"
            figures += [
                _figure(f"{about}: server CPU where nobody has asked for it before", cold, empty, COLD_BAR_MS),
                _figure(f"{about}: where somebody has", kept, empty, KEPT_BAR_MS),
                _figure(f"{about}: the part that an open page fetches again", part, empty),
            ]
            if kind == "daphne":
                for word, when in (("FIRST", "where nobody has asked for it before"), ("KEPT", "where somebody has")):
                    queries = int(said(room, COUNT_QUERIES.format(path=path, items=ITEMS), word))
                    what = f"a page of {ITEMS} cards, signed in, {when}"
                    figures.append(Figure(what, queries, "queries", QUERIES_BAR))
    return figures


def _figure(what: str, cost: float, empty: float, bar: float | None = None) -> Figure:
    detail = f"{shown(cost / empty)} times an empty answer ({shown(empty)} ms)"
    return Figure(what, cost, "ms", bar, detail=detail)


def fill(room: Darkroom, folder_id: str, batch_id: str) -> list[str]:
    ids = [f"{batch_id}-{number}" for number in range(ITEMS)]
    item = {"name": "Item", "type": "image", "isPending": True}
    start = {"batchId": batch_id, "total": ITEMS, "label": "Benchmark", "targetFolderId": folder_id}
    items = [("batch:progress", {"batchId": batch_id, "item": item | {"id": key}}) for key in ids]
    room.post(("batch:start", start), *items)
    return ids


def finish(room: Darkroom, items: list[str]) -> None:
    """Half of them."""
    room.post(*(("item:update", {"itemId": key, "status": "complete"}) for key in items[: ITEMS // 2]))


def _best(room: Darkroom, ask: Callable[[], httpx.Response]) -> float:
    """Milliseconds of CPU for one, the best of three rounds."""
    ask().raise_for_status()
    return min(_spent(room, [ask] * REQUESTS) for _ in range(3))


def cost(room: Darkroom, browser: httpx.Client, paths: list[str]) -> float:
    return _spent(room, [partial(browser.get, path) for path in paths])


def _spent(room: Darkroom, asks: list[Callable[[], httpx.Response]]) -> float:
    before = cpu_seconds(room.pid)
    for ask in asks:
        ask().raise_for_status()
    return 1000 * (cpu_seconds(room.pid) - before) / len(asks)


def said(room: Darkroom, code: str, word: str) -> str:
    output = run_command(room.server.env, "shell", "-c", code)
    [line] = [line for line in output.splitlines() if line.startswith(word)]
    return line.split()[1]
