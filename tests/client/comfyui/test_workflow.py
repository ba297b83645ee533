"""What is read from a prompt, and what an item keeps of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from darkroom.bridges.comfyui.workflow import METADATA_BYTES, Workflow


def node(kind: str, *sources: str, title: str = "", **inputs: Any) -> dict[str, Any]:
    linked = {f"in{index}": [source, 0] for index, source in enumerate(sources)}
    return {"class_type": kind, "inputs": linked | inputs} | ({"_meta": {"title": title}} if title else {})


GRAPH = {
    "1": node("EmptyLatentImage", batch_size=4),
    "2": node("KSampler", "1", title="My  sampler"),
    "3": node("SaveImage", "2", filename_prefix="out/sunset"),
    "4": node("PreviewImage", "2"),
    "5": node("SaveVideo", "2"),
}


def test_it_expects_a_batch_of_pictures_one_film_and_no_preview() -> None:
    assert Workflow(GRAPH).expected == 4 + 1


@pytest.mark.parametrize(
    "graph",
    [{}, {"1": 7}, {"1": {}}, {"1": {"inputs": 7}}, {"1": node("PreviewImage")}, {"1": node("SaveImage", "1")}],
)
def test_it_expects_something_of_any_graph(graph: dict[str, Any]) -> None:
    assert Workflow(graph).expected == 1


def test_a_ring_has_an_end() -> None:
    assert (
        Workflow({"1": node("KSampler", "2"), "2": node("VAEDecode", "1"), "3": node("SaveImage", "2")}).expected == 1
    )


def test_nodes_are_called_as_a_person_calls_them() -> None:
    workflow = Workflow(GRAPH)
    assert [workflow.title(key) for key in ("2", "3", 5, "77")] == ["My sampler", "SaveImage", "SaveVideo", "Node 77"]


def test_it_is_called_as_its_files_are() -> None:
    assert Workflow(GRAPH).label == "sunset"
    assert Workflow({"1": node("SaveImage", filename_prefix=7)}).label == "ComfyUI"


def test_an_item_keeps_all_of_a_small_one() -> None:
    metadata, note = Workflow(GRAPH, {"nodes": []}).metadata(file="a.png")
    assert metadata == {"prompt": GRAPH, "workflow": {"nodes": []}, "file": "a.png"} and not note


@pytest.mark.parametrize(
    ("graph", "drawing", "kept"),
    [
        (GRAPH, {"text": "x" * METADATA_BYTES}, {"prompt", "file", "note"}),
        ({"1": node("Text", text="ü" * METADATA_BYTES)}, None, {"file", "note"}),
        ({"1": node("Text", text="a\0b")}, None, {"file", "note"}),
        ({"1": node("Text", value=float("nan"))}, None, {"file", "note"}),
        ({"1": node("Text", text="\ud800")}, None, {"file", "note"}),
    ],
)
def test_what_the_gallery_would_not_take_is_left_out_and_that_is_said(graph: Any, drawing: Any, kept: set[str]) -> None:
    metadata, note = Workflow(graph, drawing).metadata(file="a.png")
    assert set(metadata) == kept
    assert metadata["note"] == note and note.endswith(".")
    assert len(json.dumps(metadata, separators=(",", ":"), ensure_ascii=False).encode()) <= METADATA_BYTES


def test_a_deep_one_is_left_out() -> None:
    deep: Any = 1
    for _ in range(40):
        deep = [deep]
    assert set(Workflow({"1": node("Text", deep=deep)}).metadata()[0]) == {"note"}
