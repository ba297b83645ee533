"""Where a run is, where each of its outputs is, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Phase(StrEnum):
    WAITING = "waiting"  # in ComfyUI's queue
    RUNNING = "running"
    OVER = "over"  # how it ended is known; outputs may still be copied
    ENDED = "ended"  # and told


class Copied(StrEnum):
    COPYING = "copying"
    KEPT = "kept"
    FAILED = "failed"
    OLD = "old"  # made by an earlier run, and in the gallery since


@dataclass(frozen=True, slots=True)
class Say:
    """An event for the gallery."""

    type: str
    payload: dict[str, Any]
