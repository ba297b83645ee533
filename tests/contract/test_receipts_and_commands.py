from __future__ import annotations

import json
from typing import Any

import pytest

from gallery.contract.commands import batch_cancel, item_retry, parse_command_ack, system_drain
from gallery.contract.errors import STATUS_BY_CODE, FieldError, NotifyError
from gallery.contract.events import EVENTS
from gallery.contract.receipts import Receipt
from gallery.contract.schema import event_json_schema
from gallery.contract.version2 import VERSION2_EVENTS


def test_receipt_holds_what_applies():
    assert Receipt().as_json() == {"type": "ack"}
    assert Receipt("e", 0, "f", "b", "i", 3).as_json() == {
        "type": "ack",
        "id": "e",
        "revision": 0,
        "folderId": "f",
        "batchId": "b",
        "itemId": "i",
        "fence": 3,
    }


def test_commands():
    assert batch_cancel("c", "b") == {"type": "batch:cancel", "id": "c", "payload": {"batchId": "b"}}
    assert item_retry("c", "i") == {"type": "item:retry", "id": "c", "payload": {"itemId": "i"}}
    assert system_drain("c", "Restart") == {"type": "system:drain", "id": "c", "payload": {"message": "Restart"}}


def test_command_acknowledgement():
    assert parse_command_ack({"type": "ack", "id": "c"}) == "c"
    assert parse_command_ack({"type": "ack", "id": 5}) == "5"


@pytest.mark.parametrize(
    "raw", [None, [], "ack", {}, {"type": "ack"}, {"type": "ack", "id": ""}, {"type": "x", "id": "c"}]
)
def test_no_command_acknowledgement(raw):
    assert parse_command_ack(raw) is None


@pytest.mark.parametrize("code", STATUS_BY_CODE)
def test_errors_as_json(code):
    error = NotifyError(code, "No.", [FieldError("payload.x", "is missing")], retry_after=3, event_id="e")
    assert error.as_json(on_socket=True) == {
        "type": "error",
        "code": code,
        "message": "No.",
        "id": "e",
        "errors": [{"field": "payload.x", "message": "is missing"}],
        "retryAfter": 3,
    }
    assert "retryAfter" not in error.as_json()
    assert error.status == STATUS_BY_CODE[code]


def test_schema_has_every_event():
    schema = event_json_schema()
    names = [envelope["properties"]["type"]["const"] for envelope in schema["oneOf"]]
    assert names == [*EVENTS, *VERSION2_EVENTS]
    start = schema["$defs"]["BatchStartEvent"]
    assert start["required"] == ["batchId", "total", "label"]
    assert start["properties"]["total"]["maximum"] == 100_000
    assert start["additionalProperties"] is False
    assert all("description" in field for field in start["properties"].values())
    json.dumps(schema)


def test_schema_shows_the_limits_of_fields_in_which_null_means_the_default():
    definitions = event_json_schema()["$defs"]

    def alternatives(model: str, field: str) -> list[dict[str, Any]]:
        return definitions[model]["properties"][field]["anyOf"]

    null = {"type": "null"}
    assert alternatives("BatchProgressEvent", "message") == [{"type": "string", "maxLength": 2_000}, null]
    assert alternatives("ItemFields", "mediaUrl") == [{"type": "string", "maxLength": 2_000}, null]
    assert alternatives("ItemLockEvent", "ttlSeconds") == [{"type": "integer", "minimum": 5, "maximum": 3_600}, null]


def test_schema_for_openapi_points_to_its_components():
    schema = event_json_schema("#/components/schemas/{model}", version2=False)
    assert [envelope["properties"]["payload"] for envelope in schema["oneOf"]][0] == {
        "$ref": "#/components/schemas/BatchStartEvent"
    }
    assert len(schema["oneOf"]) == len(EVENTS)
