"""The fake as a process of its own, for tests, benchmarks and pictures."""

from __future__ import annotations

import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.servers import Process, free_port


@dataclass
class FakeComfyUI:
    """The fake as a process: it can be killed, and comes back with an empty queue and its old output folder."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *arguments: str) -> None:
        self.folder.mkdir(exist_ok=True)
        where = ["--port", str(self.port), "--folder", str(self.folder)]
        command = [sys.executable, "-m", "tests.client.comfyui.fake", *where, *arguments]
        self.process = Process(command, self.folder / "fake.log")
        self.process.wait_for(self._answers, "the fake ComfyUI")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()

    def queue(self, prompt: dict[str, Any], client_id: str | None = None) -> str:
        """As a script would, or as ComfyUI's page under its own id; returns the run's id."""
        body = {"prompt": prompt, "prompt_id": str(uuid.uuid4())} | ({"client_id": client_id} if client_id else {})
        drawing = {"extra_data": {"extra_pnginfo": {"workflow": {"id": "w", "nodes": []}}}}
        return self.request("POST", "/prompt", body | drawing)["prompt_id"]

    def turn(self, **knobs: Any) -> None:
        self.request("POST", "/fake", knobs)

    def job(self, prompt_id: str) -> dict[str, Any]:
        return self.request("GET", f"/api/jobs/{prompt_id}")

    def request(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(method, self.url + path, json=body, trust_env=False).raise_for_status()
        return answer.json() if answer.content else None

    def _answers(self) -> bool:
        try:
            return bool(self.request("GET", "/fake"))
        except httpx.HTTPError:
            return False
