"""Whole runs, from ComfyUI's queue to the picture in the gallery."""

from __future__ import annotations

import pytest

from tests.client.comfyui.conftest import BridgeProcess, FakeComfyUI
from tests.client.comfyui.fake.executor import GARBAGE
from tests.client.comfyui.fake.prompts import prompt


def test_a_run_becomes_a_batch_and_its_picture_an_item(running: BridgeProcess, comfyui: FakeComfyUI) -> None:
    run = comfyui.queue(prompt(prefix="out/sunset", seconds=4, steps=20), running.client_id)
    slot = running.wait_for_slot(run, "preview_file", "progress")
    assert slot["message"].startswith("My sampler ") and slot["message"].endswith("/20")
    assert 0 < slot["progress"] <= 99 and slot["progress"] == int(slot["progress"])
    batch = running.wait_for_end(run)
    assert (batch["status"], batch["message"], batch["total"]) == ("complete", "", 1)
    [item] = running.items(run)
    assert (item["name"], item["status"], item["isPending"]) == ("sunset_00001_.png", "complete", False)
    assert running.media(item).headers["content-type"] == "image/png"
    assert comfyui.url not in str(item), "copied, never linked"
    assert item["metadata"]["prompt"]["3"]["_meta"]["title"] == "My sampler"
    assert item["metadata"]["workflow"] == {"id": "w", "nodes": []}


def test_outputs_of_every_kind_are_copied(running: BridgeProcess, comfyui: FakeComfyUI) -> None:
    graph = prompt(prefix="kinds", save_batch_size=2)
    for key, kind in enumerate(["SaveAnimatedWEBP", "SaveVideo", "VHS_VideoCombine", "SaveAudio", "SaveGLB"], 20):
        graph[str(key)] = {"class_type": kind, "inputs": {"images": ["3", 0], "filename_prefix": f"kinds{kind}"}}
    graph["30"] = {"class_type": "ShowText", "inputs": {"text": "no file", "any": ["3", 0]}}
    graph["31"] = {"class_type": "PreviewImage", "inputs": {"images": ["3", 0]}}
    run = comfyui.queue(graph, running.client_id)
    batch = running.wait_for_end(run)
    assert batch["status"] == "complete", batch["message"]
    assert {item["name"]: item["type"] for item in running.items(run)} == {
        "kinds_00001_.png": "image",
        "kinds_00002_.png": "image",
        "kindsSaveAnimatedWEBP_00001_.webp": "image",
        "kindsSaveVideo_00001_.mp4": "video",
        "kindsVHS_VideoCombine_00001_.mp4": "video",
        "kindsSaveAudio_00001_.wav": "audio",
        "kindsSaveGLB_00001_.glb": "file",
    }
    assert all(item["status"] == "complete" and item["mediaUrl"] for item in running.items(run))


def test_what_comfyui_had_already_is_not_shown_twice(running: BridgeProcess, comfyui: FakeComfyUI) -> None:
    graph = prompt(prefix="cached")
    first = comfyui.queue(graph, running.client_id)
    running.wait_for_end(first)
    second = comfyui.queue(graph, running.client_id)
    batch = running.wait_for_end(second)
    assert (batch["status"], len(running.items(first)), len(running.items(second))) == ("complete", 1, 0)
    assert "from an earlier run" in batch["message"]


def test_a_failure_is_told_with_the_nodes_name_and_what_was_finished_stays(
    running: BridgeProcess, comfyui: FakeComfyUI
) -> None:
    graph = prompt(prefix="before", seconds=0.1)
    inputs = {"images": ["9", 0], "text": "CUDA out of memory <b>"}
    graph["10"] = {"class_type": "Explode", "inputs": inputs, "_meta": {"title": "Upscale <i>"}}
    run = comfyui.queue(graph, running.client_id)
    batch = running.wait_for_end(run)
    assert (batch["status"], batch["message"]) == ("error", "Upscale <i>: CUDA out of memory <b>")
    assert [(item["name"], item["status"]) for item in running.items(run)] == [("before_00001_.png", "complete")]


@pytest.mark.parametrize("knobs", [{}, {"first_jobs": True}, {"jobs": False}], ids=["jobs", "first-jobs", "history"])
def test_a_run_that_somebody_else_started_is_followed(
    running: BridgeProcess, comfyui: FakeComfyUI, knobs: dict[str, bool]
) -> None:
    """ComfyUI tells about it to that somebody alone: the pull side has to do, in each of its forms."""
    comfyui.turn(**knobs)
    run = comfyui.queue(prompt(prefix="theirs", seconds=1.5), "somebody-else")
    batch = running.wait_for_batch(run, lambda batch: "steps unknown" in batch["message"])
    assert batch["label"].startswith("theirs #")
    assert running.wait_for_end(run)["status"] == "complete"
    [item] = running.items(run)
    assert item["name"].startswith("theirs_0000") and item["status"] == "complete"


