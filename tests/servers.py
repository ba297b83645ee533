"""Real parts for tests: PostgreSQL, Redis, Daphne and uvicorn, each started here and ended here, on free ports.

Every process leads a group of its own, which is killed at the latest when Python exits, also after a failure.
"""

from __future__ import annotations

import atexit
import contextlib
import http.client
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0  # a shared machine may be slow; nothing here waits that long in vain
STOP_SECONDS = 20.0

_running: list[Process] = []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def find_program(name: str) -> str | None:
    """A program on the path, or where Debian keeps nginx and PostgreSQL's."""
    if found := shutil.which(name):
        return found
    if found := shutil.which(name, path="/usr/sbin"):
        return found
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    return str(versions[-1]) if versions else None


def wait_until(is_so: Callable[[], bool], seconds: float = START_SECONDS, what: str = "it") -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {seconds:.0f} s for {what}.")
        time.sleep(0.05)


class Process:
    """One program in a process group of its own, with what it says in ``log``."""

    def __init__(
        self, command: Sequence[str], log: Path, *, env: dict[str, str] | None = None, user: str = "", cwd: Path = ROOT
    ) -> None:
        self.log = log
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **({"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}),
            )
        _running.append(self)

    @property
    def is_alive(self) -> bool:
        return self.popen.poll() is None

    def wait_for(self, is_so: Callable[[], bool], what: str) -> None:
        """Until it serves; raises with its last words when it ended instead."""

        def served_or_ended() -> bool:
            return is_so() or not self.is_alive

        wait_until(served_or_ended, what=what)
        if not self.is_alive:
            raise RuntimeError(f"{what} ended with {self.popen.returncode}:\n{self.log.read_text()[-4000:]}")

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, number)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end; returns its code, negative when a signal ended it."""
        if self.is_alive:
            self.send_signal(number)
        try:
            return self.popen.wait(STOP_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """``kill -9``, and all that it started."""
        self.send_signal(signal.SIGKILL)
        self.popen.wait(STOP_SECONDS)
        if self in _running:
            _running.remove(self)

    @property
    def memory(self) -> int:
        """Resident bytes."""
        status = Path(f"/proc/{self.popen.pid}/status").read_text()
        [kibibytes] = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")]
        return int(kibibytes) * 1024


@atexit.register
def kill_all() -> None:
    for process in list(_running):
        process.kill()


@dataclass
class Redis:
    """A Redis that keeps nothing."""

    folder: Path
    port: int
    process: Process | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [find_program("redis-server") or "", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = Process([*command, "--appendonly", "no", "--dir", str(self.folder)], self.folder / "redis.log")
        self.process.wait_for(self._answers, "Redis")

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


class PostgreSQL:
    """A cluster of its own; as root it runs as ``postgres``, as it must. One in ``kept`` is there the next time too."""

    def __init__(self, kept: Path | None = None) -> None:
        self.user = "postgres" if os.geteuid() == 0 else ""
        if kept is not None:
            kept.mkdir(exist_ok=True)
        self.folder = kept or Path(tempfile.mkdtemp(prefix="darkroom-pg-"))
        self.port = free_port()
        self.process: Process | None = None
        if self.user:
            shutil.chown(self.folder, self.user)
        if (self.folder / "data" / "PG_VERSION").exists():
            return
        command = [self._program("initdb"), "-D", str(self.folder / "data"), "-U", "darkroom", "-A", "trust"]
        made = Process([*command, "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"], self._log, user=self.user)
        if made.popen.wait(START_SECONDS):
            raise RuntimeError(self._log.read_text())
        made.kill()

    def start(self) -> None:
        command = [self._program("postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder)]
        options = ["-p", str(self.port), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]
        for attempt in range(10):
            try:
                self.process = Process([*command, *options], self._log, user=self.user)
                return self.process.wait_for(lambda: self._sql("SELECT 1"), "PostgreSQL")
            except RuntimeError:  # a killed one's children may need a moment to notice
                if attempt == 9:
                    raise
                time.sleep(0.5)

    def create(self, name: str, template: str = "template1") -> str:
        """A new database, as a copy of ``template``; returns its URL."""
        assert self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'), self._log.read_text()[-2000:]
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgres://darkroom@127.0.0.1:{self.port}/{name}"

    def refuse_writes(self, refuses: bool) -> None:
        """From the next transaction on it answers and takes nothing, as one that has become a standby."""
        word = "on" if refuses else "off"
        assert self._sql(f"ALTER SYSTEM SET default_transaction_read_only = {word}") and self._sql(
            "SELECT pg_reload_conf()"
        ), self._log.read_text()[-2000:]

    def stop(self, number: int = signal.SIGINT) -> None:
        if self.process is not None:
            self.process.stop(number)

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sql(self, statement: str) -> bool:
        command = [self._program("psql"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "darkroom", "-d", "postgres"]
        return subprocess.run([*command, "-qc", statement], capture_output=True, cwd="/").returncode == 0

    def _program(self, name: str) -> str:
        program = find_program(name)
        assert program, f"{name} is missing: apt-get install postgresql"
        return program

    @property
    def _log(self) -> Path:
        return self.folder / "postgres.log"


SERVERS = {
    "daphne": ["-m", "daphne", "-b", "127.0.0.1", "-p", "{port}", "gallery_project.asgi:application"],
    "uvicorn": [
        *["-m", "uvicorn", "--host", "127.0.0.1", "--port", "{port}", "--ws", "websockets-sansio"],
        *["--ws-per-message-deflate", "false", "--log-level", "warning", "gallery_project.asgi:application"],
    ],
}


class Server:
    """Daphne or uvicorn with the gallery."""

    def __init__(self, kind: str, env: dict[str, str], folder: Path) -> None:
        self.kind, self.env, self.folder = kind, env, folder
        self.port = free_port()
        self.process: Process | None = None

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it has said so far."""
        return (self.folder / f"{self.kind}-{self.port}.log").read_text()

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.is_alive

    def start(self) -> Server:
        self.launch().wait_for(self._serves, self.kind)
        return self

    def launch(self) -> Process:
        """Begin to start."""
        command = [sys.executable, *(part.format(port=self.port) for part in SERVERS[self.kind])]
        self.process = Process(command, self.folder / f"{self.kind}-{self.port}.log", env=self.env)
        return self.process

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()

    def stop(self) -> int:
        assert self.process is not None
        return self.process.stop()

    def _serves(self) -> bool:
        try:  # not httpx: it would read the machine's certificates anew for each of many tries
            with urllib.request.urlopen(f"{self.http}/healthz", timeout=5) as answer:
                return answer.status == 200
        except (OSError, http.client.HTTPException):
            return False


