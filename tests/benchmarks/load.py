"""1,000 viewers while events come: what it takes of a core, and how late the viewers are.

Beside it what a bare ``websockets.broadcast`` server takes to bring each event to as many viewers.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable
from functools import partial

from websockets.sync.client import ClientConnection, connect

from tests.benchmarks.crowd import Viewers, crowd
from tests.benchmarks.figures import Figure, median, quantile, shown
from tests.benchmarks.parts import (
    allow_many_sockets,
    broadcast_server,
    cpu_seconds,
    darkroom,
    leave_the_first_core,
    settle,
)

VIEWERS = 1_000
ITEMS = 60

STEADY_RATE = 20  # events a second
STEADY_SECONDS = 8.0
STEADY_ROUNDS = 3  # the best counts: one p99 is the second worst of 160 events, and one hiccup of the machine is enough
P99_BARS_MS = {"uvicorn": 120, "daphne": 350}

HEAVY_RATE = 1_000
HEAVY_SECONDS = 8.0
HEAVY_ROUNDS = 3
BURST = 10  # events that leave together, so that the pause between is one that a clock can keep
CORE_BAR_PERCENT = 60
LAST_STATE_BAR_MS = 400

Said = list[tuple[int, float]]  # revision and the moment of its event's send


def measure() -> list[Figure]:
    """p99 at 20 events a second on both servers, then the heavy load on uvicorn."""
    leave_the_first_core()
    allow_many_sockets()
    bare = bare_delays()
    figures = []
    for kind, bar in P99_BARS_MS.items():
        with darkroom(kind) as room, crowd() as viewers:
            items = room.begin(ITEMS)
            viewers.open(room.stream, room.server.http, VIEWERS)
            settle(room.pid)
            with connect(f"{room.server.ws}/ws/notify/", additional_headers=room.headers, compression=None) as worker:
                steadily = [
                    steady(room.pid, viewers, worker, partial(news, items, number)) for number in range(STEADY_ROUNDS)
                ]
                delays, spent = min(steadily, key=lambda round: quantile(round[0], 0.99))
                figures.append(_p99(kind, bar, delays, bare, spent))
                if kind == "uvicorn":
                    rounds = [heavy(room.pid, viewers, worker, items) for _ in range(HEAVY_ROUNDS)]
                    figures += _heavy(rounds)
    return figures


def news(items: list[str], round_number: int, number: int) -> str:
    """What no round has said before: what changes nothing gets no revision."""
    return progress(items, 1_000 * round_number + number)


def progress(items: list[str], number: int) -> str:
    payload = {"itemId": random.choice(items), "status": "processing", "message": f"step {number}"}
    return json.dumps({"type": "item:update", "payload": payload | {"progress": number % 100}})


def bare_delays() -> list[float]:
    with broadcast_server() as (pid, port), crowd() as viewers:
        url = f"ws://127.0.0.1:{port}/"
        viewers.open(url, f"http://127.0.0.1:{port}", VIEWERS)
        with connect(f"{url}send", compression=None) as sender:
            text = f"{'x' * 400}{{}}".format
            return steady(
                pid,
                viewers,
                sender,
                lambda number: text(f'<div id="revision" data-revision="{number + 1}" hidden></div>'),
                lambda _, number: number + 1,
            )[0]


def _revision_of(answer: str, _: int) -> int:
    return json.loads(answer)["revision"]


def steady(
    pid: int,
    viewers: Viewers,
    sender: ClientConnection,
    text: Callable[[int], str],
    revision: Callable[[str, int], int] = _revision_of,
) -> tuple[list[float], float]:
    """Seconds from each event's send to each viewer, and the share of a core meanwhile."""
    viewers.ask("start_record")
    said: Said = []
    started, before = time.monotonic(), cpu_seconds(pid)
    for number in range(int(STEADY_RATE * STEADY_SECONDS)):
        time.sleep(max(0, started + number / STEADY_RATE - time.monotonic()))
        sent = time.monotonic()
        sender.send(text(number))
        said.append((revision(str(sender.recv()), number), sent))
    spent = (cpu_seconds(pid) - before) / (time.monotonic() - started)
    time.sleep(2)
    return viewers.ask("delays", sent=said), spent


def heavy(pid: int, viewers: Viewers, worker: ClientConnection, items: list[str]) -> tuple[float, float, float]:
    """The share of a core, seconds until all viewers have the last state, and the events that were taken a second."""
    viewers.ask("start_record")
    events = int(HEAVY_RATE * HEAVY_SECONDS)
    answers: list[str] = []
    reading = threading.Thread(target=lambda: answers.extend(str(worker.recv()) for _ in range(events)))
    reading.start()
    started, before = time.monotonic(), cpu_seconds(pid)
    for number in range(events):
        if number % BURST == 0:
            time.sleep(max(0, started + number / HEAVY_RATE - time.monotonic()))
        sent = time.monotonic()
        worker.send(progress(items, number))
    spent, took = cpu_seconds(pid) - before, time.monotonic() - started
    reading.join(60)
    receipts = [json.loads(answer) for answer in answers]
    refused = [receipt for receipt in receipts if receipt["type"] != "ack"]
    if refused:
        raise RuntimeError(f"{len(refused)} of {events} events were refused: {refused[0]}")
    last = max(receipt.get("revision", 0) for receipt in receipts)
    time.sleep(2)
    return spent / took, max(viewers.ask("delays", sent=[(last, sent)])), events / took


def _p99(kind: str, bar: float, delays: list[float], bare: list[float], spent: float) -> Figure:
    lost = sum(delay == float("inf") for delay in delays)
    return Figure(
        f"{kind}, {STEADY_RATE} events a second to {VIEWERS:,} viewers: p99 from send to viewer",
        1000 * quantile(delays, 0.99),
        "ms",
        bar,
        detail=f"{shown(quantile(delays, 0.99) / quantile(bare, 0.99))} times the p99 of a bare broadcast "
        f"({shown(1000 * quantile(bare, 0.99))} ms); median {shown(1000 * median(delays))} ms; "
        f"{100 * spent:.0f} % of a core; best of {STEADY_ROUNDS}",
        failed=f"{lost} of {len(delays)} not delivered" if lost else "",
    )


def _heavy(rounds: list[tuple[float, float, float]]) -> list[Figure]:
    about = f"uvicorn, {HEAVY_RATE:,} events a second, {ITEMS} items, {VIEWERS:,} viewers"
    rate = max(each[2] for each in rounds)
    return [
        Figure(
            f"{about}: share of a core",
            100 * min(each[0] for each in rounds),
            "%",
            CORE_BAR_PERCENT,
            detail=f"best of {HEAVY_ROUNDS}; {rate:,.0f} events a second were sent",
        ),
        Figure(
            f"{about}: last state at all after",
            1000 * min(each[1] for each in rounds),
            "ms",
            LAST_STATE_BAR_MS,
            detail=f"best of {HEAVY_ROUNDS}",
        ),
    ]
