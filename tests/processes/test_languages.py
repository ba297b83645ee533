"""Who reads German and who reads English look at one folder: one event reaches both, each in its language."""

from __future__ import annotations

import json

import httpx

from tests.clients import Viewer, viewer, worker
from tests.processes.conftest import Gallery


async def test_one_event_reaches_each_in_its_language(gallery: Gallery, kind: str) -> None:
    room, server = gallery.new_room(), gallery.server(kind)
    cookies, folder_id = gallery.cookies("bob"), room.folder_id

    async def expect(page: Viewer, root: str, mine: str, foreign: str) -> None:
        frame = await page.wait_for_root(root, mine)
        assert foreign not in frame.text

    async with (
        worker(server, room.secret) as sender,
        viewer(server, folder_id, cookies) as english,
        viewer(server, folder_id, cookies, language="de") as german,
        viewer(server, folder_id, cookies, language="xx") as unknown,
    ):
        batch = (await sender.say("batch:start", total=3, label="Two"))["batchId"]
        item = {"name": "Sheet", "type": "image", "isPending": True}
        item_id = (await sender.say("batch:progress", batchId=batch, item=item))["itemId"]
        for page in (english, unknown):
            await expect(page, f"item-{item_id}", "Developing", "In Arbeit")
        await expect(german, f"item-{item_id}", "In Arbeit", "Developing")
        await expect(german, f"batch-{batch}", "0 von 3", "0 of 3")
        await sender.say("item:update", itemId=item_id, status="error")
        await expect(english, f"item-{item_id}", "The worker gave no reason.", "Grund")
        await expect(german, f"item-{item_id}", "Der Worker nannte keinen Grund.", "reason")
        async with (
            viewer(server, folder_id, cookies, language="de") as late,
            viewer(server, folder_id, cookies) as late_too,
        ):
            await expect(late, f"item-{item_id}", "Der Worker nannte keinen Grund.", "reason")
            await expect(late_too, f"item-{item_id}", "The worker gave no reason.", "Grund")


async def test_the_page_says_where_its_stream_goes_on_and_a_door_answers_in_english(gallery: Gallery) -> None:
    room, server = gallery.new_room(), gallery.server("daphne")
    path = f"/folders/{room.folder_id}/"
    async with httpx.AsyncClient(base_url=server.http, cookies=gallery.cookies("bob")) as client:
        for asked, shown in (("de-AT,de;q=0.9", "de"), ("en", "en"), ("fr", "en"), ("de", "de")):
            page = await client.get(path, headers={"Accept-Language": asked})
            assert f'<html lang="{shown}"' in page.text
            assert ("&amp;language=de" in page.text) == (shown == "de")
            assert page.headers["Content-Language"] == shown
            assert "Accept-Language" in page.headers["Vary"]
        event = json.dumps({"type": "item:remove", "payload": {"itemId": "nowhere"}})
        headers = {
            "Authorization": f"Bearer {room.secret}",
            "Accept-Language": "de",
            "Content-Type": "application/json",
        }
        refused = await client.post("/api/notify", content=event, headers=headers)
        assert refused.status_code == 404
        assert refused.json()["message"].startswith("There is no item")
