"""Somebody who acts on so many items that a task worker does it, while that one is killed like everything else."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tests.chaos.places import Place, Places
from tests.chaos.tidying import IN_DOUBT, Person

ITEMS = 240  # more than is done within the request, in three pieces
PAUSE_SECONDS = 1.0
SILENCE_SECONDS = 15.0  # without coming on: as if the sweeper's time had passed
END_SECONDS = 180.0
OPEN = ("waiting", "running")

Call = Callable[..., Awaitable[Any]]


class Sweeper(Person):
    """Moves its items to and fro and through the trash, all of them each time. ``call`` reaches backstage."""

    def __init__(self, base: str, cookies: dict[str, str], folder_ids: list[str], item_ids: list[str], call: Call):
        super().__init__(base, cookies)
        self.here, self.there = map(Place, folder_ids)
        self.item_ids, self.call = item_ids, call
        self.places = Places()
        for item_id in item_ids:
            self.places.put(item_id, self.here)
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []

    async def work(self, is_over: asyncio.Event) -> None:
        """Each action is seen to its end; the one that is at work when all is over as well."""
        while not is_over.is_set():
            trash = self.here._replace(is_trashed=True)
            for kind, before, after in (
                ("move", self.here, self.there),
                ("move", self.there, self.here),
                ("delete", self.here, trash),
                ("restore", trash, self.here),
            ):
                await self._act(kind, before, after)
                await asyncio.sleep(PAUSE_SECONDS)
                if is_over.is_set():
                    return

    async def _act(self, kind: str, before: Place, after: Place) -> None:
        known = {row["id"] for row in await self._rows()}
        for item_id in self.item_ids:
            self.places.doubt(item_id, after)
        while not await self._is_taken(kind, before, after, known):
            await asyncio.sleep(PAUSE_SECONDS)
        ended = await self._until_ended(kind, known)
        self.counts[kind] += 1
        if all(row["status"] == "complete" and not row["failed_count"] for row in ended):
            for item_id in self.item_ids:
                self.places.put(item_id, after)
        elif len(ended) == 1:  # else it was taken twice, and the later one may have found nothing left to do
            self.wrong.append(f"UNDONE: {kind} of {ITEMS} items ended as {ended[0]}.")

    async def _is_taken(self, kind: str, before: Place, after: Place, known: set[str]) -> bool:
        """Asked, or asked before and unanswered."""
        if {row["id"] for row in await self._rows()} - known:
            return True
        form = {"items": " ".join(self.item_ids)} | ({"target": after.folder_id} if kind == "move" else {})
        try:
            answer = await self.client.post(f"/folders/{before.folder_id}/actions/{kind}/", data=form)
        except httpx.HTTPError:
            self.counts["unanswered"] += 1
            return False
        if IN_DOUBT > answer.status_code >= 400:
            self.wrong.append(f"{kind} of {ITEMS} items was answered {answer.status_code}: {answer.text[:200]}")
        return answer.status_code < IN_DOUBT

    async def _until_ended(self, kind: str, known: set[str]) -> list[dict[str, Any]]:
        loop = asyncio.get_running_loop()
        until, seen, at = loop.time() + END_SECONDS, None, loop.time()
        while loop.time() < until:
            rows = [row for row in await self._rows() if row["id"] not in known]
            if rows and all(row["status"] not in OPEN for row in rows):
                return rows
            if rows != seen:
                seen, at = rows, loop.time()
            elif loop.time() - at > SILENCE_SECONDS:
                for row in rows:
                    if row["status"] in OPEN:
                        await self._patiently("change_rows", "MassAction", row["id"], seconds={"look_at": 0})
                at = loop.time()
            await asyncio.sleep(0.3)
        self.wrong.append(f"ENDLESS: {kind} of {ITEMS} items did not end in {END_SECONDS:.0f} s: {seen}")
        return []

    async def _rows(self) -> list[dict[str, Any]]:
        fields = ["id", "status", "message", "done_count", "failed_count", "failures", "list_position"]
        return await self._patiently("rows", "MassAction", fields, owner__username="erin")

    async def _patiently(self, *arguments: Any, **named: Any) -> Any:
        """Backstage, also while the database is away."""
        while True:
            try:
                return await self.call(*arguments, **named)
            except RuntimeError:
                await asyncio.sleep(0.5)