class TaskWorker:
    """``manage.py db_worker``, as compose.yaml and the demo start it."""

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        self.env, self.log_file = env, folder / "task-worker.log"
        self.process: Process | None = None

    def start(self) -> TaskWorker:
        command = [sys.executable, "manage.py", "db_worker", "--queue-name", "*", "--interval", "0.1"]
        self.process = Process([*command, "--no-startup-delay"], self.log_file, env=self.env)
        return self

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()

    def stop(self) -> int:
        assert self.process is not None
        return self.process.stop()


def server_environment(folder: Path, **settings: str) -> dict[str, str]:
    """The machine's environment with a gallery's own settings."""
    ours = ("DATABASE_URL", "REDIS_URL", "STALLED_AFTER", "DEBUG", "DATA_DIR", "MEDIA_ROOT", "DJANGO_SETTINGS_MODULE")
    env = {name: value for name, value in os.environ.items() if name not in ours}
    return env | {
        "SECRET_KEY": "processes",
        "DATA_DIR": str(folder),
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "gallery_project.settings",
        **settings,
    }


def run_command(env: dict[str, str], *arguments: str) -> str:
    """``manage.py …`` in a process of its own; returns what it prints."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=START_SECONDS)
    if done.returncode:
        raise RuntimeError(done.stderr[-4000:])
    return done.stdout
