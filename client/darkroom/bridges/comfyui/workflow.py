"""A prompt, as ComfyUI runs it: its nodes' titles, what it will make, and what of it an item keeps.

Its form is ``{id: {"class_type", "inputs", "_meta": {"title"}}}``, where an input that is another node's output is
``[id, index]`` (ComfyUI's ``execution.py``, ``validate_prompt`` and ``validate_inputs``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from darkroom.text import clean_message, clean_name

METADATA_BYTES = 64 * 1024  # what the gallery takes for an item
METADATA_DEPTH = 30  # it takes 32 levels; two are ours
LABEL_LENGTH = 150
TITLE_LENGTH = 80
EXPECTED_MAX = 1_000
BATCH_MAX = 64  # a batch_size above it is a film and no batch
ONLY_SHOW = ("Preview", "Show", "Display", "Note", "MarkdownNote")
SAVES_EACH = "SaveImage"  # of a batch of eight this one saves eight

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


@dataclass(frozen=True)
class Workflow:
    """``graph`` is what runs; ``drawing`` is what a person drew, if the run came from ComfyUI's own page."""

    graph: Mapping[str, Any] = field(default_factory=dict)
    drawing: Any = None

    @cached_property
    def nodes(self) -> dict[str, dict[str, Any]]:
        return {str(key): node for key, node in self.graph.items() if isinstance(node, dict)}

    def title(self, node_id: Any) -> str:
        """What a person calls the node."""
        node = self.nodes.get(str(node_id), {})
        meta = node.get("_meta")
        title = (meta.get("title") if isinstance(meta, dict) else None) or node.get("class_type") or ""
        return clean_message(" ".join(str(title).split())[:TITLE_LENGTH]) or f"Node {str(node_id)[:40]}"

    @cached_property
    def expected(self) -> int:
        """How many files it will probably save: a guess that depends on the graph alone, and at least 1."""
        used = {source for node in self.nodes.values() for source in _sources(node)}
        last = [key for key in self.nodes if key not in used and not self._class(key).startswith(ONLY_SHOW)]
        count = sum(self._batch_size(key) if self._class(key) == SAVES_EACH else 1 for key in last)
        return min(max(1, count), EXPECTED_MAX)

    @property
    def label(self) -> str:
        """The name that its files begin with, else ComfyUI's."""
        prefixes = [node["inputs"].get("filename_prefix") for node in self.nodes.values() if _has_inputs(node)]
        named = [prefix.rpartition("/")[2] for prefix in prefixes if isinstance(prefix, str)]
        name = " ".join(next((name for name in named if name.strip("%_ ")), "").split())
        return clean_name(name[:LABEL_LENGTH], "ComfyUI")

    def metadata(self, **more: Any) -> tuple[dict[str, Any], str]:
        """What an item keeps of it, within the gallery's bounds; and a sentence about what had to be left out."""
        if not self.nodes:
            return more, ""
        prompt = {"prompt": dict(self.graph)}
        drawing = {"workflow": self.drawing} if self.drawing else {}
        if fits(prompt | drawing | more):
            return prompt | drawing | more, ""
        note = (
            "The workflow as it was drawn is larger than an item's metadata may be (64 KiB); only the prompt is kept."
        )
        if drawing and fits(prompt | more | {"note": note}):
            return prompt | more | {"note": note}, note
        note = (
            "The prompt is larger than an item's metadata may be (64 KiB); it is in the file, where ComfyUI wrote it."
        )
        return more | {"note": note}, note

    def _class(self, key: str) -> str:
        return str(self.nodes[key].get("class_type", ""))

    def _batch_size(self, key: str) -> int:
        """The largest ``batch_size`` that the node's pictures come through."""
        seen, ahead, largest = {key}, [key], 1
        while ahead:
            node = self.nodes.get(ahead.pop(), {})
            size = node["inputs"].get("batch_size") if _has_inputs(node) else None
            if isinstance(size, int) and 1 <= size <= BATCH_MAX:
                largest = max(largest, size)
            new = [source for source in _sources(node) if source not in seen]
            seen.update(new)
            ahead.extend(new)
        return largest


def fits(metadata: dict[str, Any]) -> bool:
    try:
        return len(_encode(metadata).encode()) <= METADATA_BYTES and _is_shallow(metadata, METADATA_DEPTH)
    except (ValueError, RecursionError):  # not a number, half a character
        return False


def _is_shallow(value: Any, levels: int) -> bool:
    if isinstance(value, dict | list):
        children = value.values() if isinstance(value, dict) else value
        return levels > 0 and all(_is_shallow(child, levels - 1) for child in children)
    return not (isinstance(value, str) and "\0" in value)


def _has_inputs(node: dict[str, Any]) -> bool:
    return isinstance(node.get("inputs"), dict)


def _sources(node: dict[str, Any]) -> list[str]:
    inputs = node["inputs"].values() if _has_inputs(node) else ()
    return [str(value[0]) for value in inputs if isinstance(value, list) and len(value) == 2]
