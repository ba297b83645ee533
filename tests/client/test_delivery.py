"""The asynchronous core against a real gallery: through both doors, and over everything that breaks."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from darkroom import AsyncGallery, DarkroomError, Refused, TokenRefused
from tests.browser.proxy import FaultyProxy
from tests.client.conftest import Place
from tests.processes.conftest import Gallery

AWAY_SECONDS = float(os.environ.get("DARKROOM_TEST_AWAY_SECONDS", "4"))
EVENTS_A_SECOND = 100
PATIENCE = 60.0


def start(worker: AsyncGallery, batch: str, total: int) -> asyncio.Future[dict[str, Any]]:
    return worker.say("batch:start", {"batchId": batch, "total": total, "label": batch})


def add(worker: AsyncGallery, batch: str, item: str, **fields: Any) -> asyncio.Future[dict[str, Any]]:
    described = {"id": item, "name": item, "type": "image", "isPending": True} | fields
    return worker.say("batch:progress", {"batchId": batch, "item": described})


def finish(worker: AsyncGallery, item: str) -> asyncio.Future[dict[str, Any]]:
    return worker.say("item:update", {"itemId": item, "status": "complete"})


async def test_events_arrive_in_order_with_receipts(worker: AsyncGallery, place: Place) -> None:
    start(worker, "order", 3)
    answers = [add(worker, "order", f"order-{number}") for number in range(3)]
    answers += [finish(worker, f"order-{number}") for number in range(3)]
    receipts = await asyncio.wait_for(asyncio.gather(*answers), PATIENCE)
    assert worker.door == "websocket" and worker.waiting == 0
    assert [receipt["itemId"] for receipt in receipts] == [f"order-{number}" for number in (0, 1, 2) * 2]
    assert [item["slot"] for item in place.state["items"]] == [0, 1, 2]
    assert {item["status"] for item in place.state["items"]} == {"complete"}


async def test_a_refused_event_raises_and_takes_nobody_with_it(worker: AsyncGallery, place: Place) -> None:
    heard: list[tuple[str, str]] = []
    worker.on_refused(lambda kind, payload, refusal: heard.append((payload["itemId"], refusal.code)))
    start(worker, "neighbours", 1)
    lost = finish(worker, "never-heard-of")
    worker.progress("item:update", {"itemId": "neither", "status": "processing", "progress": 1})
    await asyncio.wait_for(add(worker, "neighbours", "kept"), PATIENCE)
    with pytest.raises(Refused) as refusal:
        await lost
    assert refusal.value.code == "not_found" and str(refusal.value).endswith(".")
    assert heard == [("never-heard-of", "not_found"), ("neither", "not_found")]
    assert "kept" in place.items


@pytest.mark.parametrize("fault", ["refuse", "cut"])
async def test_where_no_socket_gets_through_http_does(place: Place, proxy: FaultyProxy, fault: Any) -> None:
    proxy.become(fault)
    async with AsyncGallery(proxy.http, place.room.secret) as worker:
        start(worker, f"by-http-{fault}", 40)
        for number in range(40):
            add(worker, f"by-http-{fault}", f"http-{fault}-{number}")
            await asyncio.sleep(0.02)
        assert await worker.flush(PATIENCE)
        if fault == "refuse":
            assert worker.door == "http"
    assert len(place.state["items"]) == 40
    assert proxy.sockets


async def test_commands_come_through_both_doors(place: Place, proxy: FaultyProxy) -> None:
    for fault in ("", "refuse"):
        proxy.become(fault)
        async with AsyncGallery(proxy.http, place.room.secret) as worker:
            heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
            worker.on_command(heard.put)
            await asyncio.wait_for(start(worker, f"cancel-{fault}", 2), PATIENCE)
            place.gallery.call("ask_to_cancel", f"cancel-{fault}")
            command = await asyncio.wait_for(heard.get(), PATIENCE)
            assert command["type"] == "batch:cancel" and command["payload"] == {"batchId": f"cancel-{fault}"}
            assert worker.door == ("http" if fault else "websocket")

            def left() -> list[Any]:
                return place.gallery.call("rows", "Command", ["id"], token=place.room.token_key)

            async with asyncio.timeout(PATIENCE):
                while left():
                    await asyncio.sleep(0.05)


async def test_a_gallery_that_is_killed_and_stays_away_loses_and_doubles_nothing(site: Gallery) -> None:
    """100 events a second go on meanwhile; ``DARKROOM_TEST_AWAY_SECONDS=60`` for the whole minute."""
    room, server = site.new_room(), site.new_server("daphne").start()
    refused: list[Any] = []
    try:
        async with AsyncGallery(server.http, room.secret) as worker:
            worker.on_refused(lambda *refusal: refused.append(refusal))
            await asyncio.wait_for(start(worker, "away", 100_000), PATIENCE)
            loop = asyncio.get_running_loop()
            began, said = loop.time(), 0

            async def say_until(seconds: float) -> None:
                nonlocal said
                while (now := loop.time() - began) < seconds:
                    while said < now * EVENTS_A_SECOND:
                        item = f"away-{said // 2}"
                        _ = finish(worker, item) if said % 2 else add(worker, "away", item)
                        said += 1
                    await asyncio.sleep(0.005)

            await say_until(1.0)
            server.kill()
            await say_until(1.0 + AWAY_SECONDS)
            assert not worker.is_connected and worker.waiting > AWAY_SECONDS * EVENTS_A_SECOND / 2
            await asyncio.to_thread(server.start)
            await say_until(loop.time() - began + 1.0)
            assert await worker.flush(PATIENCE + AWAY_SECONDS)
        state = site.call("folder_state", room.folder_id)
        assert refused == []
        assert {item["id"] for item in state["items"]} == {f"away-{number}" for number in range((said + 1) // 2)}
        assert sum(item["status"] == "complete" for item in state["items"]) == said // 2
        assert sorted(item["slot"] for item in state["items"]) == list(range((said + 1) // 2)), "and in their order"
        assert len(site.call("receipts", room.token_key)) == said + 1
    finally:
        server.kill()


async def test_a_token_that_is_unknown_or_revoked_is_said(place: Place) -> None:
    async with AsyncGallery(place.server.http, "nobody's") as worker:
        answer = start(worker, "never", 1)
        with pytest.raises(TokenRefused, match="does not accept the token"):
            await asyncio.wait_for(worker.run(), PATIENCE)
        with pytest.raises(TokenRefused):
            await answer
        with pytest.raises(TokenRefused):
            start(worker, "never", 1)


async def test_a_token_without_rights_is_told_in_a_sentence(place: Place) -> None:
    _, bobs = place.gallery.call("make_token", "bob")
    _, charlies = place.gallery.call("make_token", "charlie")
    for secret, code in ((bobs, "forbidden"), (charlies, "not_found")):
        async with AsyncGallery(place.server.http, secret) as worker:
            payload = {"batchId": f"mine-{code}", "total": 1, "label": "Mine", "targetFolderId": place.room.folder_id}
            with pytest.raises(Refused) as refusal:
                await asyncio.wait_for(worker.say("batch:start", payload), PATIENCE)
            assert refusal.value.code == code and " " in str(refusal.value)


async def test_a_gallery_that_is_not_there_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    worker = AsyncGallery("http://127.0.0.1:1", "token")
    answer = start(worker, "nowhere", 1)
    while "does not answer" not in caplog.text:
        await asyncio.sleep(0.01)
    assert not await worker.flush(0.01) and worker.waiting == 1
    await worker.close(0)
    with pytest.raises(DarkroomError, match="was closed"):
        await answer
    assert "1 events were not taken" in caplog.text


@pytest.mark.parametrize("url", ["", "gallery.example.org", "ftp://gallery.example.org", "http://"])
def test_an_address_that_is_none_is_said(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DARKROOM_URL", raising=False)
    with pytest.raises(DarkroomError, match=r"gallery"):
        AsyncGallery(url, "token")
