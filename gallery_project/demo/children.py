"""The demo's processes: started apart from the terminal's group, ended together, none left behind."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

END_SECONDS = 6.0  # to end by itself; after that it is killed
PR_SET_PDEATHSIG = 1


class Children:
    """Processes by name. A session of its own keeps the terminal's Ctrl-C from reaching them before we say so."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, module: str, *arguments: str, stdout: int | None = None) -> subprocess.Popen[bytes]:
        self._running[name] = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )
        return self._running[name]

    def exit_code(self, name: str) -> int | None:
        """None while it runs."""
        return self._running[name].poll()

    def end(self, *names: str) -> None:
        """Ask each to end, in this order, and see to it that it does."""
        for name in names:
            process = self._running.pop(name, None)
            if process is None or process.poll() is not None:
                continue
            process.terminate()
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Interruption:
    """Whether somebody wants the end: Ctrl-C, a closed terminal, ``kill``."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self.wanted = False
        for number in self.SIGNALS:
            signal.signal(number, self._want)

    def _want(self, number: int, frame: object) -> None:
        self.wanted = True

    def wait(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """True when ``until`` came true in that time; at once False when the end is wanted."""
        deadline = time.monotonic() + seconds
        while not self.wanted and time.monotonic() < deadline:
            if until():
                return True
            time.sleep(0.05)
        return False


def _end_with_parent() -> None:
    """Even where the demo itself is killed outright, nothing goes on in the background (Linux only)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
