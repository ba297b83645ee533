"""``manage.py bridge comfyui``: the same bridge, with a token that is made for it once."""

from __future__ import annotations

import os
import sys

from tests.client.comfyui.conftest import BridgeProcess, FakeComfyUI
from tests.client.comfyui.fake.prompts import prompt
from tests.servers import ROOT, Process, wait_until


def start(bridge: BridgeProcess) -> Process:
    place = bridge.place
    where = ["--url", bridge.comfyui.url, "--folder", place.room.folder_id, "--gallery", place.server.http, "--json"]
    env = os.environ | place.gallery.env | {"XDG_STATE_HOME": str(bridge.folder)}
    command = [sys.executable, str(ROOT / "manage.py"), "bridge", "comfyui", *where]
    bridge.process = Process(command, bridge.folder / "bridge.log", env=env)
    return bridge.process


def test_it_makes_a_token_once_and_cancel_reaches_it_after_a_restart(
    bridge: BridgeProcess, comfyui: FakeComfyUI
) -> None:
    start(bridge).wait_for(lambda: len(bridge.events("ready")) == 1, "the bridge")
    run = comfyui.queue(prompt(prefix="command", seconds=60, steps=600), "somebody-else")
    wait_until(lambda: bool(bridge.batch(run)), what="the batch")
    assert bridge.process is not None
    bridge.process.kill()
    start(bridge).wait_for(lambda: len(bridge.events("ready")) == 2, "the next bridge")
    bridge.press_cancel(run)
    assert bridge.wait_for_end(run)["status"] == "cancelled"
    folder_id = bridge.place.room.folder_id
    assert len(bridge.place.gallery.call("rows", "WorkerToken", ["id"], name="ComfyUI bridge", folder=folder_id)) == 1
    [secret] = (bridge.folder / "darkroom").glob("*.token")
    assert secret.stat().st_mode & 0o777 == 0o600


def test_it_ends_with_the_bridges_code(bridge: BridgeProcess, comfyui: FakeComfyUI) -> None:
    comfyui.turn(answers=False)
    start(bridge)
    assert bridge.end() == 3
    assert "it is not ComfyUI" in bridge.events("error")[0]["message"]
