"""One event: what it says, about whom, and who waits for its receipt."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from darkroom.errors import Refused

Receipt = dict[str, Any]
Payload = Mapping[str, Any]
Subject = tuple[str, ...]

EVENT_BYTES = 500 * 1024  # the gallery takes frames of 512 KiB

_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


@dataclass
class Event:
    """Its JSON is made when it is said: later changes of the payload change nothing."""

    type: str
    payload: Payload
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    answer: asyncio.Future[Receipt] | None = None  # nobody waits for passing news
    is_kept: bool = True  # False: passing news, of no use to a later worker
    is_sent: bool = False  # once it was on its way, another body would be a conflict
    text: str = field(init=False)

    def __post_init__(self) -> None:
        self.text = _encode({"type": self.type, "payload": self.payload, "id": self.id})
        if len(self.text) > EVENT_BYTES:
            raise Refused("too_large", f"An event may have {EVENT_BYTES // 1024} KiB; this {self.type} has more.")

    def merge(self, newer: Payload) -> None:
        """Say that instead; what it leaves out stays, as it would if both were sent."""
        merged = {**self.payload, **newer}
        if isinstance(self.payload.get("item"), Mapping) and isinstance(newer.get("item"), Mapping):
            merged["item"] = {**self.payload["item"], **newer["item"]}
        self.payload = merged
        self.__post_init__()

    def succeed(self, receipt: Receipt) -> None:
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(receipt)

    def fail(self, error: Exception) -> None:
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(error)
            self.answer.exception()  # whoever does not ask is not told by asyncio either


def subjects(event_type: str, payload: Payload) -> tuple[Subject, ...] | None:
    """What the event is about; None: perhaps everything."""
    if event_type.startswith("item:"):
        return (("item", str(payload.get("itemId"))),)
    if event_type == "batch:start":
        return ()
    if event_type != "batch:progress":
        return None
    batch = ("batch", str(payload.get("batchId")), str(payload.get("index", "")))
    item = payload.get("item")
    return (batch, ("item", str(item.get("id")))) if isinstance(item, Mapping) else (batch,)
