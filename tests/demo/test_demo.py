"""The demo itself, started as a person starts it; small pictures, everything else as it is."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
# What is promised of an idle machine; one that is busy with other things may take its share longer.
FIRST_CARD_SECONDS = 15.0 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
PATIENCE = max(1.0, FIRST_CARD_SECONDS / 15.0)


class Demo:
    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.output = data_dir.with_suffix(".log")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self, **environment: str) -> None:
        self.output.write_text("")
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo", "--port", str(self.port), "--data-dir", str(self.data_dir)]
                + ["--speed", "fast", "--seed", "4"],
                cwd=ROOT,
                env={name: value for name, value in os.environ.items() if name != "SECRET_KEY"} | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def get(self, path: str) -> Any:
        headers = {"Authorization": f"Bearer {(self.data_dir / 'worker-token').read_text().strip()}"}
        return httpx.get(self.url + path, headers=headers, trust_env=False, timeout=30).raise_for_status().json()

    def tell(self, events: list[dict[str, Any]]) -> None:
        headers = {"Authorization": f"Bearer {(self.data_dir / 'worker-token').read_text().strip()}"}
        answers = httpx.post(f"{self.url}/api/notify", json=events, headers=headers, trust_env=False, timeout=60).json()
        assert {answer["type"] for answer in answers} == {"ack"}, answers

    def items(self) -> list[dict[str, Any]]:
        try:
            return self.get("/api/folders/first-light/items?limit=200")["items"]
        except (httpx.HTTPError, OSError):
            return []

    def wait_for(self, condition: Callable[[], Any], seconds: float) -> Any:
        deadline = time.monotonic() + seconds * PATIENCE
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.output.read_text()
            if found := condition():
                return found
            time.sleep(0.05)
        raise AssertionError(f"Not within {seconds} s. The demo said:\n{self.output.read_text()}")

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(20 * PATIENCE)

    def processes(self) -> list[str]:
        """Everything that still runs with this demo's data folder in its environment."""
        found = []
        for process in Path("/proc").iterdir():
            if process.name.isdecimal():
                try:
                    environment = (process / "environ").read_bytes()
                    command = (process / "cmdline").read_bytes()
                except OSError:
                    continue
                if f"DATA_DIR={self.data_dir}".encode() in environment.split(b"\0"):
                    found.append(command.replace(b"\0", b" ").decode())
        return found


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path / "demo")
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.process.terminate()
            demo.process.wait(20 * PATIENCE)


@pytest.mark.alone
def test_from_the_command_to_pictures_and_on_after_a_second_start(demo: Demo, tmp_path: Path) -> None:
    started = time.monotonic()
    demo.start(DATABASE_URL=f"sqlite:///{tmp_path / 'precious.sqlite3'}", REDIS_URL="redis://127.0.0.1:1")
    first = demo.wait_for(lambda: [item for item in demo.items() if item["isPending"]], 40)
    assert time.monotonic() - started < FIRST_CARD_SECONDS
    assert first[0]["name"]
    demo.wait_for(lambda: [item for item in demo.items() if item["status"] == "complete"], 60)
    film = demo.wait_for(lambda: [i for i in demo.items() if i["type"] == "video" and i["status"] == "complete"], 90)[0]
    assert film["duration"] > 0
    assert film["mediaUrl"]
    failed = demo.wait_for(lambda: [item for item in demo.items() if item["status"] == "error"], 90)[0]
    assert "diverged" in failed["message"]
    said = demo.output.read_text()
    assert "it ignores DATABASE_URL, REDIS_URL" in said
    assert f"{demo.url}/folders/first-light/" in said
    passwords = re.findall(r"(ana|ben) +password +(\S+)", said)
    assert [name for name, _ in passwords] == ["ana", "ben"]
    assert len(demo.processes()) == 3, "the server, the worker and the task worker"

    assert demo.end() == 0
    assert demo.processes() == []
    assert "Traceback" not in demo.output.read_text()
    assert not (tmp_path / "precious.sqlite3").exists()
    assert (demo.data_dir / "accounts.json").stat().st_mode & 0o777 == 0o600

    position = json.loads((demo.data_dir / "worker.json").read_text())
    demo.start()
    demo.wait_for(lambda: len(demo.items()) >= len(first), 40)
    assert (
        re.findall(
            r"(ana|ben) +password +(\S+)",
            demo.wait_for(lambda: "Sign in" in demo.output.read_text() and demo.output.read_text(), 40),
        )
        == passwords
    )
    demo.wait_for(lambda: json.loads((demo.data_dir / "worker.json").read_text()) != position, 60)
    later = json.loads((demo.data_dir / "worker.json").read_text())
    assert (later["batch"], later["index"]) > (position["batch"], position["index"])
    assert demo.end(signal.SIGTERM) == 0
    assert demo.processes() == []
    assert "Traceback" not in demo.output.read_text()


def test_workers_that_die_are_started_again_and_go_on(demo: Demo) -> None:
    demo.start()
    demo.wait_for(demo.items, 40)
    for words, name in ((b"db_worker", "task worker"), (b"gallery_project.demo.worker", "worker")):
        [process] = [process for process in Path("/proc").iterdir() if _is_process(process, demo, words)]
        os.kill(int(process.name), signal.SIGKILL)
        demo.wait_for(lambda name=name: f"The {name} has stopped" in demo.output.read_text(), 20)
    before = len([item for item in demo.items() if item["status"] == "complete"])
    demo.wait_for(lambda: len([item for item in demo.items() if item["status"] == "complete"]) > before, 60)
    demo.wait_for(lambda: len(demo.processes()) == 3, 20)
    demo.end()
    assert demo.processes() == []


def test_a_demo_that_is_killed_leaves_nothing_running(demo: Demo) -> None:
    demo.start()
    demo.wait_for(demo.items, 40)
    demo.process.kill()
    demo.process.wait(10)
    deadline = time.monotonic() + 15 * PATIENCE
    while demo.processes() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert demo.processes() == []


def _is_process(process: Path, demo: Demo, words: bytes) -> bool:
    try:
        command = (process / "cmdline").read_bytes()
        environment = (process / "environ").read_bytes()
    except OSError:
        return False
    return words in command and f"DATA_DIR={demo.data_dir}".encode() in environment.split(b"\0")
