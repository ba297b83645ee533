"""What no worker and no page should send: each gets its sentence, and the socket lives on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.clients import Worker, viewer, worker
from tests.processes.conftest import Gallery, Room
from tests.servers import Server

KIB = 1024
OVER_SERVERS_LIMIT = {"daphne": 1024 * KIB + 1, "uvicorn": 16 * 1024 * KIB + 1}


def _event_of(size: int) -> str:
    """An event of ``size`` bytes of JSON, whose text is far too long."""
    frame = json.dumps({"type": "batch:start", "payload": {"label": ""}})
    return frame.replace('""', '"' + "x" * (size - len(frame)) + '"')


async def _is_well(sender: Worker) -> None:
    """The socket still takes events."""
    await sender.say("batch:start", total=1, label="Goes on")


async def test_a_frame_that_is_too_large_is_refused_alone(lone: Gallery, kind: str) -> None:
    room = lone.new_room()
    async with worker(lone.server(kind), room.secret) as sender:
        frame = _event_of(512 * KIB + 1)
        for said in (frame, [frame[:200_000], frame[200_000:400_000], frame[400_000:]]):  # whole, and fragmented
            await sender.socket.send(said)
            answer = await sender.hear()
            assert (answer["type"], answer["code"]) == ("error", "too_large"), answer
            await _is_well(sender)
        answer = await sender.tell(_event_of(512 * KIB))  # as large as may be: read, and found wrong
        assert answer["code"] == "invalid"
        answer = await sender.tell([{"type": "item:update", "payload": {}}] * 1001)
        assert answer["code"] == "too_large"
        await _is_well(sender)


@pytest.mark.parametrize("pieces", [1, 3])
async def test_a_frame_past_the_servers_own_limit_ends_that_socket_alone(lone: Gallery, kind: str, pieces: int) -> None:
    room, server = lone.new_room(), lone.server(kind)
    async with worker(server, room.secret) as bystander, worker(server, room.secret) as sender:
        await _is_well(sender)
        size = OVER_SERVERS_LIMIT[kind]
        frame = _event_of(size)
        step = -(-size // pieces)
        with pytest.raises(ConnectionClosed):
            await sender.socket.send(frame if pieces == 1 else [frame[at : at + step] for at in range(0, size, step)])
            await sender.hear()
        assert sender.socket.close_code == 1009
        await _is_well(bystander)


async def test_nonsense_is_answered_in_order_and_nothing_is_closed(lone: Gallery, kind: str) -> None:
    room = lone.new_room()
    nonsense: list[tuple[str | bytes, str]] = [
        (b"\x00\x01\x02", "malformed"),
        (b'{"type": "batch:start"}', "malformed"),  # a binary frame, whatever is in it
        ("", "malformed"),
        ("{", "malformed"),
        ("[" * 100_000, "malformed"),
        ('{"type": "batch:start", "payload": ' + '{"a":' * 5_000 + "1" + "}" * 5_001, "malformed"),
        ("NaN", "malformed"),
        ("\ufeff{}", "malformed"),
        ("null", "invalid"),
        ("17", "invalid"),
        ('"text"', "invalid"),
        ("{}", "invalid"),
        ('{"type": "no:such", "payload": {}}', "invalid"),
        ('{"type": ["batch:start"], "payload": {}}', "invalid"),
        ('{"type": "batch:end", "payload": null}', "invalid"),
        ('{"type": "ack"}', "invalid"),
        ('{"type": "ack", "id": {}}', "invalid"),
    ]
    odd_ids = ["a b", "a/b", "<b>", "ä", "../..", "a\u0000", "x" * 129, "", "a.b", "a:b", "-progress", "a'b", 'a"b']
    async with worker(lone.server(kind), room.secret) as sender:
        for frame, _ in nonsense:
            await sender.socket.send(frame)
        for frame, code in nonsense:
            answer = await sender.hear()
            assert answer["type"] == "error" and answer["code"] == code, (frame[:60], answer)
            _is_plain(answer)
        for item_id in odd_ids:
            event = {"type": "item:remove", "payload": {"itemId": item_id}, "id": "odd"}
            answer = await sender.tell(event)
            assert answer["type"] == "error" and answer["id"] == "odd", (item_id, answer)
            assert answer["code"] == "invalid" or item_id == "-progress", (item_id, answer)
            _is_plain(answer)
        answers = await sender.tell([])
        assert answers == []
        good = {"type": "batch:start", "payload": {"batchId": f"good-{room.folder_id}", "total": 1, "label": "Between"}}
        answers = await sender.tell([{"type": "no:such"}, good, 3])
        assert [answer["type"] for answer in answers] == ["error", "ack", "error"]


def _is_plain(answer: dict[str, Any]) -> None:
    assert answer["message"] and "Traceback" not in json.dumps(answer) and "\n" not in answer["message"]


@pytest.mark.parametrize("secret", ["", "wrong", "expired", "revoked"])
async def test_a_handshake_without_a_valid_token_is_refused(lone: Gallery, kind: str, secret: str) -> None:
    server = lone.server(kind)
    key, usable = lone.call("make_token")
    if secret == "expired":
        lone.call("change_rows", "WorkerToken", key, {"expires_at": -1})
    elif secret == "revoked":
        lone.call("revoke_token", key)
    offered = usable if secret in ("expired", "revoked") else secret
    options: list[dict[str, Any]] = [{"additional_headers": {"Authorization": f"Bearer {offered}"} if offered else {}}]
    if offered:
        options.append({"subprotocols": ["notify.v3", f"bearer.{offered}"]})
    for option in options:
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{server.ws}/ws/notify/", proxy=None, **option)
        assert refused.value.response.status_code == 403


async def test_a_token_may_come_as_a_subprotocol(lone: Gallery, kind: str) -> None:
    room = lone.new_room()
    protocols: list[Any] = ["notify.v3", f"bearer.{room.secret}"]
    async with connect(f"{lone.server(kind).ws}/ws/notify/", proxy=None, subprotocols=protocols) as socket:
        assert socket.subprotocol == "notify.v3"
        await _is_well(Worker(socket))


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
async def test_a_page_of_another_site_may_not_listen(lone: Gallery, kind: str, origin: str) -> None:
    room, server = lone.new_room(), lone.server(kind)
    for folder_id in (room.folder_id, None):
        with pytest.raises(InvalidStatus) as refused:
            async with viewer(server, folder_id, lone.cookies("bob"), origin=origin):
                pass
        assert refused.value.response.status_code == 403


async def test_a_path_that_is_none_is_refused(lone: Gallery, kind: str) -> None:
    server = lone.server(kind)
    for path in ("/ws/nothing/", "/ws/folders/", "/", "/ws/folders/a/b/", "/ws/notify", "/ws"):
        with pytest.raises(InvalidStatus) as refused:
            await connect(server.ws + path, proxy=None, origin=server.http)
        assert refused.value.response.status_code == 403
    await _pages_still_work(lone, lone.new_room(), server)


async def test_a_page_that_talks_nonsense_is_told_so(lone: Gallery, kind: str) -> None:
    room = lone.new_room()
    nonsense: list[tuple[str | bytes, str]] = [
        ("", "malformed"),
        ("{", "malformed"),
        (b"\x00", "malformed"),
        ("[" * 4000, "malformed"),
        ("x" * 5000, "too_large"),
        ("[]", "invalid"),
        ("{}", "invalid"),
        ('{"type": "seen"}', "invalid"),
        ('{"type": "seen", "revision": "1"}', "invalid"),
        ('{"type": "seen", "revision": true}', "invalid"),
        ('{"type": {}, "itemId": "a"}', "invalid"),
        ('{"type": "lock", "itemId": 5}', "invalid"),
        ('{"type": "lock", "itemId": "no such"}', "not_found"),
        ('{"type": "lock", "itemId": "a\\u0000"}', "not_found"),
        ('{"type": "lock", "itemId": "\\ud800"}', "not_found"),
        ('{"type": "lock", "itemId": "ends-in-progress"}', "not_found"),
        ('{"type": "unlock", "itemId": "no-such"}', "not_found"),
        ('{"type": "cancel", "batchId": "no-such"}', "not_found"),
        ('{"type": "batch:start", "payload": {}}', "invalid"),
    ]
    async with (
        viewer(lone.server(kind), room.folder_id, lone.cookies("erin")) as page,
        viewer(lone.server(kind), None, lone.cookies("erin")) as home,
    ):
        for tab in (page, home):
            await tab.wait_for_root("messages")
            for frame, code in nonsense:
                seen = len(tab.frames)
                await tab.say(frame)
                answer = await tab.wait_for_root("notice", since=seen, what=repr(frame[:60]))
                assert answer.roots["notice"].attributes["data-code"] == code, (frame[:60], answer.text)
                assert answer.roots["notice"].attributes["role"] == "alert"
        await page.say({"type": "seen", "revision": 10**30})
        await page.say({"type": "seen", "revision": -1})
        lone.call("notify", "batch:start", {"total": 1, "label": "Alive", "targetFolderId": room.folder_id})
        await page.wait_for(lambda frame: "Alive" in frame.text)


async def _pages_still_work(gallery: Gallery, room: Room, server: Server) -> None:
    async with viewer(server, room.folder_id, gallery.cookies("bob")) as page:
        await page.wait_for_root("messages")
