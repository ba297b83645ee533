"""The queue and history of ``execution.py``, and the jobs that ``comfy_execution/jobs.py`` makes of them."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from typing import Any

Entry = tuple[float, str, dict[str, Any], dict[str, Any], list[str]]  # number, id, prompt, extra data, outputs
JOB_STATUSES = ("pending", "in_progress", "completed", "failed", "cancelled")


class PromptQueue:
    """In memory only: a restart forgets all of it."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.pending: list[Entry] = []
        self.running: dict[str, Entry] = {}
        self.history: dict[str, dict[str, Any]] = {}
        self.not_empty = asyncio.Event()

    @property
    def remaining(self) -> int:
        return len(self.pending) + len(self.running)

    def put(self, entry: Entry) -> None:
        heapq.heappush(self.pending, entry)
        self._changed()
        self.not_empty.set()

    async def get(self) -> Entry:
        while not self.pending:
            self.not_empty.clear()
            await self.not_empty.wait()
        entry = heapq.heappop(self.pending)
        self.running[entry[1]] = entry
        self._changed()
        return entry

    def done(self, entry: Entry, outputs: dict[str, Any], messages: list[Any]) -> None:
        del self.running[entry[1]]
        went_well = messages[-1][0] == "execution_success"
        status = {"status_str": "success" if went_well else "error", "completed": went_well, "messages": messages}
        self.history[entry[1]] = {"prompt": entry, "outputs": outputs, "status": status, "meta": {}}
        self._changed()

    def delete(self, prompt_id: str) -> bool:
        for entry in self.pending:
            if entry[1] == prompt_id:
                self.pending.remove(entry)
                heapq.heapify(self.pending)
                self._changed()
                return True
        return False

    def jobs(self, statuses: tuple[str, ...]) -> list[dict[str, Any]]:
        """Newest first, without prompts and outputs, as the list has them."""
        queued = [_queued(entry, "in_progress") for entry in self.running.values()]
        queued += [_queued(entry, "pending") for entry in self.pending]
        all_jobs = queued + [_finished(key, kept) for key, kept in self.history.items()]
        return sorted((job for job in all_jobs if job["status"] in statuses), key=lambda job: -job["create_time"])

    def job(self, prompt_id: str) -> dict[str, Any] | None:
        """One with all that is known of it."""
        if prompt_id in self.history:
            kept = self.history[prompt_id]
            whole = {
                "outputs": kept["outputs"],
                "execution_status": kept["status"],
                "workflow": _workflow(kept["prompt"]),
            }
            return _finished(prompt_id, kept) | whole
        if prompt_id in self.running:
            entry = self.running[prompt_id]
            return _queued(entry, "in_progress") | {"workflow": _workflow(entry)}
        for entry in self.pending:
            if entry[1] == prompt_id:
                return _queued(entry, "pending") | {"workflow": _workflow(entry)}
        return None


def _workflow(entry: Entry) -> dict[str, Any]:
    return {"prompt": entry[2], "extra_data": entry[3]}


def _queued(entry: Entry, status: str) -> dict[str, Any]:
    created = entry[3]["create_time"]
    return {"id": entry[1], "status": status, "priority": entry[0], "create_time": created, "outputs_count": 0}


def _finished(prompt_id: str, kept: dict[str, Any]) -> dict[str, Any]:
    job = _queued(kept["prompt"], "completed")
    last, data = kept["status"]["messages"][-1]
    if last == "execution_interrupted":
        job["status"] = "cancelled"
    elif last == "execution_error":
        job |= {"status": "failed", "execution_error": data}
    return job
