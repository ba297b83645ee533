from __future__ import annotations

import pytest

from gallery.contract.parse import parse_envelope
from tests.contract.helpers import ITEM, wrong_fields


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            ("taskStart", {"generationId": 5, "totalItems": 3, "targetFolderId": "f"}),
            ("batch:start", {"batchId": "5", "total": 3, "label": "Generation", "targetFolderId": "f"}),
        ),
        (
            ("taskProgress", {"generationId": "g", "itemData": ITEM | {"isPending": True}}),
            ("batch:progress", {"batchId": "g", "item": ITEM | {"isPending": True}}),
        ),
        (("taskEnd", {"generationId": "g"}), ("batch:end", {"batchId": "g", "status": "complete"})),
        (("taskError", {"generationId": "g"}), ("batch:end", {"batchId": "g", "status": "error"})),
        (
            ("taskError", {"generationId": "g", "message": "No memory"}),
            ("batch:end", {"batchId": "g", "status": "error", "message": "No memory"}),
        ),
        (
            ("taskUpdate", {"id": "i", "status": "complete", "progress": None, "message": "x"}),
            ("item:update", {"itemId": "i", "status": "complete", "progress": None, "message": "x"}),
        ),
        (("taskUpdate", {"id": "i", "status": "error"}), ("item:update", {"itemId": "i", "status": "error"})),
    ],
)
def test_old_events_mean_the_new_ones(old, new):
    old_name, old_payload = old
    envelope = parse_envelope({"type": old_name, "payload": old_payload | {"unknown": {"ignored": True}}})
    expected = parse_envelope({"type": new[0], "payload": new[1]})
    assert envelope.type == new[0]
    assert envelope.event == expected.event


def test_unknown_fields_of_item_data_are_ignored():
    payload = {"generationId": "g", "itemData": ITEM | {"colour": "red", "thumb_url": 5}}
    assert parse_envelope({"type": "taskProgress", "payload": payload}).event.item.name == "Cat"


def test_wrong_fields_have_their_old_names():
    assert wrong_fields("taskStart", generationId="", totalItems=0).keys() == {
        "payload.generationId",
        "payload.totalItems",
    }
    assert wrong_fields("taskProgress", generationId="g", itemData={"type": "image"}) == {
        "payload.itemData.name": "is missing"
    }
    assert wrong_fields("taskProgress", generationId="g", itemData=5) == {"payload.itemData": "must be an object"}
    assert wrong_fields("taskUpdate", id="a-progress", status="done").keys() == {"payload.id", "payload.status"}
