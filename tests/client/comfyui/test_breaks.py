"""What happens when one of the three breaks: the gallery tells the same in the end, and tells it once."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.client.comfyui.conftest import BridgeProcess, FakeComfyUI
from tests.client.comfyui.fake.prompts import prompt
from tests.servers import free_port, wait_until


def one_picture(bridge: BridgeProcess, run: str) -> bool:
    return [(item["status"], bool(item["mediaUrl"])) for item in bridge.items(run)] == [("complete", True)]


def test_messages_that_come_twice_late_and_out_of_order(bridge: BridgeProcess, comfyui: FakeComfyUI) -> None:
    comfyui.turn(duplicate=True, reorder=True, delay=0.002)
    bridge.start()
    runs = [comfyui.queue(prompt(prefix="odd", steps=20, seconds=0.5), bridge.client_id) for _ in range(3)]
    for run in runs:
        assert bridge.wait_for_end(run)["status"] == "complete"
        assert one_picture(bridge, run)
    assert len(bridge.events("end")) == len(runs)


def test_a_cut_and_the_return_under_an_id_that_is_still_in_use(bridge: BridgeProcess, comfyui: FakeComfyUI) -> None:
    """The old connection's handler removes the new one: the socket stays open and is deaf, until it is replaced."""
    bridge.start()
    comfyui.turn(goodbye=1.5)
    run = comfyui.queue(prompt(prefix="cut", seconds=60, steps=600), bridge.client_id)
    bridge.wait_for_slot(run, "progress")
    comfyui.turn(cut=True)
    wait_until(lambda: bridge.client_id not in comfyui.request("GET", "/fake")["sockets"], what="the trap to close")
    comfyui.queue(prompt(prefix="more", seconds=0.1), "somebody-else")  # news that a deaf socket does not have
    wait_until(lambda: bridge.client_id in comfyui.request("GET", "/fake")["sockets"], what="a socket that hears")
    before = bridge.slot(run)["progress"]
    wait_until(lambda: bridge.slot(run)["progress"] > before, what="progress after the return")
    bridge.press_cancel(run)
    assert bridge.wait_for_end(run)["status"] == "cancelled"


def test_a_bridge_that_is_killed_doubles_nothing_and_leaves_nothing_open(
    bridge: BridgeProcess, comfyui: FakeComfyUI
) -> None:
    bridge.start()
    meanwhile = comfyui.queue(prompt(prefix="meanwhile", seconds=1), bridge.client_id)
    afterwards = comfyui.queue(prompt(prefix="afterwards", seconds=5, steps=50), bridge.client_id)
    bridge.wait_for_slot(meanwhile, "progress")
    wait_until(lambda: bool(bridge.batch(afterwards)), what="the second batch")
    assert bridge.process is not None
    bridge.process.kill()
    wait_until(lambda: comfyui.job(meanwhile)["status"] == "completed", what="the first run")
    unseen = comfyui.queue(prompt(prefix="unseen", seconds=0.1), "somebody-else")
    bridge.start()
    for run in (meanwhile, afterwards, unseen):
        assert bridge.wait_for_end(run)["status"] == "complete"
        assert one_picture(bridge, run)
    bridge.process.stop(signal.SIGKILL)
    said = len(bridge.events("start"))
    bridge.start()
    last = comfyui.queue(prompt(prefix="last", seconds=0.1), bridge.client_id)
    bridge.wait_for_end(last)
    assert len(bridge.events("start")) == said + 1, "what has ended is not begun anew"