def test_a_run_of_nobody_has_previews_that_name_no_run(running: BridgeProcess, comfyui: FakeComfyUI) -> None:
    """Without a client id ComfyUI sends progress and the older previews to all, and the rest to nobody."""
    run = comfyui.queue(prompt(prefix="nobody", seconds=4, steps=20))
    slot = running.wait_for_slot(run, "preview_file", "progress")
    assert slot["message"].startswith("My sampler ")
    assert running.wait_for_end(run)["status"] == "complete"
    assert len(running.items(run)) == 1


def test_runs_wait_in_the_gallery_as_they_do_in_comfyui(running: BridgeProcess, comfyui: FakeComfyUI) -> None:
    runs = [comfyui.queue(prompt(prefix="several", seconds=1), running.client_id) for _ in range(3)]
    running.wait_for_batch(runs[2], lambda batch: batch["message"] == "In ComfyUI's queue, 2 before it")
    for run in runs:
        assert running.wait_for_end(run)["status"] == "complete"
        assert len(running.items(run)) == 1


def test_cancel_stops_the_run_that_was_meant_and_no_other(running: BridgeProcess, comfyui: FakeComfyUI) -> None:
    first = comfyui.queue(prompt(prefix="first", seconds=60, steps=600), running.client_id)
    second = comfyui.queue(prompt(prefix="second", seconds=60), running.client_id)
    third = comfyui.queue(prompt(prefix="third"), running.client_id)
    running.wait_for_slot(first, "progress")
    running.wait_for_batch(second, lambda batch: batch["status"] == "running")
    running.press_cancel(second)
    assert running.wait_for_end(second)["message"] == "Cancelled in the gallery."
    assert comfyui.job(first)["status"] == "in_progress"
    running.press_cancel(first)
    batch = running.wait_for_end(first)
    assert (batch["status"], batch["message"]) == ("cancelled", "Cancelled in the gallery at My sampler.")
    assert running.wait_for_end(third)["status"] == "complete", "the third was never meant"


def test_cancel_names_the_run_to_an_older_comfyui(running: BridgeProcess, comfyui: FakeComfyUI) -> None:
    comfyui.turn(jobs=False)
    run = comfyui.queue(prompt(prefix="older", seconds=60, steps=600), running.client_id)
    running.wait_for_slot(run, "progress")
    running.press_cancel(run)
    assert running.wait_for_end(run)["status"] == "cancelled"
    assert comfyui.request("GET", "/fake")["interrupts"] == [run]


def test_an_interruption_in_comfyui_is_told(running: BridgeProcess, comfyui: FakeComfyUI) -> None:
    run = comfyui.queue(prompt(prefix="interrupted", seconds=60, steps=600), running.client_id)
    running.wait_for_slot(run, "progress")
    comfyui.request("POST", "/interrupt", {"prompt_id": run})
    batch = running.wait_for_end(run)
    assert (batch["status"], batch["message"]) == ("cancelled", "Stopped in ComfyUI at My sampler.")


def test_a_preview_that_is_no_picture_is_left_out_and_named_once(running: BridgeProcess, comfyui: FakeComfyUI) -> None:
    run = comfyui.queue(prompt(prefix="garbage", preview="garbage", seconds=2.5, steps=10), running.client_id)
    assert running.wait_for_end(run)["status"] == "complete"
    said = [event["message"] for event in running.events("warning") if event.get("batchId") == run]
    assert said == ["A preview was left out: The preview is no picture: it must be JPEG, PNG or WebP."]
    assert GARBAGE and not running.slot(run).get("preview_file")


@pytest.mark.parametrize(
    ("save", "status", "names", "sentence"),
    [
        ("SaveTwice", "complete", ["SaveTwice_00001_.png"], ""),
        ("SaveSlowly", "complete", ["SaveSlowly_00001_.png"], ""),
        ("SaveHuge", "partial", ["SaveHuge_00001_.mp4"], "has 1.9 GiB, and the gallery takes 1.0 GiB at most"),
        ("SavePath", "partial", ["SavePath_00001_.png"], "'/../../etc/passwd' is a path and not a file's name"),
    ],
)
def test_odd_outputs(
    running: BridgeProcess, comfyui: FakeComfyUI, save: str, status: str, names: list[str], sentence: str
) -> None:
    run = comfyui.queue(prompt(save=save, prefix=save, seconds=0.1), running.client_id)
    batch = running.wait_for_end(run)
    assert batch["status"] == status and sentence in batch["message"], batch["message"]
    items = running.items(run)
    assert [item["name"] for item in items] == names
    assert [item["status"] for item in items] == ["error" if save == "SaveHuge" else "complete"]
    if save == "SaveSlowly":
        assert running.media(items[0]).content == (comfyui.folder / "output" / names[0]).read_bytes()


def test_a_prompt_that_is_too_large_for_an_item_is_left_out_and_that_is_said(
    running: BridgeProcess, comfyui: FakeComfyUI
) -> None:
    run = comfyui.queue(prompt(prefix="large", text="x" * 70_000), running.client_id)
    batch = running.wait_for_end(run)
    [item] = running.items(run)
    assert set(item["metadata"]) == {"file", "note"}
    assert batch["status"] == "complete" and item["metadata"]["note"] in batch["message"]
