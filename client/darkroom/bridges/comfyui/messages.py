"""What comes over ComfyUI's socket, taken apart.

Text is ``{"type", "data"}`` (ComfyUI's ``server.py``, ``send_json``). Binary is a 32-bit big-endian number of the event
(``protocol.py``) and what ``server.py`` packs behind it: a preview with or without its metadata, or a node's text.
Nothing here trusts what it reads: what has another form is ``None``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

PREVIEW, TEXT, PREVIEW_WITH_METADATA = 1, 3, 4
HEADER_BYTES = 64 * 1024  # a preview's metadata are a few ids

# Said first, it brings previews that name their run (``comfy_execution/progress.py``, ``server.py``).
FEATURE_FLAGS = json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}})

# Of all that has no run in it, only this matters: the queue has changed.
STATUS = "status"
ENDINGS = {"execution_success": "complete", "execution_error": "error", "execution_interrupted": "cancelled"}


@dataclass(frozen=True, slots=True)
class Message:
    """One text frame. ``prompt_id`` is empty where it speaks of no run."""

    type: str
    data: dict[str, Any]
    prompt_id: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture as it is so far. ``prompt_id`` is empty in the older form."""

    data: bytes
    prompt_id: str = ""


def read_text(text: str) -> Message | None:
    try:
        said = json.loads(text)
    except ValueError:
        return None
    if not isinstance(said, dict) or not isinstance(said.get("data"), dict):
        return None
    prompt_id = said["data"].get("prompt_id")
    return Message(str(said.get("type")), said["data"], prompt_id if isinstance(prompt_id, str) else "")


def read_binary(frame: bytes) -> Preview | None:
    """A preview; a node's text (event 3) says nothing that the text frames do not."""
    event = int.from_bytes(frame[:4], "big")
    if event == PREVIEW and len(frame) > 8:
        return Preview(frame[8:])
    if event != PREVIEW_WITH_METADATA:
        return None
    end = 8 + int.from_bytes(frame[4:8], "big")
    if not 8 < end <= min(len(frame), HEADER_BYTES):
        return None
    try:
        about = json.loads(frame[8:end])
    except ValueError:
        return None
    prompt_id = about.get("prompt_id") if isinstance(about, dict) else None
    return Preview(frame[end:], prompt_id if isinstance(prompt_id, str) else "")


def remaining(message: Message) -> int | None:
    """How many runs wait or go on, from a ``status`` (``server.py``, ``get_queue_info``)."""
    info = message.data.get("status")
    count = info.get("exec_info", {}).get("queue_remaining") if isinstance(info, dict) else None
    return count if isinstance(count, int) else None
