"""What the benchmarks share: a Darkroom of their own, cores of their own, and the CPU and memory of a process."""

from __future__ import annotations

import atexit
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import httpx

from tests.backstage import Backstage
from tests.servers import Process, Server, free_port, run_command, server_environment

KIB = 1024

SEED = """
from django.contrib.auth import get_user_model
from gallery.services.folders import create_folder
from gallery.services.tokens import create_token
worker = get_user_model().objects.create_user("worker")
folder = create_folder(worker, name="Benchmark", visibility="public")
others = ",".join(create_folder(worker, name="Another", visibility="public").id for _ in range(40))
print("SEEDED", folder.id, others, create_token("benchmark", worker, folder=folder)[1])
"""


@dataclass
class Darkroom:
    """A server with public folders and a worker's token for the first."""

    server: Server
    folder_id: str
    other_folder_ids: list[str]
    token: str
    _backstages: list[Backstage] = field(default_factory=list)

    @property
    def pid(self) -> int:
        return self.server.process.popen.pid

    @property
    def stream(self) -> str:
        return self.stream_of(self.folder_id)

    def stream_of(self, folder_id: str) -> str:
        return f"{self.server.ws}/ws/folders/{folder_id}/"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @cached_property
    def backstage(self) -> Backstage:
        """Another process on the same database."""
        self._backstages.append(Backstage(self.server.env, self.server.folder / "backstage.log"))
        return self._backstages[0]

    def post(self, *events: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
        """Say events as arrays at the HTTP door; raises where one is refused."""
        array = [{"type": event, "payload": payload} for event, payload in events]
        answers = []
        for start in range(0, len(array), 500):
            said = array[start : start + 500]
            done = httpx.post(f"{self.server.http}/api/notify", json=said, headers=self.headers, timeout=60)
            answers += done.raise_for_status().json()
        refused = [answer for answer in answers if answer["type"] != "ack"]
        if refused:
            raise RuntimeError(f"An event was refused: {refused[0]}")
        return answers

    def begin(self, items: int, batch_id: str = "b", **fields: Any) -> list[str]:
        """A batch with so many items at work; their ids."""
        ids = [f"{batch_id}-{number}" for number in range(items)]
        item = {"name": "Item", "type": "image", "isPending": True} | fields
        self.post(
            ("batch:start", {"batchId": batch_id, "total": items, "label": "Benchmark"}),
            *(("batch:progress", {"batchId": batch_id, "item": item | {"id": key}}) for key in ids),
        )
        return ids


@contextmanager
def darkroom(kind: str, **settings: str) -> Iterator[Darkroom]:
    """A fresh one on ``daphne`` or ``uvicorn``, on the first core; ``settings`` as its environment has them."""
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as folder:
        env = server_environment(Path(folder), **settings)
        if "DATABASE_URL" in settings:
            seeded = _seed(env)
        else:
            database, seeded = _sqlite_template()
            shutil.copy(database, folder)
        folder_id, others, token = seeded
        with on_core(0):
            server = Server(kind, env, Path(folder)).start()
        room = Darkroom(server, folder_id, others.split(","), token)
        try:
            yield room
        finally:
            for backstage in room._backstages:
                backstage.close()
            if server.is_alive:
                server.kill()


def _seed(env: dict[str, str]) -> list[str]:
    run_command(env, "migrate", "--verbosity=0")
    [line] = [line for line in run_command(env, "shell", "-c", SEED).splitlines() if line.startswith("SEEDED")]
    return line.split()[1:]


@cache
def _sqlite_template() -> tuple[Path, list[str]]:
    """A database that is copied instead of made again and again."""
    folder = Path(tempfile.mkdtemp(prefix="darkroom-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder / "db.sqlite3", _seed(server_environment(folder))


@contextmanager
def yardstick(*command: str) -> Iterator[tuple[int, int]]:
    """A server of this folder on the first core, ``{port}`` filled in: its process id and its port."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        with on_core(0):
            filled = [part.format(port=port) for part in command]
            process = Process([sys.executable, "-m", *filled], Path(folder) / "log")
        try:
            process.wait_for(lambda: listens(process.popen.pid, port), command[0])
            yield process.popen.pid, port
        finally:
            process.kill()


def listens(pid: int, port: int) -> bool:
    """Whether somebody may connect, asked without doing so."""
    wanted = f":{port:04X} 00000000:0000 0A"
    return any(wanted in line for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines())


@contextmanager
def broadcast_server() -> Iterator[tuple[int, int]]:
    """The bare server of the yardstick: its process id and its port."""
    with yardstick("tests.benchmarks.broadcast_server", "{port}") as started:
        yield started


@contextmanager
def on_core(number: int) -> Iterator[None]:
    """What is started meanwhile runs on that core alone, where there are two."""
    cores = sorted(os.sched_getaffinity(0))
    if len(_all_cores) > number and len(_all_cores) > 1:
        os.sched_setaffinity(0, {_all_cores[number]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


_all_cores = sorted(os.sched_getaffinity(0))


def leave_the_first_core() -> None:
    """This process, and the viewers that it starts, run where the server does not."""
    if len(_all_cores) > 1:
        os.sched_setaffinity(0, _all_cores[1:])


def allow_many_sockets() -> int:
    """Raise the limit of open files as far as may be; the servers that are started later inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far, all of its threads (Linux: the process's own clock)."""
    return time.clock_gettime((~pid << 3) | 2)


def memory(pid: int) -> int:
    """Proportional set size in bytes: what would be free again if the process went."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    [kibibytes] = [line.split()[1] for line in lines if line.startswith("Pss:")]
    return int(kibibytes) * KIB


def own_memory(pid: int) -> int:
    """Resident bytes that no file stands behind: heaps, stacks and arenas.

    Unlike ``memory`` it stays the same when another process that shares the libraries begins or ends.
    """
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    [kibibytes] = [line.split()[1] for line in lines if line.startswith("RssAnon:")]
    return int(kibibytes) * KIB


def settle(pid: int, seconds: float = 8.0) -> None:
    """Wait until the process has hardly anything to do, or no less than 5,000 idle viewers give it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        before = cpu_seconds(pid)
        time.sleep(0.5)
        if cpu_seconds(pid) - before < 0.04:
            return
