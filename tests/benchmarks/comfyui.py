"""What the bridge costs beside ComfyUI: 10 runs at once, each with 20 steps a second.

A step is what ComfyUI makes of it: a ``progress`` and a ``progress_state``, and in the second figure a preview too.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Figure
from tests.benchmarks.parts import Darkroom, cpu_seconds, darkroom
from tests.client.comfyui.fake.process import FakeComfyUI
from tests.client.comfyui.fake.prompts import prompt
from tests.servers import Process, wait_until

RUNS = 10
STEPS_A_SECOND = 20
SECONDS = 20.0
BAR_PERCENT = 5.0
CLIENT = "darkroom-benchmark"


def measure() -> list[Figure]:
    """One figure without previews, and one with a preview for each step."""
    with darkroom("uvicorn") as room, tempfile.TemporaryDirectory() as folder:
        comfyui = FakeComfyUI(Path(folder))
        comfyui.start("--at-once", str(RUNS))
        bridge = _start_bridge(room, comfyui, Path(folder))
        try:
            return [_measure(room, comfyui, bridge, preview) for preview in ("", "picture")]
        finally:
            bridge.kill()
            comfyui.kill()


def _start_bridge(room: Darkroom, comfyui: FakeComfyUI, folder: Path) -> Process:
    env = os.environ | {"DARKROOM_URL": room.server.http, "DARKROOM_TOKEN": room.token, "XDG_STATE_HOME": str(folder)}
    where = ["--url", comfyui.url, "--folder", room.folder_id, "--client-id", CLIENT]
    bridge = Process([sys.executable, "-m", "darkroom", "bridge", "comfyui", *where], folder / "bridge.log", env=env)
    bridge.wait_for(lambda: CLIENT in comfyui.request("GET", "/fake")["sockets"], "the bridge")
    return bridge


def _measure(room: Darkroom, comfyui: FakeComfyUI, bridge: Process, preview: str) -> Figure:
    steps = int(STEPS_A_SECOND * (SECONDS + 8))
    for number in range(RUNS):
        graph = prompt(prefix=f"{preview}{number}", steps=steps, seconds=steps / STEPS_A_SECOND, preview=preview)
        comfyui.queue(graph, CLIENT)
    time.sleep(4)  # they begin
    sent, told, started = comfyui.request("GET", "/fake")["sent"], _state(room)["revision"], time.monotonic()
    before = cpu_seconds(bridge.popen.pid)
    time.sleep(SECONDS)
    took = time.monotonic() - started
    share = 100 * (cpu_seconds(bridge.popen.pid) - before) / took
    sent = (comfyui.request("GET", "/fake")["sent"] - sent) / took
    told = _state(room)["revision"] - told
    wait_until(lambda: all(batch["status"] == "complete" for batch in _state(room)["batches"]), what="the pictures")
    said = f"{RUNS} runs with {STEPS_A_SECOND} steps a second each"
    with_previews = "a progress, a progress_state and a preview" if preview else "a progress and a progress_state"
    return Figure(
        f"the bridge's share of a core, {said}, each step {with_previews}",
        share,
        "%",
        BAR_PERCENT if not preview else None,
        detail=f"{sent:.0f} frames a second heard, {told / took:.1f} changes a second in the gallery",
        failed="" if sent > 0.9 * RUNS * STEPS_A_SECOND * (3 if preview else 2) else "the fake was too slow",
    )


def _state(room: Darkroom) -> dict[str, Any]:
    return room.backstage.call("folder_state", room.folder_id)
