"""What a folder's page with 60 cards costs the server, beside an answer that is empty."""

from __future__ import annotations

import httpx

from tests.benchmarks.figures import Figure, shown
from tests.benchmarks.parts import Darkroom, cpu_seconds, darkroom, leave_the_first_core
from tests.servers import run_command

ITEMS = 60
REQUESTS = 60

COUNT_QUERIES = """
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
client = Client(headers={{"host": "127.0.0.1"}})
client.get("{path}")
with CaptureQueriesContext(connection) as captured:
    answer = client.get("{path}")
assert answer.status_code == 200 and answer.content.count(b'id="item-b-') >= {items}
print("QUERIES", len(captured))
"""


def measure() -> list[Figure]:
    """CPU milliseconds a page on both servers, and the queries behind it."""
    leave_the_first_core()
    figures = []
    for kind in ("uvicorn", "daphne"):
        with darkroom(kind) as room:
            items = room.begin(ITEMS)
            room.post(*(("item:update", {"itemId": key, "status": "complete"}) for key in items[: ITEMS // 2]))
            path = f"/folders/{room.folder_id}/"
            page, empty = min(_cost(room, path) for _ in range(3)), min(_cost(room, "/healthz") for _ in range(3))
            detail = f"{shown(page / empty)} times an empty answer ({shown(empty)} ms)"
            figures.append(Figure(f"{kind}, a page of {ITEMS} cards: server CPU", page, "ms", detail=detail))
            if kind == "daphne":
                about = f"a page of {ITEMS} cards, nobody signed in"
                figures.append(Figure(about, _queries(room, path), "queries"))
    return figures


def _cost(room: Darkroom, path: str) -> float:
    with httpx.Client(base_url=room.server.http) as client:
        client.get(path).raise_for_status()
        before = cpu_seconds(room.pid)
        for _ in range(REQUESTS):
            client.get(path).raise_for_status()
        return 1000 * (cpu_seconds(room.pid) - before) / REQUESTS


def _queries(room: Darkroom, path: str) -> int:
    said = run_command(room.server.env, "shell", "-c", COUNT_QUERIES.format(path=path, items=ITEMS))
    [line] = [line for line in said.splitlines() if line.startswith("QUERIES")]
    return int(line.split()[1])
