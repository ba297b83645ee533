"""What the benchmarks share: a Darkroom of their own, a process of viewers, and the CPU that a process has used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers import Process, Server, free_port, run_command, server_environment

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")

SEED = """
from django.contrib.auth import get_user_model
from gallery.services.folders import create_folder
from gallery.services.tokens import create_token
worker = get_user_model().objects.create_user("worker")
folder = create_folder(worker, name="Benchmark", visibility="public")
print("SEEDED", folder.id, create_token("benchmark", worker, folder=folder)[1])
"""


@dataclass
class Darkroom:
    """A server on SQLite with one public folder and a worker's token."""

    server: Server
    folder_id: str
    token: str

    @property
    def pid(self) -> int:
        return self.server.process.popen.pid

    @property
    def stream(self) -> str:
        return f"{self.server.ws}/ws/folders/{self.folder_id}/?after=0"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@contextmanager
def darkroom(kind: str) -> Iterator[Darkroom]:
    """A fresh one on ``daphne`` or ``uvicorn``."""
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as folder:
        env = server_environment(Path(folder))
        run_command(env, "migrate", "--verbosity=0")
        [line] = [line for line in run_command(env, "shell", "-c", SEED).splitlines() if line.startswith("SEEDED")]
        _, folder_id, token = line.split()
        server = Server(kind, env, Path(folder)).start()
        try:
            yield Darkroom(server, folder_id, token)
        finally:
            server.kill()


@contextmanager
def broadcast_server() -> Iterator[tuple[int, int]]:
    """The bare server of the yardstick: its process id and its port."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.benchmarks.broadcast_server", str(port)]
        process = Process(command, Path(folder) / "log")
        try:
            yield process.popen.pid, port
        finally:
            process.kill()


@contextmanager
def viewers(url: str, origin: str, count: int) -> Iterator[Viewers]:
    """A process that holds ``count`` pages open."""
    opened = Viewers(url, origin, count)
    try:
        yield opened
    finally:
        opened.process.kill()
        opened.process.wait()


class Viewers:
    """Counts what its pages receive."""

    def __init__(self, url: str, origin: str, count: int) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.viewers", url, origin, str(count)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        said = self.process.stdout.readline().strip()
        if said != "open":
            raise RuntimeError(f"The viewers could not open their pages: {said}")

    def count(self) -> dict[str, int]:
        """Frames and bytes since the last call."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND
