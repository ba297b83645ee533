"""The file for ``custom_nodes``: with it the bridge hears what ComfyUI tells to its own page alone."""

from __future__ import annotations

from pathlib import Path

import darkroom
from tests.client.comfyui.conftest import BridgeProcess
from tests.client.comfyui.fake.process import FakeComfyUI
from tests.client.comfyui.fake.prompts import prompt
from tests.client.conftest import Place

ECHO = Path(darkroom.__file__).parent / "bridges" / "comfyui" / "darkroom_echo.py"


def test_a_run_of_comfyuis_page_is_seen_step_by_step(place: Place, tmp_path: Path) -> None:
    comfyui = FakeComfyUI(tmp_path / "comfyui")
    comfyui.start("--custom-node", str(ECHO))
    bridge = BridgeProcess(comfyui, place, tmp_path)
    try:
        bridge.start()
        run = comfyui.queue(prompt(prefix="theirs", seconds=5, steps=50), "the-page")
        slot = bridge.wait_for_slot(run, "preview_file", "progress")
        assert slot["message"].startswith("My sampler ")
        assert bridge.wait_for_end(run)["status"] == "complete"
        assert [item["status"] for item in bridge.items(run)] == ["complete"]
    finally:
        comfyui.kill()
        if bridge.process is not None:
            bridge.process.kill()
