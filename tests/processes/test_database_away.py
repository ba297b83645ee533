"""PostgreSQL goes, and comes back: nothing is acknowledged meanwhile, everybody is told, and all heals by itself."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import Callable, Iterator

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.clients import viewer, worker
from tests.processes.conftest import Gallery, Room, running_postgres
from tests.servers import PostgreSQL, Server

MOST_LINES = 8  # of a server's log about one outage, whatever meets it


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgreSQL]:
    """A PostgreSQL of this module's own, which its tests stop."""
    with running_postgres() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def gallery(new_gallery: Callable[..., Gallery], cluster: PostgreSQL) -> Gallery:
    return new_gallery("postgres", DATABASE_URL=cluster.create("away"))


def readiness(server: Server) -> tuple[int, list[str]]:
    answer = httpx.get(f"{server.http}/readyz", timeout=10)
    return answer.status_code, answer.json().get("failing", [])


async def test_an_outage_is_said_everywhere_and_heals(gallery: Gallery, cluster: PostgreSQL, kind: str) -> None:
    server = gallery.server(kind)
    room, bob = gallery.new_room(), gallery.cookies("bob")
    bearer = {"Authorization": f"Bearer {room.secret}"}
    payload = {"batchId": f"b-{kind}", "total": 1, "label": "Sunsets"}
    event = {"type": "batch:start", "payload": payload, "id": f"e-{kind}"}
    async with (
        viewer(server, room.folder_id, bob) as page,
        viewer(server, None, bob) as home,
        worker(server, room.secret) as sender,
        httpx.AsyncClient(base_url=server.http, timeout=30, cookies=bob) as client,
    ):
        revision = (await sender.say("batch:start", total=1, label="Before"))["revision"]
        await page.wait_for_revision(revision)
        assert cluster.process is not None
        cluster.process.stop(signal.SIGQUIT)

        # The doors
        answer = await client.post("/api/notify", json=event, headers=bearer)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        refused = await sender.tell(event)
        assert (refused["code"], refused["id"]) == ("unavailable", event["id"]) and refused["retryAfter"] > 0

        # What is asked for
        folder = room.folder_id
        for path in (f"/api/folders/{folder}/items", "/api/folders"):
            for headers in (bearer, {}):
                answer = await client.get(path, headers=headers)
                assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), path
                assert int(answer.headers["Retry-After"]) > 0
        for path in ("/", f"/folders/{folder}/", "/items/x/", "/admin/", "/login/"):
            answer = await client.get(path, headers={"Accept": "text/html"})
            assert answer.status_code == 503, path
            assert "cannot reach its database" in answer.text and "Traceback" not in answer.text
            assert int(answer.headers["Retry-After"]) > 0 and answer.headers["Refresh"]
        answer = await client.post(
            "/folders/", data={"name": "New"}, headers={"Referer": server.http, "X-CSRFToken": bob["csrftoken"]}
        )
        assert answer.status_code == 503 and "Nothing was changed" in answer.text
        assert "Refresh" not in answer.headers
        script = {"HX-Request": "true", "Referer": server.http, "X-CSRFToken": bob["csrftoken"]}
        answer = await client.post("/folders/", data={"name": "New"}, headers=script)
        assert answer.status_code == 503 and 'data-code="unavailable"' in answer.text
        assert readiness(server) == (503, ["database"])
        assert (await client.get("/healthz")).status_code == 200

        # Who is there is told and stays; who comes is told to come back
        told = await page.wait_for(lambda frame: "data-waits-for" in frame.text, what="a word about the outage")
        assert told.revision == revision and list(told.roots) == ["revision"]
        told = await home.wait_for(lambda frame: "data-waits-for" in frame.text, what="a word about the outage")
        assert list(told.roots) == ["heartbeat"]
        for folder_id in (folder, None):
            async with viewer(server, folder_id, bob) as late:
                assert await late.wait_closed() == 4503
        assert await _closed_with(server, room) == 4503

        # Back again
        number, at_home = len(page.frames), len(home.frames)
        cluster.start()
        await page.wait_for(lambda frame: "data-waits-for" not in frame.text, since=number, what="the end of it")
        await home.wait_for(lambda frame: "data-waits-for" not in frame.text, since=at_home, what="the end of it")
        answer = await client.post("/api/notify", json=event, headers=bearer)
        assert answer.status_code == 200, "the first event after the outage is taken"
        receipt = answer.json()
        assert await sender.tell(event) == receipt, "what was refused was not kept; what was kept is known"
        await page.wait_for_revision(receipt["revision"], since=number)
        assert readiness(server) == (200, [])
        assert (await client.get(f"/folders/{folder}/")).status_code == 200
        async with viewer(server, folder, bob, after=receipt["revision"]) as late:
            await late.wait_for_revision(receipt["revision"])
        assert not page.socket.close_code and not sender.socket.close_code
    batches = [batch["id"] for batch in gallery.call("folder_state", folder)["batches"]]
    assert len(batches) == 2 and event["payload"]["batchId"] in batches
    assert "Traceback" not in server.log, server.log
    warnings = [line for line in server.log.splitlines() if " WARNING " in line or " ERROR " in line]
    assert len(warnings) <= MOST_LINES, server.log


