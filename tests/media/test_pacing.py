from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from gallery.media.pacing import paced


class Request:
    """What Daphne's request offers, as far as it is used."""

    def __init__(self) -> None:
        self.channel: object | None = object()
        self.producer: Any = None
        self.sent: list[dict[str, Any]] = []

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        assert streaming and self.producer is None
        self.producer = producer

    def unregisterProducer(self) -> None:
        self.producer = None


async def answer(request: Request, message: dict[str, Any]) -> None:
    if message["type"] == "http.response.body" and not message.get("more_body"):
        assert request.producer is None  # Twisted wants it gone before the end
    request.sent.append(message)
    if len(request.sent) == 2 and request.producer:
        request.producer.pauseProducing()  # its buffer is full


async def film(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200})
    for _ in range(3):
        await send({"type": "http.response.body", "body": b"part", "more_body": True})
    await send({"type": "http.response.body"})


async def test_a_full_connection_is_waited_for() -> None:
    request = Request()
    task = asyncio.create_task(paced(film)({"type": "http"}, None, partial(answer, request)))
    await asyncio.sleep(0.01)
    assert len(request.sent) == 2 and not task.done()
    request.producer.resumeProducing()
    await asyncio.wait_for(task, 1)
    assert len(request.sent) == 5 and request.producer is None


async def test_a_connection_that_is_lost_holds_nothing_up() -> None:
    request = Request()
    request.channel = None
    await asyncio.wait_for(paced(film)({"type": "http"}, None, partial(answer, request)), 1)
    assert len(request.sent) == 5


async def test_a_body_that_is_all_there_leaves_the_others_their_turn() -> None:
    heard: list[str] = []

    async def neighbour() -> None:
        for _ in range(3):
            heard.append("neighbour")
            await asyncio.sleep(0)

    async def reader(scope: dict[str, Any], receive: Any, send: Any) -> None:
        for _ in range(3):
            await receive()
            heard.append("part")

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"part", "more_body": True}

    task = asyncio.create_task(neighbour())
    await paced(reader)({"type": "http"}, receive, partial(answer, Request()))
    await task
    assert heard == ["neighbour", "part"] * 3


@pytest.mark.parametrize("scope", [{"type": "http"}, {"type": "websocket"}])
async def test_other_servers_are_left_alone(scope: dict[str, Any]) -> None:
    sends = []

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        sends.append(send)

    async def send(message: dict[str, Any]) -> None:
        """Uvicorn's waits by itself."""

    await paced(application)(scope, None, send)
    assert sends == [send]
