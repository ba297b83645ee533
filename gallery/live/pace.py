"""How long a hub rests after it has sent: what arrives meanwhile leaves together, as one frame."""

from __future__ import annotations

import time
from collections.abc import Callable

SHORTEST_TICK = 0.05  # seconds
LONGEST_TICK = 0.25  # seconds
# The share of a core that a hub may take for sending: what the rest of the process leaves of a core that shall not be
# full. With many viewers it decides how late they are, and where events come thick, how much is left to take them.
FULL = 0.55
MOST = 0.5
LEAST = 0.06
MEMORY = 0.2  # weight of the newest measurement


class Pace:
    """One hub's; it measures what the process does besides."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter, cpu: Callable[[], float] = time.process_time):
        self._clock, self._cpu = clock, cpu
        self._at, self._spent = clock(), cpu()
        self._other = 0.0  # cores that the process takes for all but this hub's sending

    def rest(self, sending: float) -> float:
        """Seconds to rest after ``sending`` seconds of processor time."""
        now, spent = self._clock(), self._cpu()
        passed = now - self._at
        if passed > 0:
            other = max(0.0, spent - self._spent - sending) / passed
            self._other += MEMORY * (other - self._other)
        self._at, self._spent = now, spent
        share = min(MOST, max(LEAST, FULL - self._other))
        return min(LONGEST_TICK, max(SHORTEST_TICK, sending * (1 / share - 1)))
