"""What comes over ComfyUI's socket, and what only looks like it."""

from __future__ import annotations

import json

import pytest

from darkroom.bridges.comfyui.messages import Message, Preview, read_binary, read_text, remaining

PICTURE = b"\xff\xd8\xff picture"


def number(value: int) -> bytes:
    return value.to_bytes(4, "big")


def with_metadata(about: object, picture: bytes = PICTURE) -> bytes:
    header = json.dumps(about).encode()
    return number(4) + number(len(header)) + header + picture


def test_a_message_names_its_run() -> None:
    text = json.dumps({"type": "progress", "data": {"value": 1, "max": 2, "prompt_id": "a", "node": "3"}})
    message = read_text(text)
    assert message is not None and (message.type, message.prompt_id, message.data["max"]) == ("progress", "a", 2)


@pytest.mark.parametrize("text", ["", "no json", "[]", "7", '{"type": "status"}', '{"type": "status", "data": []}'])
def test_what_is_no_message_is_none(text: str) -> None:
    assert read_text(text) is None


def test_a_run_id_that_is_no_text_is_none() -> None:
    assert read_text('{"type": "progress", "data": {"prompt_id": 7}}') == Message("progress", {"prompt_id": 7}, "")


def test_the_older_preview_names_no_run() -> None:
    assert read_binary(number(1) + number(1) + PICTURE) == Preview(PICTURE)


def test_the_newer_preview_names_its_run() -> None:
    frame = with_metadata({"node_id": "3", "prompt_id": "a", "image_type": "image/jpeg"})
    assert read_binary(frame) == Preview(PICTURE, "a")


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\0",
        number(1),
        number(2) + PICTURE,
        number(3) + number(1) + b"3text",
        number(4),
        number(4) + number(2**31) + PICTURE,
        number(4) + number(0) + PICTURE,
        number(4) + number(4) + b"no j" + PICTURE,
    ],
)
def test_other_frames_are_no_preview(frame: bytes) -> None:
    assert read_binary(frame) is None


def test_metadata_of_another_form_names_no_run() -> None:
    assert read_binary(with_metadata([1])) == read_binary(with_metadata({"prompt_id": 7})) == Preview(PICTURE)


@pytest.mark.parametrize(
    ("data", "count"),
    [({"status": {"exec_info": {"queue_remaining": 3}}}, 3), ({"status": 7}, None), ({}, None), ({"status": {}}, None)],
)
def test_the_length_of_the_queue(data: dict[str, object], count: int | None) -> None:
    assert remaining(Message("status", data, "")) == count
