"""What ``batch:progress`` says beside an item, and what null does not say."""

from __future__ import annotations

from gallery.models import Folder
from tests.factories import make_batch, make_pending_item, say


def test_the_line_beside_an_item_is_the_batchs(folder: Folder) -> None:
    batch = make_batch(folder)
    item = {"id": "a", "name": "A", "type": "image", "isPending": True}
    say("batch:progress", {"batchId": batch.id, "item": item, "progress": 25, "message": "1 of 4"})
    batch.refresh_from_db()
    assert (batch.progress, batch.message) == (25, "1 of 4")


def test_null_finishes_nothing(folder: Folder) -> None:
    item = make_pending_item(folder)
    again = {"id": item.id, "name": "Again", "type": "image", "status": None, "isPending": None}
    say("batch:progress", {"batchId": item.batch_id, "item": again})
    item.refresh_from_db()
    assert (item.name, item.is_pending) == ("Again", True)
