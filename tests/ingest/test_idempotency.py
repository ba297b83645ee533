from __future__ import annotations

from typing import Any

import pytest

from gallery.access import SITE
from gallery.contract.errors import NotifyError
from gallery.contract.parse import parse_envelope
from gallery.ingest.python import notify
from gallery.ingest.receive import receive
from gallery.models import Batch, EventReceipt, Folder, Item
from tests.checks import check_all
from tests.factories import make_token, worker

pytestmark = pytest.mark.django_db


def start(batch_id: str = "b", event_id: Any = "e", **payload: Any) -> dict[str, Any]:
    payload = {"batchId": batch_id, "total": 9, "label": "x"} | payload
    return {"type": "batch:start", "payload": payload, "id": event_id}


def item(event_id: Any = None, batch_id: str = "b", **fields: Any) -> dict[str, Any]:
    body = {"batchId": batch_id, "item": {"name": "x", "type": "image"} | fields}
    return {"type": "batch:progress", "payload": body} | ({} if event_id is None else {"id": event_id})


def codes(answers: list[Any]) -> list[str]:
    return [getattr(answer, "code", "ack") for answer in answers]


def test_the_same_event_again_changes_nothing_and_gets_the_first_receipt(folder: Folder, token: Any) -> None:
    sender = worker(token)
    [first] = receive(sender, [start()])
    made = receive(sender, [item("i")])
    revision = Folder.objects.get(id=folder.id).revision
    receive(sender, [{"type": "item:remove", "payload": {"itemId": made[0].item_id}}])
    assert receive(sender, [start(), item("i")]) == [first, *made], "also when the item has gone meanwhile"
    assert (first.event_id, first.revision, made[0].revision) == ("e", 1, revision)
    assert Item.objects.count() == 0
    check_all()


def test_the_order_of_fields_is_no_other_body(token: Any) -> None:
    sender = worker(token)
    body = start()
    turned = {"id": "e", "payload": dict(reversed(body["payload"].items())), "type": "batch:start"}
    assert receive(sender, [body]) == receive(sender, [turned])


@pytest.mark.parametrize("other", [start(label="y"), start(batch_id="c"), item("e")])
def test_the_same_id_with_another_body_is_conflict(token: Any, other: Any) -> None:
    sender = worker(token)
    receive(sender, [start()])
    [refused] = receive(sender, [other])
    assert (refused.code, refused.event_id) == ("conflict", "e")
    assert (Batch.objects.count(), Item.objects.count()) == (1, 0)


def test_numbers_and_their_digits_are_one_id(token: Any) -> None:
    sender = worker(token)
    receive(sender, [start(event_id=7)])
    assert receive(sender, [start(event_id="7")])[0].event_id == "7"


def test_each_token_has_its_own_ids_and_the_site_one(alice: Any, folder: Folder, token: Any) -> None:
    other, _ = make_token(alice, folder=folder)
    for number, sender in enumerate((worker(token), worker(other), SITE)):
        assert codes(receive(sender, [start(f"b{number}", targetFolderId=folder.id)])) == ["ack"]
    notify("batch:start", start("b2", targetFolderId=folder.id)["payload"], id="e")
    assert Batch.objects.count() == 3
    with pytest.raises(NotifyError, match="another body"):
        notify("batch:start", start("b3", targetFolderId=folder.id)["payload"], id="e")


def test_refused_events_are_not_remembered(token: Any) -> None:
    sender = worker(token)
    assert codes(receive(sender, [item("e"), start(event_id="s"), item("e"), item("e", name="y")])) == [
        "not_found",
        "ack",
        "ack",
        "conflict",
    ]
    assert EventReceipt.objects.count() == 2


def test_the_same_id_within_one_array(token: Any) -> None:
    answers = receive(worker(token), [start(), item("i"), item("i"), item("i", name="y"), start()])
    assert codes(answers) == ["ack", "ack", "ack", "conflict", "ack"]
    assert answers[1] == answers[2] and answers[0] == answers[4]
    assert Item.objects.count() == 1
    check_all()


def test_an_event_that_changed_nothing_is_remembered_too(token: Any) -> None:
    sender = worker(token)
    receive(sender, [start(event_id=None)])
    [again] = receive(sender, [start(event_id="again")])
    assert again.revision is None
    assert receive(sender, [start(event_id="again")]) == [again]
    assert Folder.objects.get().revision == 1


def test_receipts_have_every_field_that_applies(folder: Folder, token: Any) -> None:
    sender = worker(token)
    kinds = {"item:update": {"status": "error"}, "item:lock": {}, "item:unlock": {}, "item:remove": {}}
    rest = [{"type": kind, "payload": {"itemId": "a"} | more, "id": kind} for kind, more in kinds.items()]
    answers = receive(sender, [start(), item("i", id="a"), *rest])
    batch = {"folderId": folder.id, "batchId": "b"}
    assert [answer.as_json() | {"revision": 0} for answer in answers] == [
        {"type": "ack", "id": "e", "revision": 0} | batch,
        {"type": "ack", "id": "i", "revision": 0, "itemId": "a"} | batch,
        {"type": "ack", "id": "item:update", "revision": 0, "itemId": "a"} | batch,
        {"type": "ack", "id": "item:lock", "revision": 0, "itemId": "a", "folderId": folder.id, "fence": 1},
        {"type": "ack", "id": "item:unlock", "revision": 0, "itemId": "a", "folderId": folder.id},
        {"type": "ack", "id": "item:remove", "revision": 0, "itemId": "a"} | batch,
    ]
    assert receive(sender, [item("i", id="a")]) == [answers[1]]


def test_each_event_of_an_array_stands_alone(folder: Folder, token: Any) -> None:
    events = [start(event_id=None), item(), {"type": "nonsense"}, item("bad", batch_id="no"), 5, item(), start(total=3)]
    answers = receive(worker(token), events)
    assert codes(answers) == ["ack", "ack", "invalid", "not_found", "invalid", "ack", "conflict"]
    assert answers[0].revision == answers[1].revision == 1
    assert answers[3].event_id == "bad"
    assert Item.objects.count() == 2
    check_all()


def test_version_2_names_mean_the_same(folder: Folder, token: Any) -> None:
    def old(kind: str, **payload: Any) -> Any:
        return {"type": kind, "payload": payload | {"ignored": True}}

    image = {"id": 5, "name": "x", "type": "image", "isPending": True, "ignored": 1}
    answers = receive(
        worker(token),
        [
            old("taskStart", generationId="g", totalItems=3, targetFolderId=folder.id),
            old("taskProgress", generationId="g", itemData=image),
            old("taskUpdate", id=5, status="processing", progress=50, message="Half"),
            old("taskUpdate", id=5, status="complete", progress=None, message=None),
            old("taskEnd", generationId="g"),
        ],
    )
    assert codes(answers) == ["ack"] * 5
    batch, picture = Batch.objects.get(), Item.objects.get()
    assert (batch.id, batch.total, batch.status, picture.id, picture.status) == ("g", 3, "complete", "5", "complete")
    receive(worker(token), [old("taskError", generationId="g", message="No")])
    batch.refresh_from_db()
    assert (batch.status, batch.message) == ("error", "No")
    assert parse_envelope(old("taskEnd", generationId="g")).type == "batch:end"
