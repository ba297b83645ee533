"""The process of ``tests.chaos.audience``, as the one who started it sees it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.servers import ROOT


class Audience:
    """A process of viewers."""

    def __init__(self, config: dict[str, Any], log: Path) -> None:
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.audience", json.dumps(config)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT,
            )  # fmt: skip
        self._lock = asyncio.Lock()
        self.log = log

    async def ask(self, word: str) -> dict[str, Any]:
        async with self._lock:
            return await asyncio.to_thread(self._ask, word)

    def _ask(self, word: str) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        if not (line := self.process.stdout.readline()):
            raise RuntimeError(f"The viewers have ended:\n{self.log.read_text()[-4000:]}")
        return json.loads(line)

    def send_signal(self, number: int) -> None:
        self.process.send_signal(number)

    def close(self) -> None:
        self.process.kill()
        self.process.wait(20)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
