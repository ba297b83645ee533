from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gallery_project.demo.environment import demo_environment, ignored_settings
from gallery_project.demo.launch import cannot_listen

ROOT = Path(__file__).resolve().parents[2]


def run_demo(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}
    return subprocess.run(
        [sys.executable, "manage.py", "demo", *arguments],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_taken_port_gets_one_sentence_and_nothing_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run_demo("--port", str(port), "--data-dir", str(tmp_path / "demo"))
    assert result.returncode == 1
    assert result.stderr == f"Port {port} on 127.0.0.1 is taken. Take another one: make run PORT={port + 1}\n"
    assert not (tmp_path / "demo").exists()


@pytest.mark.parametrize(
    ("host", "port", "sentence"),
    [
        ("127.0.0.1", 0, "0 is no port: it must be between 1 and 65535."),
        ("127.0.0.1", 70000, "70000 is no port: it must be between 1 and 65535."),
        ("no-such-host.invalid", 8000, "There is no address named no-such-host.invalid."),
    ],
)
def test_an_address_that_cannot_be_gets_a_sentence(host: str, port: int, sentence: str) -> None:
    assert cannot_listen(host, port) == sentence


def test_the_demo_ignores_what_the_shell_says_of_other_databases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody@elsewhere/precious")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    monkeypatch.setenv("SECRET_KEY", "theirs")
    monkeypatch.setenv("STALLED_AFTER", "7")
    environment = demo_environment(tmp_path / "demo", "127.0.0.1")
    assert "DATABASE_URL" not in environment
    assert "REDIS_URL" not in environment
    assert environment["SECRET_KEY"] not in ("", "theirs")
    assert environment["DATA_DIR"] == str(tmp_path / "demo")
    assert environment["STALLED_AFTER"] == "7"
    assert {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"} <= set(ignored_settings(os.environ))


def test_the_secret_key_is_kept_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    first, second = (demo_environment(tmp_path / "demo", "127.0.0.1")["SECRET_KEY"] for _ in range(2))
    assert first == second
    assert (tmp_path / "demo" / "secret-key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "demo").stat().st_mode & 0o777 == 0o700


def test_help_needs_no_settings() -> None:
    result = run_demo("--help", DATABASE_URL="nonsense")
    assert result.returncode == 0
    assert "--port" in result.stdout
