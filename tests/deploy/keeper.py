"""Somebody who fills a folder, and what a backup and its return must be to whoever looks at it."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import Any

import httpx

from tests.clients import viewer
from tests.deploy.audience import fresh_page
from tests.media.samples import gradient
from tests.processes.conftest import Room


def _picture() -> bytes:
    file = BytesIO()
    gradient().save(file, "PNG")
    return file.getvalue()


class Keeper:
    """Somebody who fills a folder over HTTP and looks at it."""

    def __init__(self, address: Any, room: Room, cookies: dict[str, str]) -> None:
        self.room = room
        self.worker = httpx.Client(
            base_url=address.http, headers={"Authorization": f"Bearer {room.secret}"}, timeout=60
        )
        self.person = httpx.Client(base_url=address.http, cookies=cookies, timeout=60)

    def add(self, name: str) -> str:
        """A finished picture in a batch of its own; returns its item's id."""
        batch = f"{name}-{self.room.folder_id}"
        start = {"type": "batch:start", "payload": {"batchId": batch, "total": 1, "label": name}}
        item = {"name": name, "type": "image", "isPending": True}
        add = {"type": "batch:progress", "payload": {"batchId": batch, "item": item}}
        _, receipt = self.worker.post("/api/notify", json=[start, add]).raise_for_status().json()
        png = {"Content-Type": "image/png"}
        self.worker.put(f"/api/items/{receipt['itemId']}/media", content=_picture(), headers=png).raise_for_status()
        done = {"type": "item:update", "payload": {"itemId": receipt["itemId"], "status": "complete"}}
        assert self.worker.post("/api/notify", json=done).json()["type"] == "ack"
        return receipt["itemId"]

    def look(self) -> tuple[int, dict[str, int]]:
        return fresh_page(self.person, self.room.folder_id)

    def picture_of(self, item_id: str) -> int:
        """The status with which its file is served."""
        media = self.worker.get(f"/api/items/{item_id}").raise_for_status().json()["mediaUrl"]
        return self.person.get(media).status_code

    def close(self) -> None:
        self.worker.close()
        self.person.close()


async def restore_under_open_pages(keeper: Keeper, address: Any, cookies: dict[str, str], work: Any) -> None:
    """Backup, more pictures, restore; an open page that saw what was lost ends like a fresh one."""
    room = keeper.room
    kept = await asyncio.to_thread(keeper.add, "Kept")
    backup = await asyncio.to_thread(keeper.look)
    await asyncio.to_thread(work, "backup")
    lost = await asyncio.to_thread(keeper.add, "Lost")
    async with viewer(address, room.folder_id, cookies, after=backup[0]) as page:
        await page.wait_for_root(f"item-{lost}")
        left_at = page.revision
    assert left_at > backup[0]
    await asyncio.to_thread(work, "restore")
    revision, cards = await asyncio.to_thread(keeper.look)
    assert cards == backup[1], "the page as it was at the backup"
    assert await asyncio.to_thread(keeper.picture_of, kept) == 200
    # Without the leap, these few changes would bring the folder to the very revision at which the page left.
    assert revision > left_at
    for name in ("Other", "Others"):
        await asyncio.to_thread(keeper.add, name)
    async with viewer(address, room.folder_id, cookies, after=left_at) as page:
        frame = await page.wait_for_root("reset")
        assert frame.roots["reset"].revision > revision
    cards = (await asyncio.to_thread(keeper.look))[1]
    assert f"item-{kept}" in cards and f"item-{lost}" not in cards and len(cards) == 3