def test_a_comfyui_that_vanishes_and_comes_back_with_an_empty_queue_has_lost_its_runs(
    bridge: BridgeProcess, comfyui: FakeComfyUI
) -> None:
    bridge.start()
    graph = prompt(prefix="kept", seconds=0.1)
    graph["11"] = {"class_type": "KSampler", "inputs": {"steps": 600, "seconds": 60, "after": ["9", 0]}}
    graph["12"] = {"class_type": "SaveImage", "inputs": {"images": ["11", 0], "filename_prefix": "never"}}
    running = comfyui.queue(graph, bridge.client_id)
    waiting = comfyui.queue(prompt(prefix="waiting"), bridge.client_id)
    wait_until(lambda: one_picture(bridge, running), what="the first of two pictures")
    wait_until(lambda: bool(bridge.batch(waiting)), what="the second batch")
    comfyui.kill()
    bridge.wait_for("warning", lambda event: event.get("about") == "away" and "does not answer" in event["message"])
    bridge.wait_for_batch(running, lambda batch: batch["message"] == "ComfyUI does not answer.")
    assert bridge.batch(running)["status"] == "running", "it may be there still"
    comfyui.start()
    for run in (running, waiting):
        batch = bridge.wait_for_end(run)
        assert batch["status"] == "error" and batch["message"].startswith("Lost: ComfyUI no longer knows this run.")
    assert one_picture(bridge, running), "what was finished stays"
    after = comfyui.queue(prompt(prefix="after"), bridge.client_id)
    assert bridge.wait_for_end(after)["status"] == "complete" and one_picture(bridge, after)


def test_a_gallery_that_is_away_gets_all_of_it_later(bridge: BridgeProcess, comfyui: FakeComfyUI) -> None:
    bridge.start()
    bridge.place.server.kill()
    try:
        run = comfyui.queue(prompt(prefix="later"), bridge.client_id)
        bridge.wait_for("start", lambda event: event["batchId"] == run)
        wait_until(lambda: comfyui.job(run)["status"] == "completed", what="the run")
    finally:
        bridge.place.server.start()
    assert bridge.wait_for_end(run)["status"] == "complete" and one_picture(bridge, run)


def test_it_ends_in_order(bridge: BridgeProcess, comfyui: FakeComfyUI) -> None:
    bridge.start()
    assert bridge.process is not None
    assert bridge.process.stop(signal.SIGTERM) == 0


@pytest.mark.parametrize(
    ("graph", "code"),
    [(prompt(prefix="queued"), 0), (prompt(save="Explode"), 1), ({"1": {"class_type": "Note", "inputs": {}}}, 1)],
)
def test_a_workflow_can_be_queued_through_it(
    bridge: BridgeProcess, comfyui: FakeComfyUI, tmp_path: Path, graph: dict[str, object], code: int
) -> None:
    (tmp_path / "workflow.json").write_text(json.dumps(graph))
    bridge.start("--queue", str(tmp_path / "workflow.json"), wait=False)
    assert bridge.end() == code
    if code == 0:
        [end] = bridge.events("end")
        assert bridge.batch(end["batchId"])["status"] == "complete" and one_picture(bridge, end["batchId"])


def test_nobody_there_and_somebody_else_there_are_told_apart(bridge: BridgeProcess, comfyui: FakeComfyUI) -> None:
    comfyui.turn(answers=False)
    bridge.start(wait=False)
    assert bridge.end() == 3
    bridge.start("--url", f"http://127.0.0.1:{free_port()}", wait=False)
    assert bridge.end() == 3
    bridge.start("--url", "file:///etc/passwd", wait=False)
    assert bridge.end() == 2
    other, nobody, no_address = (event["message"] for event in bridge.events("error"))
    assert "answers, but it is not ComfyUI" in other
    assert "does not answer" in nobody
    assert "is no address of a ComfyUI" in no_address


def test_a_token_without_rights_ends_it_with_the_gallerys_own_words(
    bridge: BridgeProcess, comfyui: FakeComfyUI
) -> None:
    gallery = bridge.place.gallery
    bobs, charlies = (gallery.call("make_token", owner=name)[1] for name in ("bob", "charlie"))
    for token, sentence in ((bobs, "but not change it"), (charlies, "There is no folder"), ("unknown", "the token")):
        bridge.start(wait=False, DARKROOM_TOKEN=token)
        assert bridge.end() == 4
        assert sentence in bridge.events("error")[-1]["message"]
