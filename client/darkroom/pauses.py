"""How long to wait before one tries again."""

from __future__ import annotations

import asyncio
import random

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 5.0


class Pauses:
    """Each longer than the last, and none quite like another's."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._next = FIRST_PAUSE_SECONDS

    async def wait(self, at_least: float = 0.0) -> None:
        await asyncio.sleep(max(at_least, self._next * random.uniform(0.7, 1.3)))
        self._next = min(LONGEST_PAUSE_SECONDS, self._next * 1.6)
