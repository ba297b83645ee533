"""What of a node's outputs becomes an item."""

from __future__ import annotations

from typing import Any

import pytest

from darkroom.bridges.comfyui.outputs import NotAFile, Output, count_shown, read_outputs


def entry(filename: Any = "a.png", **fields: Any) -> dict[str, Any]:
    return {"filename": filename, "subfolder": "", "type": "output"} | fields


def read_one(*entries: Any, key: str = "images") -> Output | NotAFile:
    [output] = read_outputs({key: list(entries)})
    return output


@pytest.mark.parametrize(
    ("filename", "fields", "item_type", "content_type"),
    [
        ("a.png", {}, "image", "image/png"),
        ("A.WEBP", {}, "image", "image/webp"),
        ("a.mp4", {}, "video", "video/mp4"),
        ("a.flac", {}, "audio", "audio/flac"),
        ("a.glb", {}, "file", "model/gltf-binary"),
        ("a.svg", {}, "file", "image/svg+xml"),
        ("a.latent", {}, "file", "application/octet-stream"),
        ("odd", {"format": "video/h264-mp4"}, "video", "video/mp4"),
        ("a.png", {"format": "video/h264-mp4"}, "image", "image/png"),
        ("odd", {"format": 7}, "file", "application/octet-stream"),
    ],
)
def test_the_name_says_what_it_is(filename: str, fields: dict[str, Any], item_type: str, content_type: str) -> None:
    output = read_one(entry(filename, **fields))
    assert isinstance(output, Output)
    assert output.item_type == item_type
    assert output.content_type in (content_type, "application/octet-stream")


@pytest.mark.parametrize("key", ["images", "gifs", "video", "audio", "3d", "whatever a custom node says"])
def test_any_key_may_hold_files(key: str) -> None:
    assert isinstance(read_one(entry(), key=key), Output)


def test_what_is_only_shown_is_passed_over_and_counted() -> None:
    shown = {"images": [entry(type="temp"), entry(type="input"), entry("b.png")], "animated": [True], "text": ["hello"]}
    [output] = read_outputs(shown)
    assert isinstance(output, Output) and output.filename == "b.png"
    assert count_shown(shown) == 1


@pytest.mark.parametrize("shown", [None, [], "text", {"images": 7}, {"images": [None, 7, "a.png", {}]}])
def test_another_form_holds_nothing(shown: Any) -> None:
    assert list(read_outputs(shown)) == [] and count_shown(shown) == 0


@pytest.mark.parametrize(
    ("filename", "subfolder"),
    [
        ("../../etc/passwd", ""),
        ("/etc/passwd", ""),
        ("..", ""),
        ("a/b.png", ""),
        ("a\\b.png", ""),
        ("a\0.png", ""),
        ("", ""),
        ("a" * 300, ""),
        ("a.png", ".."),
        ("a.png", "x/../../y"),
        ("a.png", "..\\.."),
        ("a.png", "/etc"),
        ("a.png", "C:\\"),
        ("a.png", "x\0"),
        (7, ""),
        ("a.png", 7),
    ],
)
def test_a_path_is_no_name(filename: Any, subfolder: Any) -> None:
    refusal = read_one(entry(filename, subfolder=subfolder))
    assert isinstance(refusal, NotAFile)
    assert str(refusal).endswith(".") and len(str(refusal)) < 200


def test_the_same_file_is_the_same_item_in_one_run_and_another_in_the_next() -> None:
    first, again = read_one(entry(subfolder="x\\y")), read_one(entry(subfolder="x/y/"), key="gifs")
    assert isinstance(first, Output) and isinstance(again, Output)
    assert first.key == again.key == "x/y/a.png"
    assert first.item_id("run") == again.item_id("run") != first.item_id("another")
