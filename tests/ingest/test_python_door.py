from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from channels.layers import get_channel_layer
from channels.testing import ApplicationCommunicator
from django.db import IntegrityError, OperationalError, connection, transaction

from gallery import NotifyError, anotify, doorbell, notify
from gallery.models import Batch, EventReceipt, Folder, Item
from gallery.routing import channels
from gallery.services import revisions
from gallery.services.change import Change
from tests.checks import check_all
from tests.factories import make_batch, make_folder, say_all


def start(folder: Folder, batch_id: str = "b", **payload: Any) -> dict[str, Any]:
    return {"batchId": batch_id, "total": 9, "label": "x", "targetFolderId": folder.id} | payload


@contextmanager
def rings_heard() -> Iterator[list[tuple[str, str, int]]]:
    heard: list[tuple[str, str, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doorbell.doorbell, "ring", lambda *ring: heard.append(ring))
        yield heard


@pytest.mark.django_db
def test_what_python_says_need_not_be_plain_json(folder: Folder) -> None:
    key = UUID(int=7)
    notify("batch:start", start(folder, key))
    notify(
        "system:message", {"text": "x", "level": "info", "expiresAt": datetime.fromisoformat("2030-01-01T00:00:00Z")}
    )
    assert Batch.objects.get().id == str(key)


@pytest.mark.django_db
def test_a_refusal_is_raised(folder: Folder) -> None:
    with pytest.raises(NotifyError) as caught:
        notify("batch:start", start(folder, total=0, label=""), id="e")
    assert (caught.value.code, caught.value.event_id) == ("invalid", "e")
    assert {error.field for error in caught.value.errors} == {"payload.total", "payload.label"}
    assert not EventReceipt.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_rings_after_the_commit_and_only_for_a_change(folder: Folder) -> None:
    with rings_heard() as heard:
        revision = notify("batch:start", start(folder)).revision
        notify("batch:start", start(folder))
    assert heard == [("folder", folder.id, revision)]


@pytest.mark.django_db(transaction=True)
def test_inside_the_callers_transaction_it_joins_that(folder: Folder) -> None:
    with rings_heard() as heard:
        with transaction.atomic():
            receipt = notify("batch:start", start(folder), id="e")
            again = notify("batch:start", start(folder), id="e")
            with pytest.raises(NotifyError):
                notify("batch:start", start(folder, total=3))
            assert heard == [] and receipt == again
        assert heard == [("folder", folder.id, receipt.revision)]
    assert Batch.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_rollback_of_the_caller_leaves_nothing(folder: Folder) -> None:
    with rings_heard() as heard:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            notify("batch:start", start(folder), id="e")
            notify("system:message", {"text": "x", "level": "info"}, id="m")
            raise ZeroDivisionError
        assert heard == []
    assert (Batch.objects.count(), EventReceipt.objects.count(), Folder.objects.get().revision) == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_anotify(folder: Folder) -> None:
    receipt = asyncio.run(anotify("batch:start", start(folder), id="e"))
    assert (receipt.batch_id, receipt.event_id) == ("b", "e")


@pytest.mark.django_db(transaction=True)
def test_the_channels_door_applies_and_logs_what_it_refuses(folder: Folder, caplog: Any) -> None:
    async def send() -> None:
        door = ApplicationCommunicator(channels, {"type": "channel", "channel": "gallery.notify"})
        message = {"type": "notify", "event": "batch:start", "payload": start(folder), "id": "e"}
        for said in (message, message, message | {"id": "f", "payload": {"batchId": "no"}}, {"type": "notify"}):
            await door.send_input(said)
        await door.send_input({"type": "notify", "event": "taskEnd", "payload": {"generationId": "b"}})
        for _ in range(100):
            await asyncio.sleep(0.05)
            if await asyncio.to_thread(Batch.objects.filter(status="complete").exists):
                break
        door.stop(exceptions=False)

    with caplog.at_level(logging.ERROR, "gallery.ingest"):
        asyncio.run(send())
    assert Batch.objects.get().status == "complete"
    assert len(caplog.records) == 2 and all("Refused" in record.message for record in caplog.records)
    assert get_channel_layer() is not None


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="holds SQLite's one write lock")
def test_a_database_that_is_busy_is_unavailable_and_keeps_nothing(folder: Folder) -> None:
    other = connection.copy()
    timeout = connection.settings_dict["OPTIONS"]["timeout"]
    connection.close()
    connection.settings_dict["OPTIONS"]["timeout"] = 0.1
    try:
        other.ensure_connection()
        with other.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
        with rings_heard() as heard, pytest.raises(NotifyError) as caught:
            notify("batch:start", start(folder), id="e")
        assert (caught.value.code, caught.value.retry_after, caught.value.event_id) == ("unavailable", 2, "e")
        [answer] = say_all([("system:message", {"text": "x", "level": "info"})])
        assert answer.code == "unavailable" and heard == []
        with other.cursor() as cursor:
            cursor.execute("ROLLBACK")
        assert notify("batch:start", start(folder), id="e").revision == 1
    finally:
        other.close()
        connection.close()
        connection.settings_dict["OPTIONS"]["timeout"] = timeout


@pytest.mark.django_db(transaction=True)
def test_a_row_that_moved_before_the_lock_is_locked_where_it_went(alice: Any, folder: Folder, monkeypatch: Any) -> None:
    other, batch = make_folder(alice), make_batch(folder)
    item = Item.objects.get(
        id=say_all([("batch:progress", {"batchId": batch.id, "item": {"name": "x", "type": "image"}})])[0].item_id
    )
    take = revisions.take_revision

    def move_first(folder_id: str) -> int | None:
        monkeypatch.setattr(revisions, "take_revision", take)
        Item.objects.filter(id=item.id).update(folder=other, revision=0, card_revision=0, created_revision=0)
        return take(folder_id)

    monkeypatch.setattr(revisions, "take_revision", move_first)
    receipt = notify("item:update", {"itemId": item.id, "status": "error"})
    item.refresh_from_db()
    assert receipt.folder_id in (folder.id, other.id)
    assert item.revision == Folder.objects.get(id=item.folder_id).revision


@pytest.mark.django_db(transaction=True)
def test_somebody_who_was_quicker_is_read_again(folder: Folder, monkeypatch: Any) -> None:
    """A database's refusal is tried again with fresh rows: no counter is counted twice."""
    batch = make_batch(folder)
    write, failures = Change.write, [IntegrityError("quicker"), IntegrityError("quicker")]

    def fail_twice(change: Change) -> set[str]:
        unchanged = write(change)
        if failures:
            raise failures.pop()
        return unchanged

    monkeypatch.setattr(Change, "write", fail_twice)
    notify("batch:progress", {"batchId": batch.id, "item": {"name": "x", "type": "image"}})
    assert (Item.objects.count(), Folder.objects.get().revision) == (1, 2)
    check_all()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_on_refusing_is_an_answer_for_each(folder: Folder, monkeypatch: Any) -> None:
    def gone(change: Change) -> set[str]:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(Change, "write", gone)
    answers = say_all([("batch:start", start(folder)), ("batch:start", {}), ("batch:start", start(folder, "c"))])
    assert [answer.code for answer in answers] == ["unavailable", "invalid", "unavailable"]
    monkeypatch.undo()
    assert (Batch.objects.count(), Folder.objects.get().revision) == (0, 0)
