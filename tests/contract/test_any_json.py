"""Whatever is sent: an event, or a NotifyError that can be answered. Nothing else."""

from __future__ import annotations

import contextlib
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery.contract.errors import NotifyError
from gallery.contract.events import EVENTS
from gallery.contract.parse import parse_envelope, parse_event, parse_json
from gallery.contract.version2 import VERSION2_EVENTS

TEXT = st.text(st.characters())  # half characters and NUL included
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
ANY_JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=10)
MODELS = EVENTS | VERSION2_EVENTS
FIELD_NAMES = sorted({field.alias for model in MODELS.values() for field in model.model_fields.values()})
ITEMS = st.dictionaries(
    st.sampled_from(["id", "name", "type", "mediaUrl", "isPending", "status", "progress", "metadata", "width"]) | TEXT,
    ANY_JSON | st.sampled_from(["image", "processing", "/x"]),
)
PAYLOADS = st.dictionaries(st.sampled_from(FIELD_NAMES) | TEXT, ANY_JSON | ITEMS | st.sampled_from(["a", "error"]))
NEARLY_EVENTS = st.fixed_dictionaries(
    {"type": st.sampled_from(sorted(MODELS)), "payload": PAYLOADS}, optional={"id": ANY_JSON, "extra": ANY_JSON}
)

IDS = st.from_regex(r"[A-Za-z0-9_-]{1,128}", fullmatch=True).filter(lambda text: not text.endswith("-progress"))
PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50)
NAMES = PLAIN.filter(lambda text: any(unicodedata.category(character)[0] not in "CZ" for character in text))
PROGRESS = st.none() | st.integers(0, 100) | st.floats(0, 100)
METADATA = st.dictionaries(PLAIN, st.integers() | st.floats(allow_nan=False, allow_infinity=False) | PLAIN, max_size=5)
STATUS = st.sampled_from(["processing", "complete", "error"])
ITEM_OPTIONS = {
    "thumbUrl": st.sampled_from(["/t.png", "https://example.com/t.png"]) | st.none(),
    "width": st.integers(1, 10_000) | st.none(),
    "metadata": METADATA,
}
VALID = st.one_of(
    st.tuples(
        st.just("batch:start"),
        st.fixed_dictionaries(
            {"batchId": IDS | st.integers(), "total": st.integers(1, 100_000), "label": NAMES},
            optional={"targetFolderId": IDS, "estimatedTimeSeconds": st.floats(0, 1000)},
        ),
    ),
    st.tuples(
        st.just("batch:progress"),
        st.fixed_dictionaries(
            {"batchId": IDS},
            optional={
                "item": st.fixed_dictionaries(
                    {"name": NAMES, "type": st.sampled_from(["image", "file"])},
                    optional=ITEM_OPTIONS | {"id": IDS, "isPending": st.just(True), "progress": PROGRESS},
                ),
                "index": st.integers(0, 99_999),
                "progress": PROGRESS,
                "message": PLAIN | st.none(),
            },
        ),
    ),
    st.tuples(
        st.just("item:update"),
        st.fixed_dictionaries(
            {"itemId": IDS, "status": STATUS},
            optional={"progress": PROGRESS, "item": st.fixed_dictionaries({}, optional=ITEM_OPTIONS | {"name": NAMES})},
        ),
    ),
    st.tuples(
        st.just("system:message"),
        st.fixed_dictionaries(
            {"text": NAMES, "level": st.sampled_from(["info", "error"])},
            optional={"expiresAt": st.datetimes(timezones=st.just(None)).map(lambda moment: f"{moment.isoformat()}Z")},
        ),
    ),
)


def answer(read, *arguments) -> None:
    try:
        read(*arguments)
    except NotifyError as error:
        json.dumps(error.as_json(), ensure_ascii=False).encode()
        assert error.message.endswith(".")
        assert all("{" not in wrong.message for wrong in error.errors)


@given(ANY_JSON | NEARLY_EVENTS)
def test_any_json_is_an_event_or_a_notify_error(raw):
    answer(parse_envelope, raw)


@given(st.sampled_from(sorted(MODELS)), PAYLOADS)
def test_any_payload_from_python(event_type, payload):
    answer(parse_event, event_type, payload)


@given(st.text() | st.binary() | ANY_JSON.map(json.dumps))
def test_any_text_is_json_or_a_notify_error(text):
    with contextlib.suppress(NotifyError):
        parse_json(text, 1_000)


@given(VALID, st.none() | IDS)
def test_what_is_valid_comes_back_the_same(said, event_id):
    event_type, payload = said
    envelope = parse_envelope({"type": event_type, "payload": payload, "id": event_id})
    again = envelope.event.model_dump(mode="json", by_alias=True, exclude_unset=True)
    # "" stands for none said, and is no URL.
    for url in ("thumbUrl", "mediaUrl"):
        if again.get("item") and again["item"].get(url) == "":
            again["item"][url] = None
    assert set(again) == set(payload)
    assert parse_envelope({"type": event_type, "payload": json.loads(json.dumps(again))}).event == envelope.event
    assert parse_event(event_type, payload, event_id) == envelope


def test_the_strategy_of_near_events_would_find_a_wrong_one():
    with pytest.raises(NotifyError):
        parse_envelope({"type": "item:update", "payload": {"itemId": [], "status": "error"}})
