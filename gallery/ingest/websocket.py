"""The WebSocket door: long-running workers send events, singly or in arrays, and receive commands.

What arrives while a transaction runs is applied together in the next one, and answered in the order of arrival.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from contextlib import suppress
from typing import Any

from gallery import metrics, outages
from gallery.access import Sender
from gallery.authentication import SUBPROTOCOL, secret_in_header, secret_in_subprotocols, worker_of
from gallery.contract import limits
from gallery.contract.commands import parse_command_ack
from gallery.contract.errors import NotifyError
from gallery.contract.parse import parse_json
from gallery.ingest.frames import Frame, Unanswered
from gallery.ingest.receive import Answer, answer_as_json
from gallery.ingest.receive import receive as receive_events
from gallery.live.direct import direct_write, encode_frame
from gallery.live.switchboard import switchboard
from gallery.live.threads import ACTIONS, INGEST, in_thread
from gallery.rate_limits import token_events
from gallery.services.commands import acknowledge_command, pending_commands

logger = logging.getLogger("gallery.ingest")

RETRY_AFTER_SECONDS = 2
NOT_TAKEN = "The gallery could not take it. Nothing was kept; send it again."
TOO_MANY_UNANSWERED = (
    f"More than {limits.EVENTS_UNANSWERED:,} events on this socket have no answer yet. Read the answers, then go on."
)
TRY_AGAIN_LATER = 4503  # 1013 says the same, but Daphne refuses to send it
FORBIDDEN = {"type": "websocket.close", "code": 4401}  # before the handshake is accepted: HTTP 403

_encode = json.JSONEncoder(separators=(",", ":")).encode


class NotifySocket:
    """One worker's connection."""

    def __init__(self, sender: Sender, send: Any) -> None:
        self.sender = sender
        self.token_id = sender.token.pk
        self.commands_waiting = asyncio.Event()
        self.commands_waiting.set()  # whatever was asked while no socket was open
        self._send = send
        self._write = direct_write(send)
        self._unanswered = Unanswered()
        self._tasks: list[asyncio.Task[None]] = []
        self._commands_sent: set[str] = set()
        self._closing: asyncio.Task[Any] | None = None

    @property
    def unanswered(self) -> int:
        """Events that have no answer yet."""
        return self._unanswered.events

    def close(self, code: int) -> None:
        """The token is worth nothing any more."""
        self._closing = asyncio.ensure_future(self._send({"type": "websocket.close", "code": code}))

    async def run(self, receive: Any) -> None:
        self._tasks = [asyncio.ensure_future(work()) for work in (self._apply_frames, self._send_commands)]
        switchboard().workers.add(self)
        try:
            while (message := await receive())["type"] != "websocket.disconnect":
                await self._take(message)
        finally:
            switchboard().workers.remove(self)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, message: dict[str, Any]) -> None:
        frame = Frame()
        try:
            raw = parse_json(_text(message), limits.FRAME_BYTES)
            if isinstance(raw, dict) and raw.get("type") == "ack":
                await self._acknowledge(raw)
                return
            events, is_array = (raw, True) if isinstance(raw, list) else ([raw], False)
            if len(events) > limits.EVENTS_PER_ARRAY:
                raise NotifyError("too_large", f"An array may have at most {limits.EVENTS_PER_ARRAY:,} events.")
            frame = Frame(events, is_array)
            if self._unanswered.events + len(events) > limits.EVENTS_UNANSWERED:
                raise NotifyError("rate_limited", TOO_MANY_UNANSWERED, retry_after=RETRY_AFTER_SECONDS)
            token_events.spend(self.token_id, len(events))
        except NotifyError as error:
            frame.refusal = error
            metrics.count_refused(error.code, frame.answers)
        frame.size = len(message.get("text") or "")
        self._unanswered.put(frame)
        if not self._unanswered.has_room.is_set():
            waiting = asyncio.ensure_future(self._unanswered.has_room.wait())
            # Or until nobody answers any more: the connection is gone then, and the server is about to say so.
            await asyncio.wait([waiting, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()

    async def _acknowledge(self, raw: dict[str, Any]) -> None:
        command_id = parse_command_ack(raw)
        if command_id is None:
            raise NotifyError("invalid", "An acknowledgement must have the command's id.")
        with suppress(NotifyError):  # it lapsed meanwhile, or was acknowledged before: nothing the worker must know
            await in_thread(ACTIONS, acknowledge_command, self.sender.token, command_id)
        self._commands_sent.discard(command_id)

    async def _apply_frames(self) -> None:
        while True:
            frames = await self._unanswered.take()
            said = [[answer_as_json(each, on_socket=True) for each in answers] for answers in await self._apply(frames)]
            await self._say(*(each if frame.is_array else each[0] for frame, each in zip(frames, said, strict=True)))
            for frame in frames:
                metrics.INGEST_SECONDS.labels("websocket").observe(time.perf_counter() - frame.arrived)
                self._unanswered.answered(frame)

    async def _apply(self, frames: list[Frame]) -> list[list[Answer]]:
        """One transaction for all the frames' events; each frame gets its own answers."""
        events = [event for frame in frames if frame.refusal is None for event in frame.events]
        try:
            answers = iter(await in_thread(INGEST, receive_events, self.sender, events, "websocket"))
        except Exception as error:
            outages.report_failure(error, "Events could not be applied.", logger)
            metrics.count_refused("unavailable", len(events))
            not_taken = NotifyError("unavailable", NOT_TAKEN, retry_after=RETRY_AFTER_SECONDS)
            return [frame.refused(frame.refusal or not_taken) for frame in frames]
        return [
            frame.refused(frame.refusal) if frame.refusal else [next(answers) for _ in frame.events] for frame in frames
        ]

    async def _send_commands(self) -> None:
        while True:
            await self.commands_waiting.wait()
            self.commands_waiting.clear()
            try:
                commands = await in_thread(ACTIONS, lambda: list(pending_commands(self.sender.token)))
            except Exception as error:  # the database is away; the poll wakes this again
                outages.report_failure(error, "Commands could not be read.", logger)
                continue
            for command in commands:
                if command.id not in self._commands_sent:
                    self._commands_sent.add(command.id)
                    await self._say(command.as_json())

    async def _say(self, *answers: Any) -> None:
        """Each is a frame of its own; where the server's insides allow it, all leave in one write."""
        texts = [_encode(answer) for answer in answers]
        if self._write is None or not self._write(b"".join(map(encode_frame, texts))):
            for text in texts:
                await self._send({"type": "websocket.send", "text": text})


def _text(message: dict[str, Any]) -> str:
    if message.get("text") is None:
        raise NotifyError("malformed", "Events are text frames, not binary ones.")
    return message["text"]


async def notify_stream(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """``/ws/notify/``: a handshake without a valid token is answered 403."""
    await receive()  # websocket.connect
    offered = scope.get("subprotocols", [])
    try:
        sender = await in_thread(ACTIONS, worker_of, _secret(scope, offered))
    except NotifyError as error:
        if error.code == "unavailable":  # no fault of the token: come back
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
        else:
            await send(FORBIDDEN)
        return
    await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if SUBPROTOCOL in offered else None})
    await NotifySocket(sender, send).run(receive)


def _secret(scope: dict[str, Any], offered: list[str]) -> str:
    for name, value in scope["headers"]:
        if name == b"authorization":
            return secret_in_header(value.decode("latin-1"))
    return secret_in_subprotocols(offered)
