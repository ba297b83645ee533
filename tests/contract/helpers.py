"""Short ways to say an event and to read its refusal."""

from __future__ import annotations

from typing import Any

import pytest

from gallery.contract.errors import NotifyError
from gallery.contract.events import Event
from gallery.contract.parse import parse_envelope

ITEM = {"name": "Cat", "type": "image"}

# The least that each event needs.
LEAST: dict[str, dict[str, Any]] = {
    "batch:start": {"batchId": "b1", "total": 4, "label": "Cats"},
    "batch:progress": {"batchId": "b1"},
    "batch:end": {"batchId": "b1", "status": "complete"},
    "item:update": {"itemId": "i1", "status": "processing"},
    "item:remove": {"itemId": "i1"},
    "item:lock": {"itemId": "i1"},
    "item:unlock": {"itemId": "i1"},
    "system:message": {"text": "Back at noon", "level": "info"},
}


def read(event_type: str, **payload: Any) -> Event:
    """The event with its least payload, changed by ``payload``."""
    return parse_envelope({"type": event_type, "payload": LEAST.get(event_type, {}) | payload}).event


def read_item(**fields: Any) -> Any:
    return read("batch:progress", item=ITEM | fields).item


def refusal(raw: object) -> NotifyError:
    with pytest.raises(NotifyError) as caught:
        parse_envelope(raw)
    assert caught.value.code == "invalid"
    return caught.value


def wrong_fields(event_type: str, **payload: Any) -> dict[str, str]:
    """Field → sentence, for the event with its least payload changed by ``payload``."""
    error = refusal({"type": event_type, "payload": LEAST.get(event_type, {}) | payload})
    return {wrong.field: wrong.message for wrong in error.errors}


def wrong_item_fields(**fields: Any) -> dict[str, str]:
    return wrong_fields("batch:progress", item=ITEM | fields)
