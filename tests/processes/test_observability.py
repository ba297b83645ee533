"""What real servers count and log: an event is followed from its door to the frame, and the figures are right."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from gallery.live.direct import encode_frame
from tests.clients import viewer, worker
from tests.processes.conftest import Gallery
from tests.servers import Server, wait_until

TOKEN = "let prometheus in"


def figures(server: Server) -> Callable[..., float]:
    """``figures(server)("darkroom_frames_total", stream="folder")``"""
    answer = httpx.get(f"{server.http}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)
    samples = [one for family in text_string_to_metric_families(answer.text) for one in family.samples]

    def read(name: str, **labels: str) -> float:
        return sum(one.value for one in samples if one.name == name and labels.items() <= one.labels.items())

    return read


@pytest.fixture(scope="module")
def watched(new_gallery: Callable[..., Gallery]) -> Gallery:
    return new_gallery("sqlite", METRICS_TOKEN=TOKEN, LOG_FORMAT="json", LOG_EVENTS="1")


def lines_about(server: Server, event_id: str) -> list[dict[str, Any]]:
    """What ``grep`` finds of one event in the log."""
    return [json.loads(line) for line in server.log.splitlines() if event_id in line and line.startswith("{")]


async def test_an_event_is_followed_from_its_door_to_the_frame(watched: Gallery, kind: str) -> None:
    server, room = watched.server(kind), watched.new_room()
    bearer = {"Authorization": f"Bearer {room.secret}"}
    async with viewer(server, room.folder_id, watched.cookies("bob")) as page, worker(server, room.secret) as sender:
        for door in ("websocket", "http"):
            event_id = f"{door}-{kind}-7f3a"
            payload = {"batchId": event_id, "total": 1, "label": "Sunsets"}
            event = {"type": "batch:start", "payload": payload, "id": event_id}
            if door == "http":
                answer = httpx.post(f"{server.http}/api/notify", json=event, headers=bearer, timeout=30).json()
            else:
                answer = await sender.tell(event)
            await page.wait_for_revision(answer["revision"])
            wait_until(lambda name=event_id: len(lines_about(server, name)) >= 3, 5, "the three lines")
            received, *_ = lines_about(server, event_id)
            by_message = {line["message"].split()[0]: line for line in lines_about(server, event_id)}
            assert by_message.keys() == {"received", "applied", "sent"} and by_message["received"] == received
            assert (received["door"], received["event"], received["event_id"]) == (door, "batch:start", event_id)
            applied, sent = by_message["applied"], by_message["sent"]
            assert (applied["folder_id"], applied["revision"]) == (room.folder_id, answer["revision"])
            assert event_id in sent["event_ids"] and sent["since"] < applied["revision"] <= sent["revision"]
            assert (sent["folder_id"], sent["viewers"]) == (room.folder_id, 1)
        refused = await sender.tell({"type": "item:remove", "payload": {"itemId": "nobody"}, "id": f"no-{kind}"})
        assert refused["code"] == "not_found"
        [line] = [line for line in lines_about(server, f"no-{kind}") if line["message"].startswith("refused")]
        assert line["code"] == "not_found"


async def test_the_figures_are_those_of_what_happened(watched: Gallery, kind: str) -> None:
    server, room = watched.server(kind), watched.new_room()
    bob = watched.cookies("bob")
    before = figures(server)
    async with (
        viewer(server, room.folder_id, bob) as one,
        viewer(server, room.folder_id, bob) as other,
        viewer(server, None, bob),
        worker(server, room.secret) as sender,
    ):
        pages = (one, other)
        batch = (await sender.say("batch:start", total=9, label="Sunsets"))["batchId"]
        lines = [{"type": "batch:progress", "payload": {"batchId": batch, "progress": at}} for at in range(20)]
        answers = await asyncio.gather(*(sender.tell(line) for line in lines[:1]))
        for line in lines[1:]:
            answers.append(await sender.tell(line))
        for page in pages:
            await page.wait_for_revision(answers[-1]["revision"])
        await sender.tell({"type": "item:remove", "payload": {"itemId": "nobody"}})
        await sender.tell("{")
        now = figures(server)
        assert (now("darkroom_viewers", stream="folder"), now("darkroom_viewers", stream="home")) == (2, 1)
        assert (now("darkroom_worker_sockets"), now("darkroom_paused_viewers")) == (1, 0)
        assert (now("darkroom_unanswered_events"), now("darkroom_up", part="database")) == (0, 1)

        def grown(name: str, **labels: str) -> float:
            return now(name, **labels) - before(name, **labels)

        assert grown("darkroom_events_total", type="batch:start", outcome="ack") == 1
        assert grown("darkroom_events_total", type="batch:progress", outcome="ack") == 20
        assert grown("darkroom_events_total", type="item:remove", outcome="not_found") == 1
        assert grown("darkroom_events_total", type="none", outcome="malformed") == 1
        assert grown("darkroom_ingest_seconds_count", door="websocket") == 23
        texts = [frame.text for page in pages for frame in page.frames[1:] if f"batch-{batch}" in frame.text]
        assert grown("darkroom_frames_total", stream="folder") == len(texts)
        assert grown("darkroom_frame_bytes_total", stream="folder") == sum(len(encode_frame(text)) for text in texts)
        made = grown("darkroom_broadcasts_total", stream="folder")
        assert 0 < made <= len(texts) and grown("darkroom_frame_build_seconds_count") == made
        assert grown("darkroom_broadcast_revisions_total") >= 20
        assert grown("darkroom_rings_total", source="here") >= 21
        assert 0.05 <= grown("darkroom_tick_seconds_sum") / grown("darkroom_tick_seconds_count") < 5


async def test_what_only_the_poll_found_is_counted(watched: Gallery) -> None:
    """Two processes on one SQLite file ring no bell to each other."""
    here, there, room = watched.server("uvicorn"), watched.server("daphne"), watched.new_room()
    before = figures(here)("darkroom_missed_rings_total")
    async with viewer(here, room.folder_id, watched.cookies("bob")) as page, worker(there, room.secret) as sender:
        await page.wait_for(lambda frame: True)
        await asyncio.sleep(0.3)  # so that the hub has looked for its first viewer
        answer = await sender.say("batch:start", total=1, label="Elsewhere")
        await page.wait_for_revision(answer["revision"])
        wait_until(lambda: figures(here)("darkroom_missed_rings_total") > before, 5, "the lost ring to be counted")
        number = figures(here)("darkroom_missed_rings_total")
    async with viewer(here, room.folder_id, watched.cookies("bob")) as page, worker(here, room.secret) as sender:
        for _ in range(5):
            answer = await sender.say("batch:start", total=1, label="Here")
            await page.wait_for_revision(answer["revision"])
        await asyncio.sleep(0.7)
        assert figures(here)("darkroom_missed_rings_total") == number, "what rang here was not missed"


def test_the_default_log_is_quiet(lone: Gallery) -> None:
    server, room = lone.server("uvicorn"), lone.new_room()
    event = {"type": "batch:start", "payload": {"batchId": "quiet", "total": 1, "label": "x"}, "id": "quiet-7f3a"}
    headers = {"Authorization": f"Bearer {room.secret}"}
    assert httpx.post(f"{server.http}/api/notify", json=event, headers=headers, timeout=30).status_code == 200
    assert "quiet-7f3a" not in server.log
