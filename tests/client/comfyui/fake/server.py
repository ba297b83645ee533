"""The sockets, and what is sent to whom, as ``server.py`` has it."""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from tests.client.comfyui.fake.executor import Executor
from tests.client.comfyui.fake.paths import Paths
from tests.client.comfyui.fake.queue import PromptQueue

Send = Callable[[dict[str, Any]], Any]


@dataclass
class Knobs:
    """What ``POST /fake`` turns."""

    duplicate: bool = False  # every message twice
    reorder: bool = False  # a message may overtake the one before it
    delay: float = 0.0  # seconds before each message
    goodbye: float = 0.0  # seconds until a closed socket's handler ends, and removes whoever has its id then
    jobs: bool = True  # False: an older one, without /api/jobs
    first_jobs: bool = False  # /api/jobs as it was first: no status "cancelled", no prompt of what is queued
    answers: bool = True  # False: something else lives here


@dataclass
class Socket:
    send: Send
    closed: asyncio.Event = field(default_factory=asyncio.Event)


class PromptServer:
    """Whoever looks for ComfyUI finds this; ``app`` is its ASGI application."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.knobs = Knobs()
        self.sockets: dict[str, Socket] = {}
        self.sockets_metadata: dict[str, dict[str, Any]] = {}
        self.client_id: str | None = None
        self.last_node_id: str | None = None
        self.interrupted = False
        self.number = 0
        self.sent = 0  # frames
        self.interrupts: list[str | None] = []
        self.messages: asyncio.Queue[tuple[Any, Any, str | None]] = asyncio.Queue()
        self.queue = PromptQueue(self._queue_changed)

    def start(self, at_once: int) -> list[asyncio.Task[None]]:
        work = [Executor(self).run() for _ in range(at_once)]
        return [asyncio.ensure_future(each) for each in (*work, self._publish())]

    # Messages

    def send_sync(self, event: str | int, data: Any, sid: str | None = None) -> None:
        self.messages.put_nowait((event, data, sid))

    def supports_metadata(self, sid: str | None) -> bool:
        return bool(self.sockets_metadata.get(sid or "", {}).get("supports_preview_metadata"))

    def _queue_changed(self) -> None:
        self.send_sync("status", self.status())

    def status(self) -> dict[str, Any]:
        return {"status": {"exec_info": {"queue_remaining": self.queue.remaining}}}

    async def _publish(self) -> None:
        chance = random.Random(4)
        while True:
            message = await self.messages.get()
            await asyncio.sleep(self.knobs.delay)
            if self.knobs.reorder and chance.random() < 0.4:
                asyncio.get_running_loop().call_later(0.05, self.messages.put_nowait, message)
                continue
            for _ in range(2 if self.knobs.duplicate else 1):
                await self.send(*message)

    async def send(self, event: Any, data: Any, sid: str | None = None) -> None:
        if isinstance(event, int):
            frame = {"bytes": event.to_bytes(4, "big") + data}
        else:
            frame = {"text": json.dumps({"type": event, "data": data})}
        for socket in [self.sockets.get(sid)] if sid is not None else list(self.sockets.values()):
            if socket is not None and not socket.closed.is_set():
                self.sent += 1
                await socket.send({"type": "websocket.send"} | frame)

    # Doors

    async def app(self, scope: dict[str, Any], receive: Callable[[], Any], send: Send) -> None:
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http":
            body = b""
            while (part := await receive()).get("more_body"):
                body += part["body"]
            await Paths(self).answer(scope, body + part.get("body", b""), send)

    async def _websocket(self, scope: dict[str, Any], receive: Callable[[], Any], send: Send) -> None:
        await receive()
        if not self.knobs.answers:
            return await send({"type": "websocket.close"})
        await send({"type": "websocket.accept"})
        query = dict(parse_qsl(scope["query_string"].decode()))
        sid = query.get("clientId") or uuid.uuid4().hex
        socket = self.sockets[sid] = Socket(send)
        self.sockets_metadata[sid] = {}
        await self.send("status", self.status() | {"sid": sid}, sid)
        if self.client_id == sid and self.last_node_id is not None:
            await self.send("executing", {"node": self.last_node_id}, sid)
        is_first = True
        try:
            while (message := await _receive_or_closed(receive, socket)) is not None:
                said = json.loads(message)
                if is_first and said.get("type") == "feature_flags":
                    self.sockets_metadata[sid] = said["data"]
                    await self.send("feature_flags", {"supports_preview_metadata": True}, sid)
                is_first = False
            if socket.closed.is_set():
                await send({"type": "websocket.close", "code": 1012})
        finally:
            socket.closed.set()
            await asyncio.sleep(self.knobs.goodbye)
            self.sockets.pop(sid, None)  # whoever has this id by now
            self.sockets_metadata.pop(sid, None)


async def _receive_or_closed(receive: Callable[[], Any], socket: Socket) -> str | None:
    """The next text; None when either side is done."""
    waits = {asyncio.ensure_future(receive()), asyncio.ensure_future(socket.closed.wait())}
    done, rest = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in rest:
        wait.cancel()
    message = next(iter(done)).result()
    return message.get("text") if isinstance(message, dict) and message["type"] == "websocket.receive" else None
