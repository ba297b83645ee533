"""The process of viewers, seen from the benchmark: ``with crowd() as viewers: viewers.open(url, origin, 1_000)``."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Viewers:
    """Asks the other process; every method of its ``Crowd`` is one here."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.viewers"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, question: str, **arguments: Any) -> Any:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([question, arguments]) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or '{"error": "the viewers have ended"}')
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    def open(self, url: str, origin: str, count: int, **options: Any) -> int:
        return self.ask("open", url=url, origin=origin, count=count, **options)

    def count(self, group: str = "") -> dict[str, int]:
        """What came since the last call."""
        return self.ask("count", group=group)

    def wait_for(self, revision: int, seconds: float = 30.0) -> float:
        """Until every page stands there; the seconds that it took, to about 20 ms."""
        started = time.monotonic()
        while self.ask("lowest") < revision:
            if time.monotonic() - started > seconds:
                return float("inf")
            time.sleep(0.02)
        return time.monotonic() - started


@contextmanager
def crowd() -> Iterator[Viewers]:
    viewers = Viewers()
    try:
        yield viewers
    finally:
        viewers.process.kill()
        viewers.process.communicate()
