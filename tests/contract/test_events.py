from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gallery.contract.events import EVENTS, BatchStartEvent
from gallery.contract.version2 import VERSION2_EVENTS
from tests.contract.helpers import LEAST, read, wrong_fields


@pytest.mark.parametrize("event_type", EVENTS)
def test_least_payload_is_enough(event_type):
    assert type(read(event_type)) is EVENTS[event_type]


@pytest.mark.parametrize(("event_type", "field"), [(name, field) for name, least in LEAST.items() for field in least])
def test_every_required_field_is_named_when_it_is_missing(event_type, field):
    payload = {name: value for name, value in LEAST[event_type].items() if name != field}
    least, LEAST[event_type] = LEAST[event_type], payload
    try:
        assert wrong_fields(event_type) == {f"payload.{field}": "is missing"}
    finally:
        LEAST[event_type] = least


@pytest.mark.parametrize("event_type", EVENTS)
def test_unknown_field_is_refused(event_type):
    assert wrong_fields(event_type, colour="red") == {"payload.colour": f"is not a field of {event_type}"}


def test_snake_case_is_for_python_only():
    assert BatchStartEvent(batch_id="b1", total=1, label="x").batch_id == "b1"
    assert wrong_fields("batch:start", batch_id="b1") == {"payload.batch_id": "is not a field of batch:start"}


@pytest.mark.parametrize("model", [*EVENTS.values(), *VERSION2_EVENTS.values()])
def test_every_field_is_described(model):
    assert all(field.description for field in model.model_fields.values())


@pytest.mark.parametrize(
    ("total", "sentence"),
    [
        (0, "must be at least 1"),
        (100_001, "must be at most 100,000"),
        pytest.param(10**5000, "must be at most 100,000", id="huge"),
        ("8", "must be a whole number"),
        (8.0, "must be a whole number"),
        (True, "must be a whole number"),
        (None, "must be a whole number"),
    ],
)
def test_total_is_a_whole_number_within_bounds(total, sentence):
    assert wrong_fields("batch:start", total=total) == {"payload.total": sentence}


@pytest.mark.parametrize("total", [1, 100_000])
def test_bounds_of_total_are_accepted(total):
    assert read("batch:start", total=total).total == total


def test_label_is_not_blank_nor_too_long():
    assert wrong_fields("batch:start", label="") == {"payload.label": "must not be empty"}
    assert wrong_fields("batch:start", label=" \n") == {"payload.label": "must not be empty"}
    assert wrong_fields("batch:start", label="\u200b\u2060\u202e") == {"payload.label": "must not be empty"}
    assert wrong_fields("batch:start", label="x" * 201) == {"payload.label": "must be at most 200 characters long"}
    assert read("batch:start", label=" é" * 100).label == " é" * 100


@pytest.mark.parametrize("progress", [-0.1, 100.1, "5", True, float("nan"), float("inf"), 1e400])
def test_progress_is_a_percentage(progress):
    assert wrong_fields("batch:progress", progress=progress).keys() == {"payload.progress"}


def test_null_progress_differs_from_none_said():
    assert "progress" not in read("item:update").model_fields_set
    said = read("item:update", progress=None)
    assert said.progress is None
    assert "progress" in said.model_fields_set
    assert read("item:update", progress=0).progress == 0


def test_null_message_empties():
    said = read("item:update", message=None)
    assert said.message == ""
    assert "message" in said.model_fields_set


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 2001, 5])
def test_message_is_text_that_a_database_keeps(text):
    assert wrong_fields("batch:end", message=text).keys() == {"payload.message"}


def test_text_is_kept_as_it_is():
    assert read("batch:end", message=" <b>&amp;\n").message == " <b>&amp;\n"


@pytest.mark.parametrize("index", [-1, 100_000, "0", True, 1.5])
def test_index_is_a_slot(index):
    assert wrong_fields("batch:progress", index=index).keys() == {"payload.index"}


@pytest.mark.parametrize(
    ("event_type", "field"),
    [("batch:end", "status"), ("item:update", "status"), ("system:message", "level")],
)
@pytest.mark.parametrize("value", ["done", None, 1, [], {}])
def test_closed_sets_name_their_choices(event_type, field, value):
    assert wrong_fields(event_type, **{field: value})[f"payload.{field}"].startswith("must be '")


def test_lease():
    assert read("item:lock").ttl_seconds == 90
    assert read("item:lock", ttlSeconds=None).ttl_seconds == 90
    assert read("item:lock", ttlSeconds=5).ttl_seconds == 5
    assert wrong_fields("item:lock", ttlSeconds=4) == {"payload.ttlSeconds": "must be at least 5"}
    assert wrong_fields("item:lock", ttlSeconds=3601) == {"payload.ttlSeconds": "must be at most 3,600"}


def test_estimate_is_bounded():
    assert read("batch:start", estimatedTimeSeconds=1.5).estimated_time_seconds == 1.5
    assert wrong_fields("batch:start", estimatedTimeSeconds=-1).keys() == {"payload.estimatedTimeSeconds"}
    assert wrong_fields("batch:start", estimatedTimeSeconds=1e12).keys() == {"payload.estimatedTimeSeconds"}


def test_expiry_is_kept_in_utc():
    noon = datetime(2030, 1, 31, 12, tzinfo=UTC)
    assert read("system:message", expiresAt="2030-01-31T12:00:00Z").expires_at == noon
    assert read("system:message", expiresAt="2030-01-31T14:00:00+02:00").expires_at == noon
    assert read("system:message", expiresAt=None).expires_at is None


@pytest.mark.parametrize(
    "value", ["2030-01-31T12:00:00", "2030-01-31", "soon", "1893456000", 1893456000, "0001-01-01T00:00:00+14:00", True]
)
def test_expiry_must_be_a_moment(value):
    assert wrong_fields("system:message", expiresAt=value).keys() == {"payload.expiresAt"}


def test_naive_expiry_is_told_what_it_lacks():
    sentence = wrong_fields("system:message", expiresAt="2030-01-31T12:00:00")["payload.expiresAt"]
    assert "time zone" in sentence


def test_dismissible():
    assert read("system:message").dismissible is True
    assert read("system:message", dismissible=False).dismissible is False
    assert wrong_fields("system:message", dismissible=0) == {"payload.dismissible": "must be true or false"}


def test_system_text_is_not_empty():
    assert wrong_fields("system:message", text="") == {"payload.text": "must not be empty"}
    assert wrong_fields("system:message", text="x" * 2001) == {"payload.text": "must be at most 2,000 characters long"}
