from __future__ import annotations

import time
from datetime import UTC, datetime
from uuid import UUID

import pytest

from gallery.contract.errors import NotifyError
from gallery.contract.events import EVENTS
from gallery.contract.limits import FRAME_BYTES
from gallery.contract.parse import parse_envelope, parse_event, parse_json
from tests.contract.helpers import ITEM, LEAST, refusal

UPDATE = {"type": "item:update", "payload": {"itemId": "i1", "status": "processing", "progress": 45.5}}


def code_of(text: str | bytes, limit: int = FRAME_BYTES) -> str:
    with pytest.raises(NotifyError) as caught:
        parse_json(text, limit)
    return caught.value.code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "nothing",
        "{'a': 1}",
        "NaN",
        "[Infinity]",
        '{"a": -Infinity}',
        b"\xff\xfe",
        b'"\xed\xa0\x80"',
        pytest.param("[" * 100_000, id="deep-open"),
        pytest.param("[" * 100_000 + "]" * 100_000, id="deep-arrays"),
        pytest.param('{"a":' * 50_000 + "1" + "}" * 50_000, id="deep-objects"),
        pytest.param("1" * 5_000, id="huge-number"),
        "\ufeff{}",
        "\ud800",
        '"a\nb"',
    ],
)
def test_what_is_not_json_is_malformed(text):
    assert code_of(text) == "malformed"


def test_json_of_text_and_of_bytes():
    assert parse_json('{"a": [1]}', 10) == {"a": [1]}
    assert parse_json('"é"'.encode(), 4) == "é"


def test_size_is_counted_in_bytes():
    assert code_of('"é"', 3) == "too_large"
    assert code_of('"é"'.encode(), 3) == "too_large"
    assert parse_json('"é"', 4) == "é"


@pytest.mark.parametrize("raw", [None, 5, "x", [], [UPDATE], True])
def test_an_event_is_an_object(raw):
    assert "object" in refusal(raw).message


def test_unknown_type_lists_the_known_ones():
    error = refusal({"type": "item:explode", "payload": {}})
    assert [wrong.field for wrong in error.errors] == ["type"]
    assert all(name in error.errors[0].message for name in EVENTS)


def test_everything_wrong_with_the_envelope_is_named():
    error = refusal({"id": "", "colour": 1})
    assert {wrong.field: wrong.message for wrong in error.errors} == {
        "id": "must be text of 1 to 128 characters",
        "type": "is missing",
        "payload": "is missing",
        "colour": "is not a field of an event",
    }
    assert error.message.startswith("4 fields are wrong")


def test_wrong_envelope_and_wrong_payload_are_named_together():
    error = refusal(UPDATE | {"colour": 1, "payload": {"itemId": "i1"}})
    assert [wrong.field for wrong in error.errors] == ["colour", "payload.status"]


@pytest.mark.parametrize("payload", [None, [], "x", 5])
def test_payload_is_an_object(payload):
    assert refusal(UPDATE | {"payload": payload}).message == "payload must be an object."


@pytest.mark.parametrize("event_type", [None, 5, [], {}])
def test_type_is_text(event_type):
    assert refusal(UPDATE | {"type": event_type}).message == "type must be text."


@pytest.mark.parametrize(("event_id", "kept"), [("a b:é", "a b:é"), (7, "7"), (None, None), ("x" * 128, "x" * 128)])
def test_event_id(event_id, kept):
    assert parse_envelope(UPDATE | {"id": event_id}).id == kept


@pytest.mark.parametrize("event_id", ["", "x" * 129, "\0", "\ud800", True, 1.5, [], {}, 10**200])
def test_bad_event_id(event_id):
    error = refusal(UPDATE | {"id": event_id})
    assert [wrong.field for wrong in error.errors] == ["id"]
    assert error.event_id is None


def test_refusal_carries_the_event_id():
    assert refusal({"type": "item:update", "payload": {}, "id": 7}).event_id == "7"
    assert refusal({"type": "nope", "payload": {}, "id": "a"}).as_json()["id"] == "a"


def test_digest_is_of_type_and_payload():
    envelope = parse_envelope(UPDATE | {"id": "a"})
    turned = dict(reversed(UPDATE["payload"].items()))
    assert len(envelope.digest) == 64
    assert parse_envelope({"id": "b", "type": "item:update", "payload": turned}).digest == envelope.digest
    assert (
        parse_envelope(UPDATE | {"id": "a", "payload": UPDATE["payload"] | {"progress": 46}}).digest != envelope.digest
    )
    assert parse_envelope(UPDATE).digest == ""


def test_many_wrong_fields_get_a_bounded_answer():
    error = refusal(UPDATE | {"payload": {f"{number}{'x' * 500}": 1 for number in range(5_000)}})
    assert error.message.startswith("5002 fields are wrong")
    assert len(error.errors) == 100
    assert max(len(wrong.field) for wrong in error.errors) < 150


def test_names_with_half_characters_can_be_answered():
    error = refusal({"type": "item:update", "payload": {"\ud800": 1}, "\udfff": 1})
    assert error.errors
    "".join(f"{wrong.field}{wrong.message}" for wrong in error.errors).encode()


def test_depth_bombs_are_refused_without_a_traceback():
    bomb: object = 1
    for _ in range(100_000):
        bomb = [bomb]
    for payload in ({"generationId": "g", "ignored": bomb}, {"generationId": bomb}):
        assert refusal({"type": "taskEnd", "payload": payload, "id": "a"}).event_id == "a"
    item = ITEM | {"metadata": {"a": bomb}}
    assert refusal({"type": "batch:progress", "payload": {"batchId": "b", "item": item}, "id": "a"}).event_id == "a"
    with pytest.raises(NotifyError):
        parse_event("batch:progress", {"batchId": "b", "item": item})


def test_python_values():
    uuid = UUID("6d3c1f2e-4c0a-4f0e-9a57-3d5b1c0f9a11")
    envelope = parse_event("item:update", {"itemId": uuid, "status": "complete"}, event_id=5)
    assert (envelope.event.item_id, envelope.id) == (str(uuid), "5")
    noon = datetime(2030, 1, 31, 12, tzinfo=UTC)
    assert parse_event("system:message", LEAST["system:message"] | {"expiresAt": noon}).event.expires_at == noon
    with pytest.raises(NotifyError, match="time zone"):
        parse_event("system:message", LEAST["system:message"] | {"expiresAt": noon.replace(tzinfo=None)})


def test_python_payload_is_copied():
    metadata = {"seeds": (1, 2)}
    event = parse_event("batch:progress", {"batchId": "b", "item": ITEM | {"metadata": metadata}}).event
    metadata["seeds"] = ()
    assert event.item.metadata == {"seeds": [1, 2]}


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x"])
def test_python_value_that_is_no_json_is_named(value):
    with pytest.raises(NotifyError) as caught:
        parse_event("item:update", {"itemId": "a", "status": "complete", "message": value}, event_id="e")
    assert [wrong.field for wrong in caught.value.errors] == ["payload.message"]
    assert caught.value.event_id == "e"


@pytest.mark.parametrize("payload", [None, "x", [], object(), {(1, 2): 3}])
def test_python_payload_that_is_no_object(payload):
    with pytest.raises(NotifyError):
        parse_event("item:update", payload)


def test_progress_is_read_quickly():
    best = float("inf")
    for _ in range(20):
        started = time.perf_counter()
        for _ in range(200):
            parse_envelope(UPDATE)
        best = min(best, (time.perf_counter() - started) / 200)
    assert best < 100e-6  # about 6 µs on two shared cores; the bound only catches a wrong order of magnitude
