"""A task as a project has it: what the task worker of tests is given to do."""

from __future__ import annotations

from typing import Any

from gallery import notify
from gallery.tasks import in_background


@in_background
def say(event: str, payload: dict[str, Any]) -> None:
    notify(event, payload)


@in_background
def fail() -> None:
    raise RuntimeError("It was to fail.")
