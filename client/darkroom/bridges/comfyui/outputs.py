"""What a node made, as ``executed`` and the history list it, and what of it becomes an item.

The keys differ by node (``images``, ``gifs``, ``audio``, ``3d`` …) and ``animated`` is a list of flags beside them, so
the form of each entry decides and not its key (ComfyUI's ``comfy_execution/jobs.py``, ``get_outputs_summary``).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from darkroom.files import UNKNOWN_TYPE, content_type_of, item_type_of

NAMESPACE = uuid.UUID("6c9f9b55-6a0e-4b1e-9f63-5d0f0e8a3c11")
NAME_LENGTH = 255  # a file's name on the disks that ComfyUI runs on
KEPT_FOLDER = "output"  # ``temp`` holds what a node only shows, ``input`` what was there before


@dataclass(frozen=True, slots=True)
class Output:
    """One file in ComfyUI's output folder."""

    filename: str
    subfolder: str
    content_type: str

    @property
    def key(self) -> str:
        """The same for the same file, however often and by whichever node it is named."""
        return f"{self.subfolder}/{self.filename}" if self.subfolder else self.filename

    @property
    def item_type(self) -> str:
        return item_type_of(self.content_type)

    def item_id(self, prompt_id: str) -> str:
        """Told twice, it is the same item."""
        return str(uuid.uuid5(NAMESPACE, f"comfyui|{prompt_id}|{self.key}"))

    def query(self) -> dict[str, str]:
        """For ``GET /view``."""
        return {"filename": self.filename, "subfolder": self.subfolder, "type": KEPT_FOLDER}


class NotAFile(ValueError):
    """An entry that names no file in the output folder; says so in a sentence."""


def read_outputs(shown: Any) -> Iterator[Output | NotAFile]:
    """The files that a node saved; entries that only show something are passed over."""
    if not isinstance(shown, dict):
        return
    entries = [entry for value in shown.values() if isinstance(value, list) for entry in value]
    for entry in entries:
        if isinstance(entry, dict) and "filename" in entry and entry.get("type") == KEPT_FOLDER:
            try:
                yield _read(entry)
            except NotAFile as error:
                yield error


def count_shown(shown: Any) -> int:
    """How many files a node only showed, and did not save."""
    values = shown.values() if isinstance(shown, dict) else ()
    entries = [entry for value in values if isinstance(value, list) for entry in value]
    return sum(isinstance(entry, dict) and entry.get("type") == "temp" for entry in entries)


def _read(entry: dict[str, Any]) -> Output:
    filename, subfolder = entry["filename"], entry.get("subfolder") or ""
    if not isinstance(filename, str) or not isinstance(subfolder, str):
        raise NotAFile("ComfyUI named an output without a name; it was left where it is.")
    subfolder = subfolder.replace("\\", "/")
    is_name = 0 < len(filename) <= NAME_LENGTH and not set(filename) & set("/\\\0") and filename not in (".", "..")
    is_below = not subfolder.startswith("/") and ".." not in subfolder.split("/") and ":" not in subfolder
    if not is_name or not is_below or "\0" in subfolder:
        raise NotAFile(f"{f'{subfolder}/{filename}'[:100]!r} is a path and not a file's name; it was not fetched.")
    return Output(filename, subfolder.strip("/"), _content_type(filename, entry.get("format")))


def _content_type(filename: str, format: Any) -> str:
    by_name = content_type_of(filename)
    # Custom nodes name the format, as in "video/h264-mp4".
    named = format.partition("/")[0] if isinstance(format, str) and by_name == UNKNOWN_TYPE else ""
    return {"video": "video/mp4", "audio": "audio/mpeg"}.get(named, by_name)
