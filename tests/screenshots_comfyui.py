"""The picture of docs/comfyui.md: the fake ComfyUI with a few runs, and the bridge, beside the demo that is there."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import httpx
from playwright.sync_api import Page

from tests.client.comfyui.fake.process import FakeComfyUI
from tests.client.comfyui.fake.prompts import prompt
from tests.servers import Process, wait_until

CLIENT = "darkroom-pictures"


def take(page: Page, url: str, token: str, path: Path) -> None:
    """One run is complete, one has failed, one develops, and two wait."""
    gallery = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False)
    folder_id = gallery.post("/api/folders", json={"name": "From ComfyUI"}).raise_for_status().json()["id"]
    with tempfile.TemporaryDirectory() as folder:
        comfyui = FakeComfyUI(Path(folder))
        comfyui.start()
        env = os.environ | {"DARKROOM_URL": url, "DARKROOM_TOKEN": token, "XDG_STATE_HOME": folder}
        where = ["--url", comfyui.url, "--folder", folder_id, "--client-id", CLIENT]
        bridge = Process([sys.executable, "-m", "darkroom", "bridge", "comfyui", *where], Path(folder) / "log", env=env)
        try:
            bridge.wait_for(lambda: CLIENT in comfyui.request("GET", "/fake")["sockets"], "the bridge")
            _queue(comfyui, "dunes", save_batch_size=4, save_side=640, seconds=1, seed=5)
            failing = _queue(comfyui, "upscale", save="Explode", save_text="CUDA out of memory", seconds=0.1)
            wait_until(lambda: _status(gallery, failing) == "error", what="the run that fails")
            run = _queue(comfyui, "harbour", steps=20, seconds=30, seed=2)
            for name in ("orchard", "meadow"):
                _queue(comfyui, name, save_batch_size=2)
            wait_until(lambda: (gallery.get(f"/api/batches/{run}").json().get("progress") or 0) > 50, what="a preview")
            page.goto(f"/folders/{folder_id}/", wait_until="networkidle")
            page.wait_for_timeout(1500)
            page.screenshot(path=path)
        finally:
            bridge.kill()
            comfyui.kill()


def _queue(comfyui: FakeComfyUI, prefix: str, **inputs: object) -> str:
    graph = prompt(prefix=prefix, **inputs)
    graph["3"]["_meta"]["title"] = "KSampler"
    time.sleep(0.01)  # one after the other in the queue
    return comfyui.queue(graph, CLIENT)


def _status(gallery: httpx.Client, batch_id: str) -> str:
    answer = gallery.get(f"/api/batches/{batch_id}")
    return str(answer.json()["status"]) if answer.is_success else ""
