"""A ``docker`` that speaks of the stack: so the commands of docs/deploy/README.md run as they are written there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from multiprocessing.connection import Listener
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.deploy.stack import Stack

CLIENT = """#!{python}
import json, os, sys
from multiprocessing.connection import Client
with Client({socket!r}, "AF_UNIX", authkey=b"docker") as line:
    line.send(sys.argv[1:])
    answer = line.recv()
if answer.get("error"):
    sys.exit(answer["error"])
if answer.get("command"):
    os.chdir(answer["cwd"])
    os.execvpe(answer["command"][0], answer["command"], answer["env"])
"""
SHELL_SECONDS = 300  # a block of the docs, on a machine that others use too
VALUELESS = {"-T", "-d", "--rm", "--no-deps", "--build", "--wait", "--force-recreate"}


class DockerCommand:
    """``docker compose up|stop|start|exec|run``, of which the last two become the caller's own process."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.folder = stack.folder / "bin"
        self.folder.mkdir()
        self._listener = Listener(str(stack.folder / "docker"), "AF_UNIX", authkey=b"docker")
        script = self.folder / "docker"
        script.write_text(CLIENT.format(python=sys.executable, socket=str(stack.folder / "docker")))
        script.chmod(0o755)
        threading.Thread(target=self._serve, daemon=True).start()

    def shell(self, code: str, cwd: Path) -> str:
        """Run a block of the docs; returns what it prints."""
        env = os.environ | {"PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", code],
            env=env,
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=SHELL_SECONDS,
        )
        assert done.returncode == 0, f"{code}\n{done.stdout}{done.stderr}"
        return done.stdout

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                with self._listener.accept() as line:
                    try:
                        answer = self._obey(line.recv())
                    except Exception as error:
                        answer = {"error": f"{type(error).__name__}: {error}"}
                    line.send(answer)
            except OSError:  # closed
                return

    def _obey(self, arguments: list[str]) -> dict[str, object]:
        assert arguments[0] == "compose", json.dumps(arguments)
        verb, *rest = arguments[1:]
        words = [word for word in rest if word not in VALUELESS] if verb not in ("exec", "run") else _strip(rest)
        if verb in ("exec", "run"):
            service, *command = words
            command = [self.stack.place(part) for part in command]
            return {"command": command, "env": self.stack.environment(service), "cwd": str(self.stack.home)}
        for service in words or list(self.stack.services):
            if verb == "stop":
                self.stack.stop(service)
            elif verb in ("up", "start"):
                recreate = verb == "up" and bool(words)  # an image that was built anew replaces what runs
                if recreate:
                    self.stack.stop(service)
                self.stack.start(service, alone="--no-deps" in rest)
                if "--wait" in rest:
                    self.stack.wait_for(service, "service_healthy")
            else:
                raise ValueError(f"compose {verb}")
        return {}


def _strip(words: list[str]) -> list[str]:
    while words and words[0] in VALUELESS:
        words = words[1:]
    return words
