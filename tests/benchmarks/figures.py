"""A measured figure, and whether it keeps its bar."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

SLACK = 1.3  # ratios of one run to another of the same minute are allowed this much noise
TIMES = "times"  # the unit of a ratio


@dataclass(frozen=True)
class Figure:
    """``value`` in ``unit``; ``bar`` is the most that it may be, or the least where ``at_least``."""

    what: str
    value: float
    unit: str
    bar: float | None = None
    at_least: bool = False
    detail: str = ""  # the yardstick of the same run, and the absolute figures behind a ratio
    failed: str = ""  # why the run does not count

    @property
    def share(self) -> float | None:
        """How much of what the bar allows is used: above 1 it is missed."""
        if self.bar is None:
            return None
        return self.bar / self.value if self.at_least else self.value / self.bar

    @property
    def verdict(self) -> str:
        """One word or two for the table."""
        if self.failed:
            return f"failed: {self.failed}"
        if self.share is None:
            return ""
        if self.share <= 1:
            return "kept"
        return "kept within the slack" if self.unit == TIMES and self.share <= SLACK else "**missed**"

    @property
    def shown(self) -> str:
        return f"{shown(self.value)} {self.unit}"

    @property
    def shown_bar(self) -> str:
        return "" if self.bar is None else f"{'at least' if self.at_least else 'at most'} {shown(self.bar)}"

    def __str__(self) -> str:
        bar = f" ({self.shown_bar}: {self.verdict.strip('*')})" if self.bar is not None or self.failed else ""
        return f"{self.what}: {self.shown}{bar}{'; ' if self.detail else ''}{self.detail}"


def shown(value: float) -> str:
    """Three figures are all that a measurement is worth."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2g}" if value >= 1 or value == 0 else f"{value:.2f}"


def quantile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)
