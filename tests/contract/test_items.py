from __future__ import annotations

import pytest

from tests.contract.helpers import read, read_item, refusal, wrong_fields, wrong_item_fields


@pytest.mark.parametrize(
    ("said", "pending", "status"),
    [
        ({}, False, "complete"),
        ({"isPending": True}, True, "processing"),
        ({"isPending": False}, False, "complete"),
        ({"status": "processing"}, True, "processing"),
        ({"status": "error"}, False, "error"),
        ({"isPending": True, "status": "processing"}, True, "processing"),
        ({"isPending": False, "status": "error"}, False, "error"),
        ({"isPending": None, "status": None}, False, "complete"),
    ],
)
def test_pending_and_status_agree(said, pending, status):
    item = read_item(**said)
    assert (item.is_pending, item.status) == (pending, status)
    assert ("status" in item.model_fields_set) == (said.get("status") is not None)
    assert ("is_pending" in item.model_fields_set) == (said.get("isPending") is not None)


@pytest.mark.parametrize(("pending", "status"), [(True, "complete"), (True, "error"), (False, "processing")])
def test_contradictions_are_refused(pending, status):
    wrong = wrong_item_fields(isPending=pending, status=status)
    assert wrong == {"payload.item.status": f"contradicts isPending: {str(pending).lower()}"}


def test_every_wrong_field_of_an_item_is_named():
    wrong = wrong_item_fields(name="", type="gif", width=0, isPending=1, metadata=[], colour="red", mediaUrl="x:y")
    assert wrong.keys() == {
        f"payload.item.{name}" for name in ("name", "type", "width", "isPending", "metadata", "colour", "mediaUrl")
    }
    assert wrong["payload.item.colour"] == "is not a field of item"


def test_item_must_be_an_object():
    assert wrong_fields("batch:progress", item=[]) == {"payload.item": "must be an object"}
    assert read("batch:progress", item=None).item is None


@pytest.mark.parametrize("item_id", ["a", "A_b-9", "x" * 128, 7, 0])
def test_ids(item_id):
    assert read_item(id=item_id).id == str(item_id)


@pytest.mark.parametrize(
    "item_id", ["", "a b", "a.b", "é", "a\n", "x" * 129, 10**128, pytest.param(10**5000, id="huge"), 7.0, True, [], {}]
)
def test_bad_ids(item_id):
    assert wrong_item_fields(id=item_id).keys() == {"payload.item.id"}


@pytest.mark.parametrize("event_type", ["item:update", "item:remove", "item:lock", "item:unlock"])
def test_item_id_may_not_end_like_a_bar(event_type):
    assert wrong_fields(event_type, itemId="a-progress") == {"payload.itemId": "must not end in '-progress'"}
    assert read("batch:end", batchId="a-progress").batch_id == "a-progress"


@pytest.mark.parametrize(
    "url",
    [
        "/x",
        "/media/a b.png?x=1#y",
        "/",
        "http://example.com",
        "HTTPS://example.com:8443/a?b#c",
        "https://user:pw@example.com/",
        "http://[::1]:80/x",
        "http://localhost/ü",
        "https://bücher.example/x",
    ],
)
def test_urls(url):
    assert read_item(mediaUrl=url).media_url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "//evil.example/x",
        "/\\evil.example",
        "/x\\y",
        "http://",
        "http:///x",
        "http:x",
        "https:\\\\evil",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        " http://example.com",
        "\thttp://example.com",
        "http://exa mple.com",
        "http://example.com\\@evil",
        "data:image/png;base64,AAAA",
        "ftp://example.com/",
        "blob:x",
        "/a\nb",
        "/\0",
        "/\ud800",
        "/\t/evil.example",
        "/" + "x" * 2000,
        5,
    ],
)
@pytest.mark.parametrize("field", ["mediaUrl", "thumbUrl"])
def test_bad_urls(url, field):
    assert wrong_item_fields(**{field: url}).keys() == {f"payload.item.{field}"}


def test_null_url_is_none():
    assert read_item(thumbUrl=None).thumb_url == ""


@pytest.mark.parametrize("metadata", [None, {}, {"a": [1, 2.5, None, True, {"b": "\\u0000"}]}, {"é": 10**400}])
def test_metadata(metadata):
    assert read_item(metadata=metadata).metadata == (metadata or {})


def nested(levels: int) -> dict:
    value: dict = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "metadata",
    [
        [],
        "x",
        {"a": "\0"},
        {"a\0": 1},
        {"a": "\ud800"},
        {"\ud800": 1},
        {"a": float("nan")},
        {"a": [float("inf")]},
        {"a": "x" * 65_536},
        {"a": "é" * 40_000},
        nested(33),
        nested(5000),
        {"a": object()},
    ],
)
def test_bad_metadata(metadata):
    assert wrong_item_fields(metadata=metadata).keys() == {"payload.item.metadata"}


def test_bounds_of_metadata():
    assert read_item(metadata=nested(32)).metadata == nested(32)
    assert read_item(metadata={"a": [[]] * 100}).metadata
    fits = {"a": "x" * (65_536 - len('{"a":""}'))}
    assert read_item(metadata=fits).metadata == fits
    assert wrong_item_fields(metadata={"a": fits["a"] + "x"})


@pytest.mark.parametrize("field", ["width", "height"])
@pytest.mark.parametrize("value", [0, -1, 1.5, "640", True, 10**9])
def test_sides_are_pixels(field, value):
    assert wrong_item_fields(**{field: value}).keys() == {f"payload.item.{field}"}


@pytest.mark.parametrize("field", ["id", "isPending", "status", "progress", "message"])
def test_what_an_update_says_itself_is_refused_inside_item(field):
    wrong = wrong_fields("item:update", item={field: None})
    assert "must not stand inside item" in wrong[f"payload.item.{field}"]


def test_changes_hold_what_was_said():
    changes = read("item:update", item={"mediaUrl": "/m.png", "thumbUrl": None, "width": None}).item
    assert changes.said() == {"media_url": "/m.png", "thumb_url": "", "width": None}
    assert read("item:update", item={}).item.said() == {}


def test_name_and_type_cannot_be_emptied():
    assert wrong_fields("item:update", item={"name": None, "type": None}).keys() == {
        "payload.item.name",
        "payload.item.type",
    }


def test_one_wrong_field_is_the_sentence():
    error = refusal({"type": "item:update", "payload": {"itemId": "a", "status": "error", "item": {"name": ""}}})
    assert error.message == "payload.item.name must not be empty."
