"""How far a loop is, in the manner of tqdm."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Protocol, TypeVar

Step = TypeVar("Step")

ESTIMATE_SECONDS = 1.0  # between two estimates of the time left


class Report(Protocol):
    def __call__(
        self, percent: float | None, message: str | None = None, seconds_left: float | None = None
    ) -> None: ...


def track(
    steps: Iterable[Step], total: int | None, message: str, report: Report, check: Callable[[], None]
) -> Iterator[Step]:
    """Each step, with a report after it; ``check`` may raise where nobody wants the result any more."""
    if total is None:
        total = len(steps) if isinstance(steps, Sized) else None
    began = estimated = time.monotonic()
    words = f"{message} " if message else ""
    check()
    if total:
        report(0.0, f"{words}0 of {total}")
    for done, step in enumerate(steps, 1):
        yield step
        check()
        if not total:
            report(None, f"{words}{done}")
            continue
        now = time.monotonic()
        left = None
        if now - estimated >= ESTIMATE_SECONDS:
            estimated = now
            left = round(max(0.0, (now - began) / done * (total - done)), 1)
        report(min(100.0, round(100 * done / total, 1)), f"{words}{done} of {total}", left)
