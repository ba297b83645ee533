"""A ComfyUI that is none, a Darkroom that is one, and the bridge between them: each a process of its own."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from gallery.models.fields import new_id
from tests.client.comfyui.fake.process import FakeComfyUI
from tests.client.conftest import Place
from tests.processes.conftest import Gallery
from tests.servers import ROOT, Process, wait_until

PATIENCE = 30.0


@dataclass
class BridgeProcess:
    """``darkroom bridge comfyui`` as somebody would start it."""

    comfyui: FakeComfyUI
    place: Place
    folder: Path
    process: Process | None = None
    # Its own: ComfyUI's goodbye to the bridge of the test before would take the socket of this one along.
    client_id: str = field(default_factory=lambda: f"darkroom-{new_id()}")

    def start(self, *arguments: str, wait: bool = True, **env: str) -> None:
        where = ["--url", self.comfyui.url, "--folder", self.place.room.folder_id, "--client-id", self.client_id]
        command = [sys.executable, "-m", "darkroom", "bridge", "comfyui", *where, "--json", *arguments]
        settings = os.environ | self.place.env | {"XDG_STATE_HOME": str(self.folder)} | env
        already = len(self.events("ready"))
        self.process = Process(command, self.folder / "bridge.log", env=settings, cwd=ROOT)
        if wait:
            self.process.wait_for(lambda: len(self.events("ready")) > already and self._listens(), "the bridge")

    def end(self) -> int:
        """What it ends with by itself."""
        assert self.process is not None
        return self.process.popen.wait(PATIENCE)

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        """What it has said in lines of JSON."""
        log = self.folder / "bridge.log"
        lines = log.read_text().splitlines() if log.exists() else []
        said = [json.loads(line) for line in lines if line.startswith("{")]
        return [event for event in said if not kinds or event["event"] in kinds]

    def press_cancel(self, run_id: str, username: str = "erin") -> None:
        """The button on the folder's page, pressed by somebody who may change the folder."""
        cookies = self.place.gallery.cookies(username)
        headers = {"X-CSRFToken": cookies["csrftoken"], "Referer": self.place.server.http}
        url = f"{self.place.server.http}/batches/{run_id}/cancel/"
        answer = httpx.post(url, cookies=cookies, headers=headers, trust_env=False)
        assert answer.status_code == 303, answer.text

    def slot(self, run_id: str, index: int = 0) -> dict[str, Any]:
        """What the placeholder shows: its line, its bar and its preview; empty before it has said anything."""
        fields = ["message", "progress", "preview_file"]
        found = self.place.gallery.call("rows", "BatchSlot", fields, batch=run_id, index=index)
        return found[0] if found else {}

    def wait_for_slot(self, run_id: str, *names: str) -> dict[str, Any]:
        wait_until(lambda: all(self.slot(run_id).get(name) for name in names), PATIENCE, f"a placeholder with {names}")
        return self.slot(run_id)

    def wait_for_batch(self, run_id: str, what: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        wait_until(lambda: what(self.batch(run_id) or {"status": "", "message": ""}), PATIENCE, "the batch")
        return self.batch(run_id)

    def wait_for(self, kind: str, what: Callable[[dict[str, Any]], bool] = lambda event: True) -> dict[str, Any]:
        wait_until(lambda: any(what(event) for event in self.events(kind)), PATIENCE, f"the bridge to say {kind}")
        return next(event for event in self.events(kind) if what(event))

    def wait_for_end(self, run_id: str) -> dict[str, Any]:
        """Its word that the run has ended, once the gallery knows."""
        self.wait_for("end", lambda event: event["batchId"] == run_id)
        wait_until(lambda: self.batch(run_id)["status"] != "running", PATIENCE, "the batch to end")
        return self.batch(run_id)

    def batch(self, run_id: str) -> dict[str, Any]:
        """As the gallery's API tells it; empty before it has begun."""
        return self._get(f"/api/batches/{run_id}")

    def items(self, run_id: str) -> list[dict[str, Any]]:
        found = self._get(f"/api/folders/{self.place.room.folder_id}/items?limit=200").get("items", [])
        return sorted((item for item in found if item["batchId"] == run_id), key=lambda item: item["name"])

    def media(self, item: dict[str, Any]) -> httpx.Response:
        """The item's file, as alice's browser gets it."""
        cookies = self.place.gallery.cookies("alice")
        return httpx.get(self.place.server.http + item["mediaUrl"], cookies=cookies, trust_env=False)

    def _get(self, path: str) -> dict[str, Any]:
        answer = httpx.get(self.place.server.http + path, headers=self._headers, trust_env=False)
        return answer.json() if answer.is_success else {}

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.place.room.secret}"}

    def _listens(self) -> bool:
        return self.client_id in self.comfyui.request("GET", "/fake")["sockets"]


@pytest.fixture(scope="module")
def _comfyui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeComfyUI]:
    fake = FakeComfyUI(tmp_path_factory.mktemp("comfyui") / "files")
    yield fake
    if fake.process is not None:
        fake.process.kill()


@pytest.fixture
def comfyui(_comfyui: FakeComfyUI) -> Iterator[FakeComfyUI]:
    """One for all of a module's tests, with its knobs as they are by default."""
    if _comfyui.process is None or not _comfyui.process.is_alive:
        _comfyui.start()
    _comfyui.turn(duplicate=False, reorder=False, delay=0.0, goodbye=0.0, jobs=True, first_jobs=False, answers=True)
    yield _comfyui
    if _comfyui.process.is_alive:
        _comfyui.turn(stop=True)


@pytest.fixture(scope="module")
def _running(_comfyui: FakeComfyUI, site: Gallery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BridgeProcess]:
    place = Place(site, site.server("daphne"), site.new_room())
    process = BridgeProcess(_comfyui, place, tmp_path_factory.mktemp("bridge"))
    yield process
    if process.process is not None and process.process.is_alive:
        process.process.stop(signal.SIGTERM)


@pytest.fixture
def running(_running: BridgeProcess, comfyui: FakeComfyUI) -> BridgeProcess:
    """One for all tests that leave it alive, each with runs of its own."""
    if _running.process is None:
        _running.start()
    assert _running.process is not None and _running.process.is_alive, _running.process.log.read_text()[-4000:]
    return _running


@pytest.fixture
def bridge(comfyui: FakeComfyUI, place: Place, tmp_path: Path) -> Iterator[BridgeProcess]:
    """Not started yet."""
    process = BridgeProcess(comfyui, place, tmp_path)
    yield process
    if process.process is not None and process.process.is_alive:
        process.process.stop(signal.SIGTERM)
