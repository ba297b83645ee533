"""What a process says that cannot start, and how it starts without its broker."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.processes.conftest import Gallery
from tests.servers import ROOT, SERVERS, free_port, server_environment

UNREACHABLE = "The database cannot be used ("


def run(command: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)


def says_one_sentence(done: subprocess.CompletedProcess[str]) -> bool:
    [*before, line] = done.stderr.strip().splitlines()
    is_the_sentence = line.startswith(UNREACHABLE) and line.endswith("DATABASE_URL says where it is.")
    return done.returncode == 1 and is_the_sentence and all(" INFO " in other for other in before)


@pytest.fixture
def nowhere(tmp_path: Path) -> dict[str, str]:
    """The environment of a gallery whose PostgreSQL is not there."""
    return server_environment(tmp_path, DATABASE_URL=f"postgres://darkroom:hush@127.0.0.1:{free_port()}/darkroom")


@pytest.mark.parametrize("command", ["migrate", "create_token box --user alice", "runworker gallery.notify"])
def test_a_command_without_its_database_ends_with_a_sentence(nowhere: dict[str, str], command: str) -> None:
    done = run(["manage.py", *command.split()], nowhere)
    assert says_one_sentence(done), done.stderr
    assert "hush" not in done.stderr


@pytest.mark.parametrize("kind", SERVERS)
def test_a_server_without_its_database_ends_with_a_sentence(nowhere: dict[str, str], kind: str) -> None:
    done = run([part.format(port=free_port()) for part in SERVERS[kind]], nowhere)
    assert says_one_sentence(done), done.stderr


def test_a_sqlite_file_that_cannot_be_opened_is_said_too(tmp_path: Path) -> None:
    env = server_environment(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/missing/db.sqlite3")
    done = run([part.format(port=free_port()) for part in SERVERS["uvicorn"]], env)
    assert says_one_sentence(done), done.stderr


def test_a_missing_key_is_said_without_a_traceback(tmp_path: Path) -> None:
    env = server_environment(tmp_path)
    del env["SECRET_KEY"]
    done = run(["manage.py", "check"], env)
    assert done.returncode == 1 and done.stderr.startswith("SECRET_KEY is not set."), done.stderr


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DEBUG", "", 'Environment variable "DEBUG" invalid: Not a valid boolean.'),
        ("DEBUG", "perhaps", 'Environment variable "DEBUG" invalid: Not a valid boolean.'),
        ("DATABASE_URL", "nonsense", 'Environment variable "DATABASE_URL" invalid: Not a valid database URL.'),
    ],
)
def test_a_setting_that_cannot_be_read_is_said_without_a_traceback(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    done = run(["manage.py", "check"], server_environment(tmp_path, **{name: value}))
    assert (done.returncode, done.stderr) == (1, f"{sentence}\n")


@pytest.mark.parametrize("kind", SERVERS)
def test_a_server_says_it_too(tmp_path: Path, kind: str) -> None:
    env = server_environment(tmp_path, DEBUG="perhaps")
    done = run([part.format(port=free_port()) for part in SERVERS[kind]], env)
    assert (done.returncode, done.stderr) == (1, 'Environment variable "DEBUG" invalid: Not a valid boolean.\n')


def test_without_its_broker_a_server_starts_and_says_what_is_missing(new_gallery: Callable[..., Gallery]) -> None:
    gallery = new_gallery("sqlite", REDIS_URL="redis://127.0.0.1:1/0")
    server = gallery.server("uvicorn")
    answer = httpx.get(f"{server.http}/readyz", timeout=10)
    assert (answer.status_code, answer.json()["failing"][0]) == (503, "channel layer")
    assert answer.json()["message"].startswith("No answer from: channel layer")
    room = gallery.new_room()
    event = {"type": "batch:start", "payload": {"total": 1, "label": "Sunsets", "batchId": "b"}}
    headers = {"Authorization": f"Bearer {room.secret}"}
    assert httpx.post(f"{server.http}/api/notify", json=event, headers=headers, timeout=10).status_code == 200
