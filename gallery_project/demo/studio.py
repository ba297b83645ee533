"""The worker's day: one batch after the other, and whatever people ask for in between."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from darkroom import AsyncGallery, Refused
from gallery_project.demo.programme import Assignment, Plan, plan
from gallery_project.demo.session import ItemSession, Pace, Shelved

logger = logging.getLogger("demo.worker")

PREFIX = "demo-"  # of all ids that are the worker's own choice
KEPT_PICTURES = 300  # of the worker's own; older ones are removed
PAGE = 100
CANCELLED = "Cancelled in the gallery."


@dataclass
class Memory:
    """Where the worker stands in its programme; kept in a file, so that a new start goes on there."""

    seed: int
    batch: int = 0
    batch_id: str = ""
    index: int = 0  # of the item that is next
    failed: int = 0

    @classmethod
    def load(cls, path: Path | None, seed: int | None) -> Memory:
        fresh = cls(seed if seed is not None else uuid.uuid4().int % 2**31)
        if path is None or not path.exists():
            return fresh
        try:
            kept = cls(**json.loads(path.read_text()))
        except (ValueError, TypeError):
            return fresh
        return kept if seed in (None, kept.seed) else fresh

    def save(self, path: Path | None) -> None:
        if path is not None:
            temporary = path.with_suffix(".new")
            temporary.write_text(json.dumps(asdict(self)))
            temporary.replace(path)


class Studio:
    """Makes pictures until it is cancelled."""

    def __init__(self, url: str, token: str, pace: Pace, memory: Memory, kept_in: Path | None = None) -> None:
        self.gallery = AsyncGallery(url, token)
        self.gallery.on_command(self._on_command)
        self.gallery.on_refused(self._on_refused)
        self.pace, self.memory, self._kept_in = pace, memory, kept_in
        self._session: ItemSession | None = None
        self._retries: deque[str] = deque()
        self._something_asked = asyncio.Event()
        self._cancelled: set[str] = set()
        self._drained_at = 0  # the connection on which the gallery asked for quiet

    def _on_command(self, command: dict[str, Any]) -> None:
        payload = command.get("payload") or {}
        match command.get("type"):
            case "batch:cancel":
                self._cancel(payload["batchId"])
            case "item:retry":
                item_id = payload["itemId"]
                if item_id not in self._retries:
                    self._retries.append(item_id)
                    waiting = {"itemId": item_id, "status": "processing", "progress": None}
                    self.gallery.say("item:update", waiting | {"message": "Waiting for its turn"})
                self._something_asked.set()
            case "system:drain":
                logger.info("The gallery asks for quiet: after this batch nothing new until the next connection.")
                self._drained_at = self.gallery.times_connected

    def _cancel(self, batch_id: str) -> None:
        self._cancelled.add(batch_id)
        if batch_id != self.memory.batch_id:
            self.gallery.say("batch:end", {"batchId": batch_id, "status": "cancelled", "message": CANCELLED})
        elif self._session is not None and self._session.batch_id == batch_id:
            self._session.stop()

    def _on_refused(self, event_type: str, payload: Mapping[str, Any], refusal: Refused) -> None:
        logger.warning("%s: %s", event_type, refusal)
        if self._session is not None and refusal.code in ("not_found", "forbidden") and self._session.is_about(payload):
            self._session.stop()  # somebody has removed it: nobody waits for it

    async def run(self) -> None:
        while True:
            while self._drained_at and self._drained_at == self.gallery.times_connected:
                await self._pause(1.0)
            folder_id = await self._make_batch(plan(self.memory.seed, self.memory.batch))
            self._remember(batch=self.memory.batch + 1, batch_id="", index=0, failed=0)
            await self._make_room(folder_id)
            await self._pause(self.pace.pause_seconds)

    async def leave(self, seconds: float) -> None:
        """Stop, and say so on the card that is left unfinished; a new start begins it anew."""
        if self._session is not None:
            self._session.pause()
        await self.gallery.flush(seconds)

    def _remember(self, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(self.memory, name, value)
        self.memory.save(self._kept_in)

    async def _make_batch(self, todo: Plan) -> str:
        memory = self.memory
        if not memory.batch_id:
            self._remember(batch_id=f"{PREFIX}{uuid.uuid4().hex[:16]}")
        batch_id, total = memory.batch_id, len(todo.assignments)
        left = sum(a.seconds for a in todo.assignments[memory.index :]) * self.pace.effort
        start = {"batchId": batch_id, "total": total, "label": todo.label, "estimatedTimeSeconds": round(left)}
        started = self.gallery.say("batch:start", start)
        sessions = [
            ItemSession(self.gallery, self.pace, assignment, f"{batch_id}-{index}", batch_id, index, todo.style)
            for index, assignment in enumerate(todo.assignments)
        ]
        if todo.style == "queue":
            for session in sessions[memory.index :]:
                session.announce(waiting=session.index - memory.index)
        for session in sessions[memory.index :]:
            if batch_id in self._cancelled:
                break
            if todo.style == "queue":
                for later in sessions[session.index + 1 :]:
                    later.wait_for(later.index - session.index)
            failed = await self._work(session)
            if batch_id not in self._cancelled:
                self._remember(index=session.index + 1, failed=memory.failed + failed)
                await self._serve_retries()
        await self._end_batch(batch_id, total)
        with suppress(Refused):
            return str((await started).get("folderId", ""))
        return ""

    async def _end_batch(self, batch_id: str, total: int) -> None:
        failed = self.memory.failed
        if batch_id in self._cancelled:
            status, message = "cancelled", CANCELLED
        elif failed:
            status = "partial" if failed < total else "error"
            message = f"{failed} of {total} could not be made; each says why. Retry takes safer parameters."
        else:
            status, message = "complete", ""
        with suppress(Refused):
            await self.gallery.say("batch:end", {"batchId": batch_id, "status": status, "message": message})

    async def _work(self, session: ItemSession, *, careful: bool = False) -> bool:
        """True when the picture could not be made."""
        self._session = session
        try:
            return not await session.run(careful=careful)
        except Shelved:
            return False
        finally:
            self._session = None

    async def _serve_retries(self) -> None:
        self._something_asked.clear()
        while self._retries:
            item_id = self._retries.popleft()
            with suppress(Refused):  # somebody has removed it
                item = await self.gallery.get(f"/api/items/{item_id}")
                assignment = Assignment.from_metadata(item.get("metadata") or {})
                if assignment is None:
                    message = "The worker does not know how this picture was made."
                    self.gallery.say("item:update", {"itemId": item_id, "status": "error", "message": message})
                else:
                    await self._work(ItemSession(self.gallery, self.pace, assignment, item_id), careful=True)

    async def _pause(self, seconds: float) -> None:
        """Rest, but serve whoever asks for something."""
        end = asyncio.get_running_loop().time() + seconds
        while (left := end - asyncio.get_running_loop().time()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._something_asked.wait(), left)
                await self._serve_retries()

    async def _make_room(self, folder_id: str) -> None:
        """Remove the worker's oldest pictures beyond ``KEPT_PICTURES``; other people's are not touched."""
        seen, cursor = 0, ""
        with suppress(Refused):
            while folder_id:
                page = await self.gallery.get(f"/api/folders/{folder_id}/items", cursor=cursor, limit=PAGE)
                for item in page["items"]:
                    seen += item["id"].startswith(PREFIX)
                    if item["id"].startswith(PREFIX) and seen > KEPT_PICTURES:
                        self.gallery.say(
                            "item:remove", {"itemId": item["id"], "message": "Made room for newer pictures"}
                        )
                cursor = page.get("next") or ""
                if not cursor:
                    break
