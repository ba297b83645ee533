"""Real threads on a file database: order, counters and idempotency hold whoever comes first."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from gallery.contract.receipts import Receipt
from gallery.ingest.receive import receive
from gallery.models import Batch, EventReceipt, Folder, Item, SystemMessage
from gallery.services.sweep import sweep
from tests.checks import check_all
from tests.factories import make_batch, make_folder, make_token, worker

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 4


def together(works: list[Callable[[], Any]]) -> list[Any]:
    """Each in a thread with a connection of its own, all at once."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            gate.wait(10)
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def event(kind: str, event_id: str | None = None, **payload: Any) -> dict[str, Any]:
    return {"type": kind, "payload": payload} | ({"id": event_id} if event_id else {})


def test_no_update_is_lost(alice: Any, folder: Folder) -> None:
    """Threads write, singly and in arrays, into two folders and one batch: every acknowledged event counts."""
    other = make_folder(alice)
    shared, own = make_batch(folder, 500), make_batch(other, 500)
    sender = worker(make_token(alice)[0])

    def work(seed: int) -> list[Receipt]:
        chance, receipts = random.Random(seed), []
        for number in range(12):
            name = f"t{seed}n{number}"
            new = {"id": name, "name": name, "type": "image", "isPending": True}
            status = chance.choice(["complete", "error", "processing"])
            events = [
                event("batch:progress", batchId=chance.choice([shared, own]).id, item=new),
                event("item:update", itemId=name, status=status, progress=5),
                event("item:lock", itemId=name),
            ]
            if chance.random() < 0.3:
                events.append(event("item:remove", itemId=name))
            arrays = [events] if chance.random() < 0.5 else [[one] for one in events]
            receipts += [answer for array in arrays for answer in receive(sender, array)]
        return receipts

    by_thread = together([lambda seed=seed: work(seed) for seed in range(THREADS)])
    for receipts in by_thread:
        assert all(isinstance(receipt, Receipt) for receipt in receipts)
        for folder_id in (folder.id, other.id):
            seen = [receipt.revision for receipt in receipts if receipt.folder_id == folder_id]
            assert None not in seen and seen == sorted(seen), "revisions only grow"
    taken = [{(r.folder_id, r.revision) for r in receipts} for receipts in by_thread]
    assert sum(map(len, taken)) == len(set().union(*taken)), "no revision was given to two"
    removed = {r.item_id for receipts in by_thread for r in receipts} - set(Item.objects.values_list("id", flat=True))
    assert Item.objects.count() + len(removed) == THREADS * 12
    assert set(Batch.objects.get(id=shared.id).items.values_list("slot", flat=True)) <= set(range(THREADS * 12))
    check_all()


@pytest.mark.parametrize("kind", ["batch:start", "batch:progress", "system:message"])
def test_the_same_id_from_many_threads_is_applied_once(alice: Any, folder: Folder, kind: str) -> None:
    alice.is_staff = True
    batch = make_batch(folder, 50)
    sender = worker(make_token(alice)[0])
    payloads = {
        "batch:start": {"batchId": "new", "total": 2, "label": "x", "targetFolderId": folder.id},
        "batch:progress": {"batchId": batch.id, "item": {"name": "x", "type": "image"}},
        "system:message": {"text": "x", "level": "info"},
    }
    sender.token.owner.is_staff = True
    said = event(kind, "e", **payloads[kind])
    answers = together([lambda: receive(sender, [said])[0] for _ in range(THREADS)])
    assert isinstance(answers[0], Receipt) and answers == [answers[0]] * THREADS
    assert EventReceipt.objects.count() == 1
    made = {"batch:start": Batch.objects.count() - 1, "batch:progress": Item.objects.count()}
    assert made.get(kind, SystemMessage.objects.count()) == 1
    check_all()


def test_one_id_for_two_items_goes_to_the_first(alice: Any, folder: Folder) -> None:
    other = make_folder(alice)
    batches = [make_batch(folder, 50), make_batch(other, 50)] * 2
    sender = worker(make_token(alice)[0])

    def work(batch: Batch) -> Any:
        return receive(
            sender, [event("batch:progress", batchId=batch.id, item={"id": "a", "name": "x", "type": "image"})]
        )[0]

    answers = together([lambda batch=batch: work(batch) for batch in batches])
    codes = sorted(getattr(answer, "code", "ack") for answer in answers)
    assert codes == ["ack", "ack", "conflict", "conflict"] and Item.objects.count() == 1
    check_all()


def test_a_sweeper_among_writers(alice: Any, folder: Folder, settings: Any) -> None:
    settings.GALLERY_STALLED_AFTER = 0.01
    batch = make_batch(folder, 50)
    sender = worker(make_token(alice)[0])
    receive(
        sender,
        [
            event(
                "batch:progress",
                batchId=batch.id,
                item={"id": f"i{n}", "name": "x", "type": "image", "isPending": True},
            )
            for n in range(5)
        ],
    )

    def speak() -> list[Any]:
        return [
            receive(sender, [event("item:update", itemId=f"i{n % 5}", status="processing", progress=n)])[0]
            for n in range(30)
        ]

    answers = together([speak, speak, lambda: [sweep() for _ in range(30)]])
    assert all(isinstance(answer, Receipt) for answer in answers[0] + answers[1])
    check_all()
