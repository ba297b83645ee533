"""What a frame for a folder's 100 viewers costs while 4,000 viewers of other folders are connected, and while not."""

from __future__ import annotations

from tests.benchmarks.crowd import crowd
from tests.benchmarks.fan_out import gallery, send_frames
from tests.benchmarks.figures import TIMES, Figure, median, shown
from tests.benchmarks.parts import allow_many_sockets, cpu_seconds, leave_the_first_core, settle

VIEWERS = 100
OTHERS = 4_000
FRAMES = 60
BAR = 1.3


def measure() -> list[Figure]:
    """One figure for each server."""
    leave_the_first_core()
    allow_many_sockets()
    return [_measure(kind) for kind in ("uvicorn", "daphne")]


def _measure(kind: str) -> Figure:
    costs: dict[str, list[float]] = {"alone": [], "others": []}
    delivered = 0
    with gallery(kind) as subject, crowd() as viewers:
        viewers.open(subject.url, subject.origin, VIEWERS)
        viewers.ask("next_frame", seconds=1)
        for situation in ("alone", "others"):
            if situation == "others":
                each = OTHERS // len(subject.other_urls)
                for url in subject.other_urls:
                    viewers.open(url, subject.origin, each, group="others")
            settle(subject.pid)
            for _ in range(3):
                before = cpu_seconds(subject.pid)
                came = send_frames(subject, viewers, FRAMES)
                delivered += came
                costs[situation].append(1e6 * (cpu_seconds(subject.pid) - before) / came)
    share = delivered / (6 * FRAMES * VIEWERS)
    return Figure(
        f"{kind}, cost of a frame for {VIEWERS} viewers, {OTHERS:,} viewers of other folders connected",
        median(costs["others"]) / median(costs["alone"]),
        TIMES,
        BAR,
        detail=f"{shown(min(costs['others']))} µs a frame, alone {shown(min(costs['alone']))} µs",
        failed="" if share == 1 else f"{share:.1%} delivered",
    )