async def test_a_sqlite_file_that_somebody_holds_refuses_changes_and_shows_pages(
    new_gallery: Callable[..., Gallery],
) -> None:
    gallery = new_gallery("sqlite")
    server, room = gallery.server("uvicorn"), gallery.new_room()
    bob, bearer = gallery.cookies("bob"), {"Authorization": f"Bearer {room.secret}"}
    event = {"type": "batch:start", "payload": {"batchId": "held", "total": 1, "label": "Sunsets"}, "id": "held"}
    async with (
        viewer(server, room.folder_id, bob) as page,
        worker(server, room.secret) as sender,
        httpx.AsyncClient(base_url=server.http, timeout=30, cookies=bob, headers=bearer) as client,
    ):
        await sender.say("batch:start", total=1, label="Before")
        holder = sqlite3.connect(gallery.folder / "db.sqlite3", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        refused, answer, shown = await asyncio.gather(
            sender.tell(event), client.post("/api/notify", json=event), client.get(f"/folders/{room.folder_id}/")
        )
        holder.execute("ROLLBACK")
        holder.close()
        assert (refused["code"], answer.status_code, shown.status_code) == ("unavailable", 503, 200)
        assert refused["retryAfter"] > 0 and int(answer.headers["Retry-After"]) > 0
        assert (await sender.tell(event))["type"] == "ack"
        await page.wait_for_root("batch-held")
        assert all("data-waits-for" not in frame.text for frame in page.frames), "reading went on all the time"
    assert "Traceback" not in server.log, server.log


async def test_a_database_that_has_become_a_standby_refuses_changes_and_shows_pages(
    gallery: Gallery, cluster: PostgreSQL
) -> None:
    server, room, bob = gallery.server("uvicorn"), gallery.new_room(), gallery.cookies("bob")
    event = {"type": "batch:start", "payload": {"batchId": "standby", "total": 1, "label": "Sunsets"}, "id": "standby"}
    bearer = {"Authorization": f"Bearer {room.secret}"}
    async with (
        viewer(server, room.folder_id, bob) as page,
        worker(server, room.secret) as sender,
        httpx.AsyncClient(base_url=server.http, timeout=30, cookies=bob, headers=bearer) as client,
    ):
        await sender.say("batch:start", total=1, label="Before")
        cluster.refuse_writes(True)
        try:
            refused = await sender.tell(event)
            while refused["type"] == "ack":  # a connection that has not heard of it yet
                event |= {"id": f"{event['id']}x", "payload": event["payload"] | {"batchId": f"{event['id']}x"}}
                refused = await sender.tell(event)
            answer = await client.post("/api/notify", json=event)
            shown = await client.get(f"/folders/{room.folder_id}/")
        finally:
            cluster.refuse_writes(False)
        assert (refused["code"], answer.status_code, shown.status_code) == ("unavailable", 503, 200)
        assert refused["retryAfter"] > 0 and int(answer.headers["Retry-After"]) > 0
        async with asyncio.timeout(20):
            while (await sender.tell(event))["type"] != "ack":
                await asyncio.sleep(0.1)
        await page.wait_for_root(f"batch-{event['payload']['batchId']}")
    assert "Traceback" not in server.log, server.log


async def _closed_with(server: Server, room: Room) -> int:
    headers = {"Authorization": f"Bearer {room.secret}"}
    async with connect(f"{server.ws}/ws/notify/", proxy=None, additional_headers=headers) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        return closed.value.rcvd.code
