"""What ComfyUI's pull side says of a run, in one form for its newer and its older answers.

Newer versions have ``/api/jobs`` (``server.py``, ``comfy_execution/jobs.py``); before, it is the queue's tuples
``[number, id, prompt, extra_data, outputs]`` and the history's ``{prompt, outputs, status}`` (``execution.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from darkroom.bridges.comfyui.messages import ENDINGS
from darkroom.bridges.comfyui.workflow import Workflow

FINISHED = ("completed", "failed", "cancelled")


@dataclass(frozen=True)
class Summary:
    """A line of the list. ``created`` is 0 where the version does not say."""

    id: str
    status: str
    number: float = 0.0
    created: float = 0.0

    @property
    def is_over(self) -> bool:
        return self.status in FINISHED


AnySummary = TypeVar("AnySummary", bound=Summary)


@dataclass(frozen=True)
class Job(Summary):
    """All that is known of one."""

    workflow: Workflow = field(default_factory=Workflow)
    client_id: str | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)
    messages: tuple[tuple[str, dict[str, Any]], ...] = ()

    @property
    def cached_nodes(self) -> list[Any]:
        return next((data.get("nodes") or [] for event, data in self.messages if event == "execution_cached"), [])

    @property
    def ending(self) -> dict[str, Any]:
        """What was said last: which node, and why."""
        return next((data for event, data in reversed(self.messages) if event in ENDINGS), {})


def in_order(jobs: Iterable[AnySummary]) -> list[AnySummary]:
    """What runs, and then what waits, the next one first."""
    return sorted(jobs, key=lambda job: (job.status != "in_progress", job.number))


def read_list(answer: Any) -> list[Summary]:
    """``GET /api/jobs``."""
    lines = answer.get("jobs") if isinstance(answer, dict) else None
    return [summary for line in lines or [] if (summary := read_summary(line))]


def read_summary(line: Any) -> Summary | None:
    """A line of ``GET /api/jobs``."""
    if not isinstance(line, dict) or not isinstance(line.get("id"), str):
        return None
    return Summary(line["id"], str(line.get("status")), _number(line.get("priority")), _number(line.get("create_time")))


def read_job(answer: Mapping[str, Any]) -> Job | None:
    """``GET /api/jobs/ID``."""
    summary = read_summary(answer)
    if summary is None:
        return None
    source = _dict(answer.get("workflow"))
    messages = _messages(_dict(answer.get("execution_status")).get("messages"))
    return _job(summary, source.get("prompt"), source.get("extra_data"), answer.get("outputs"), messages)


def read_queued(entry: Any, status: str) -> Job | None:
    """An entry of ``GET /queue``."""
    if not isinstance(entry, list) or len(entry) < 4 or not isinstance(entry[1], str):
        return None
    created = _number(_dict(entry[3]).get("create_time"))
    return _job(Summary(entry[1], status, _number(entry[0]), created), entry[2], entry[3])


def read_history(prompt_id: str, kept: Any) -> Job | None:
    """An entry of ``GET /history``."""
    entry = _dict(kept).get("prompt")
    queued = read_queued(entry, "completed")
    if queued is None or not isinstance(entry, list):
        return None
    status = _dict(kept.get("status"))
    messages = _messages(status.get("messages"))
    word = "completed"
    if status.get("status_str") == "error":
        word = "cancelled" if any(event == "execution_interrupted" for event, _ in messages) else "failed"
    summary = Summary(prompt_id, word, queued.number, queued.created)
    return _job(summary, entry[2], entry[3], kept.get("outputs"), messages)


def _job(summary: Summary, prompt: Any, extra: Any, outputs: Any = None, messages: Any = ()) -> Job:
    extra = _dict(extra)
    client_id = extra.get("client_id")
    return Job(
        summary.id,
        summary.status,
        summary.number,
        summary.created,
        Workflow(_dict(prompt), _dict(extra.get("extra_pnginfo")).get("workflow")),
        client_id if isinstance(client_id, str) else None,
        _dict(outputs),
        tuple(messages),
    )


def _messages(value: Any) -> list[tuple[str, dict[str, Any]]]:
    entries = value if isinstance(value, list) else []
    pairs = [entry for entry in entries if isinstance(entry, list) and len(entry) == 2]
    return [(str(event), data) for event, data in pairs if isinstance(data, dict)]


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
