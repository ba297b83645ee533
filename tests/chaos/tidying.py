"""Somebody who tidies up meanwhile: throws away, brings back and moves what the workers are still at."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from random import Random
from zlib import crc32

import httpx

from tests.chaos.places import Place, Places

PATIENCE = 20.0
PAUSE_SECONDS = (0.1, 0.6)
AT_ONCE = 8  # items of an action
PAGE = 60
MAY_BE_REFUSED = {"locked", "not_found"}  # by a worker's lock; since its worker has removed it
IN_DOUBT = 500  # from this status on nobody knows whether it was done


class Person:
    """Somebody's session, through whatever stands before the servers."""

    def __init__(self, base: str, cookies: dict[str, str]) -> None:
        headers = {"X-CSRFToken": cookies["csrftoken"], "Referer": base, "HX-Request": "true"}
        self.client = httpx.AsyncClient(base_url=base, cookies=cookies, headers=headers, timeout=PATIENCE)

    async def close(self) -> None:
        await self.client.aclose()


@dataclass(frozen=True)
class Shares:
    """Whose an item is, where several tidy up: nobody moves what another one has just put somewhere."""

    number: int
    of: int
    spared: frozenset[str]

    def is_mine(self, item_id: str) -> bool:
        return item_id not in self.spared and crc32(item_id.encode()) % self.of == self.number


class Tidier(Person):
    """Takes some of what a folder lists, and puts it elsewhere."""

    def __init__(self, base: str, cookies: dict[str, str], folder_ids: list[str], shares: Shares, chance: Random):
        super().__init__(base, cookies)
        self.folder_ids, self.shares, self.chance = folder_ids, shares, chance
        self.places = Places()
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []

    async def work(self, is_over: asyncio.Event) -> None:
        while not is_over.is_set():
            try:
                await self._tidy(self.chance.choice(self.folder_ids))
            except httpx.HTTPError:
                self.counts["unanswered"] += 1
            await asyncio.sleep(self.chance.uniform(*PAUSE_SECONDS))

    async def _tidy(self, folder_id: str) -> None:
        here, trash = Place(folder_id), Place(folder_id, is_trashed=True)
        answer = await self.client.get(f"/api/folders/{folder_id}/items", params={"limit": PAGE})
        if not self._is_answered(answer):
            return
        listed = [item["id"] for item in answer.json()["items"] if self.shares.is_mine(item["id"])]
        for item_id in listed:
            self.wrong += self.places.see(item_id, here)
        kind = self.chance.choice(["delete", "restore", "move"])
        if kind == "restore":
            await self._do(kind, self.places.certain(trash), here)
        elif kind == "delete":
            await self._do(kind, [key for key in self.places.certain(here) if key in listed], trash)
        else:
            [other] = [key for key in self.folder_ids if key != folder_id]
            await self._do(kind, [key for key in self.places.certain(here) if key in listed], Place(other))

    async def _do(self, kind: str, items: list[str], place: Place) -> None:
        chosen = self.chance.sample(items, min(len(items), self.chance.randint(1, AT_ONCE)))
        if not chosen:
            return
        said = {"itemIds": chosen} | ({"folderId": place.folder_id} if kind == "move" else {})
        try:
            answer = await self.client.post(f"/api/items/{kind}", json=said)
        except httpx.HTTPError:
            answer = None
        if answer is None or answer.status_code >= IN_DOUBT:
            for item_id in chosen:
                self.places.doubt(item_id, place)
            self.counts["in doubt"] += len(chosen)
            return
        told = answer.json()
        if answer.is_success:
            for item_id in told["itemIds"]:
                self.places.put(item_id, place)
            self.counts[kind] += len(told["itemIds"])
            refused = {one["itemId"]: one["code"] for one in told["refused"]}
        elif len(chosen) == 1:
            refused = {chosen[0]: told["code"]}
        else:  # none was done, and the first reason is said for all
            refused = {}
            self._check_reason(kind, told["code"])
        for item_id, code in refused.items():
            self._check_reason(kind, code)
            if code == "not_found":
                self.places.miss(item_id)

    def _check_reason(self, kind: str, code: str) -> None:
        self.counts["refused"] += 1
        if code not in MAY_BE_REFUSED:
            self.wrong.append(f"A tidier was refused to {kind}: {code}.")

    def _is_answered(self, answer: httpx.Response) -> bool:
        if answer.is_success:
            return True
        if answer.status_code < IN_DOUBT:
            self.wrong.append(f"A tidier was answered {answer.status_code} by {answer.url}.")
        return False
