"""What one frame costs the server for each page that receives it, and what each page costs that only waits.

Beside it, in the same round, the same bytes from a bare ``websockets.broadcast`` server and from a Channels group.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from websockets.sync.client import ClientConnection, connect

from tests.benchmarks.crowd import Viewers, crowd
from tests.benchmarks.figures import TIMES, Figure, median, shown
from tests.benchmarks.parts import (
    KIB,
    allow_many_sockets,
    broadcast_server,
    cpu_seconds,
    darkroom,
    leave_the_first_core,
    memory,
    settle,
    yardstick,
)
from tests.servers import SERVERS

SIZES = (100, 1_000, 5_000)
GROUP_SIZES = (100, 1_000)
ROUNDS = 3
FRAMES = {100: 48, 1_000: 32, 5_000: 12}
GROUP_FRAMES = 8
WARM_UP = 3
LONGEST_WAIT = 20.0  # seconds for one frame to reach all

BARS = {"uvicorn": {"bare": 2, "group": 15, "memory": 40}, "daphne": {"bare": 6, "group": 8, "memory": 60}}
GROWTH_BAR = 1.5
FULL_FRAME = '<div id="revision" data-revision="1" hidden></div>'


@dataclass
class Cost:
    """Microseconds of server CPU a delivered frame, and KiB of memory a page that waits."""

    frame: float
    memory: float
    delivered: float  # 1: all of it
    size: float  # bytes of a frame


Costs = dict[tuple[str, int], list[Cost]]


@dataclass
class Subject:
    """A server under measurement: its process, where its pages stream, and how one frame is made.

    Each frame is sent when all pages have the one before: so each event is a frame, at the pace that the server keeps.
    """

    pid: int
    url: str
    origin: str
    sender: ClientConnection
    text: Callable[[int], str]
    other_urls: list[str] = field(default_factory=list)  # streams of other folders


def measure() -> list[Figure]:
    """Three alternating rounds: medians of ratios, best of absolute figures."""
    leave_the_first_core()
    sizes = [size for size in SIZES if size + 100 <= allow_many_sockets()]
    costs: Costs = defaultdict(list)
    for _ in range(ROUNDS):
        one_round(costs, sizes)
    return [*_beside_the_yardsticks(costs), *_growth(costs, sizes), *_memory(costs), *_all(costs)]


def one_round(costs: Costs, sizes: list[int]) -> None:
    frame_size = 900.0
    for kind in ("uvicorn", "daphne"):
        with gallery(kind) as subject:
            _fill(costs, kind, subject, sizes, FRAMES)
        frame_size = costs[kind, 1_000][-1].size
    with bare(int(frame_size)) as subject:
        _fill(costs, "bare", subject, sizes, FRAMES)
    for kind in ("uvicorn", "daphne"):
        with group(kind, int(frame_size)) as subject:
            frames = dict.fromkeys(GROUP_SIZES, GROUP_FRAMES)
            _fill(costs, f"group on {kind}", subject, list(GROUP_SIZES), frames)


def _fill(costs: Costs, name: str, subject: Subject, sizes: list[int], frames: dict[int, int]) -> None:
    with crowd() as viewers:
        so_far, held_before = 0, 0
        for size in sizes:
            viewers.open(subject.url, subject.origin, size - so_far)
            settle(subject.pid)
            viewers.ask("next_frame", seconds=0)  # what came when they opened does not count
            # Of the first hundred much is the process's own, which it needs once: only what more of them add is theirs.
            held, held_before = (memory(subject.pid) - held_before) / KIB / (size - so_far), memory(subject.pid)
            so_far = size
            send_frames(subject, viewers, WARM_UP)
            viewers.count()
            before = cpu_seconds(subject.pid)
            delivered = send_frames(subject, viewers, frames[size])
            spent = cpu_seconds(subject.pid) - before
            came = viewers.count()
            cost = 1e6 * spent / came["frames"]
            costs[name, size].append(Cost(cost, held, delivered / size / frames[size], came["bytes"] / came["frames"]))


def send_frames(subject: Subject, viewers: Viewers, frames: int) -> int:
    """One after the other, each when all have the one before; returns how many were delivered."""
    delivered = 0
    for number in range(frames):
        subject.sender.send(subject.text(number))
        subject.sender.recv()
        delivered += viewers.ask("next_frame", seconds=LONGEST_WAIT)
    return delivered


@contextmanager
def gallery(kind: str) -> Iterator[Subject]:
    with darkroom(kind) as room:
        room.begin(1)
        url = f"{room.server.ws}/ws/notify/"
        with connect(url, additional_headers=room.headers, compression=None) as worker:

            def progress(number: int) -> str:
                payload = {"itemId": "b-0", "status": "processing", "progress": number % 100, "message": f"{number}"}
                return json.dumps({"type": "item:update", "payload": payload})

            others = [room.stream_of(folder_id) for folder_id in room.other_folder_ids]
            yield Subject(room.pid, room.stream, room.server.http, worker, progress, others)


@contextmanager
def bare(frame_size: int) -> Iterator[Subject]:
    with broadcast_server() as (pid, port), _sender(pid, port, frame_size) as subject:
        yield subject


@contextmanager
def group(kind: str, frame_size: int) -> Iterator[Subject]:
    command = [part.replace("gallery_project.asgi", "tests.benchmarks.group_server") for part in SERVERS[kind][1:]]
    with yardstick(*command) as (pid, port), _sender(pid, port, frame_size) as subject:
        yield subject


@contextmanager
def _sender(pid: int, port: int, frame_size: int) -> Iterator[Subject]:
    frame = "x" * (frame_size - len(FULL_FRAME)) + FULL_FRAME
    url = f"ws://127.0.0.1:{port}/"
    with connect(f"{url}send", compression=None) as sender:
        yield Subject(pid, url, f"http://127.0.0.1:{port}", sender, lambda _: frame)


def _failed(*costs: list[Cost]) -> str:
    worst = min(cost.delivered for each in costs for cost in each)
    return "" if worst == 1 else f"{worst:.0%} delivered"


def _ratio(above: list[Cost], below: list[Cost]) -> float:
    return median([one.frame / other.frame for one, other in zip(above, below, strict=True)])


def _best(costs: list[Cost]) -> float:
    return min(cost.frame for cost in costs)


def _beside_the_yardsticks(costs: Costs) -> Iterator[Figure]:
    bare_costs = costs["bare", 1_000]
    for kind, bars in BARS.items():
        ours, groups = costs[kind, 1_000], costs[f"group on {kind}", 1_000]
        detail = f"{shown(_best(ours))} µs a frame of {ours[0].size:.0f} bytes, acknowledgements included"
        yield Figure(
            f"{kind}, 1,000 viewers, beside bare `websockets.broadcast`",
            _ratio(ours, bare_costs),
            TIMES,
            bars["bare"],
            detail=f"{detail}; bare {shown(_best(bare_costs))} µs",
            failed=_failed(ours, bare_costs),
        )
        yield Figure(
            f"{kind}, 1,000 viewers, cheaper than a group of consumers",
            _ratio(groups, ours),
            TIMES,
            bars["group"],
            at_least=True,
            detail=f"group {shown(_best(groups))} µs",
            failed=_failed(ours, groups),
        )


def _growth(costs: Costs, sizes: list[int]) -> Iterator[Figure]:
    for kind in BARS:
        few, many = costs[kind, sizes[0]], costs[kind, sizes[-1]]
        yield Figure(
            f"{kind}, cost of a frame from {sizes[0]:,} to {sizes[-1]:,} viewers",
            _ratio(many, few),
            TIMES,
            GROWTH_BAR,
            detail=", ".join(f"{size:,}: {shown(_best(costs[kind, size]))} µs" for size in sizes),
            failed=_failed(few, many),
        )


def _memory(costs: Costs) -> Iterator[Figure]:
    for kind, bars in BARS.items():
        held = {size: median([cost.memory for cost in costs[kind, size]]) for _, size in costs if (kind, size) in costs}
        bare_held = median([cost.memory for cost in costs["bare", 1_000]])
        others = ", ".join(f"{shown(held[size])} KiB from 1,000 to {size:,}" for size in held if size > 1_000)
        yield Figure(
            f"{kind}, memory of an idle viewer (from 100 to 1,000)",
            held[1_000],
            "KiB",
            bars["memory"],
            detail=f"{shown(held[1_000] / bare_held)} times the bare server's ({shown(bare_held)} KiB); {others}",
        )


def _all(costs: Costs) -> Iterator[Figure]:
    """What is behind it, for the plot: best of all rounds."""
    for (name, size), each in costs.items():
        yield Figure(f"cost: {name}, {size:,} viewers", _best(each), "µs a frame", failed=_failed(each))
