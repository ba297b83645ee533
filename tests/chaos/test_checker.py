"""The judge is judged: whatever is lost, doubled, halved or stale, it says so; and the same seed is the same plan."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from gallery.ingest.receive import receive
from gallery.models import Batch, EventReceipt, Folder, Item
from tests.backstage import locked_items, receipts, rows
from tests.chaos.audience import OpenPage
from tests.chaos.faults import DISK_FULL, READ_ONLY, gives_reason
from tests.chaos.ledger import Ledger, LedgerFile
from tests.chaos.pages import as_json, compare_between, compare_page
from tests.chaos.plan import ROUNDS, make_plan
from tests.chaos.script import say_batches
from tests.chaos.truth import BATCH_FIELDS, ITEM_FIELDS, compare_receipts, compare_rows, unjustified
from tests.chaos.worker import ChaosWorker
from tests.factories import make_folder, make_item, worker
from tests.live.elements import Element
from tests.live.page_model import Page
from tests.live.stage import fetch_page

pytestmark = pytest.mark.django_db

EVENTS = 250


@pytest.fixture
def ledger(folder: Folder, token: Any, tmp_path: Path) -> Ledger:
    """A worker has said its first events, and each was acknowledged."""
    book = LedgerFile(tmp_path / "w.ledger")
    script = list(islice(say_batches("w", folder.id, random.Random(7)), EVENTS))
    for start in range(0, EVENTS, 25):
        events = script[start : start + 25]
        for event in events:
            book.write(sent=event)
        for answer in receive(worker(token), events):
            book.write(answered=json.loads(json.dumps(answer.as_json())))
    book.close()
    return Ledger.load(book.path)


def judge(ledger: Ledger, token: Any) -> list[str]:
    kept = list(receipts(token.pk).items())
    items, batches = (
        rows(model, list(fields), **which)
        for model, fields, which in (
            ("Item", ITEM_FIELDS, {"batch__token": token.pk}),
            ("Batch", BATCH_FIELDS, {"token": token.pk}),
        )
    )
    locked = locked_items(token.pk)
    items = [item | {"is_locked": item["id"] in locked} for item in items]
    return [*compare_receipts(ledger, kept), *compare_rows(ledger, kept, items, batches), *unjustified(ledger)]


def test_what_is_right_is_right(ledger: Ledger, token: Any) -> None:
    assert judge(ledger, token) == []
    kinds = {event["type"] for event in ledger.sent.values()}
    assert kinds >= {"batch:start", "batch:progress", "batch:end", "item:update", "item:remove", "item:lock"}
    assert len(ledger.receipts) == EVENTS


def _lose_receipt() -> None:
    EventReceipt.objects.order_by("id")[100].delete()


def _lose_item() -> None:
    Item.objects.filter(pk=Item.objects.first().pk).delete()


def _double_item() -> None:
    item = Item.objects.first()
    item.pk, item.slot = "twin", 9_999
    item.save(force_insert=True)


FAULTS: dict[str, tuple[Callable[[], Any], str]] = {
    "a receipt that is gone": (_lose_receipt, "LOST"),
    "an item that is gone": (_lose_item, "LOST"),
    "an item that is there twice": (_double_item, "DOUBLED"),
    "half an event": (lambda: Item.objects.filter(pk=Item.objects.first().pk).update(metadata={}), "HALF"),
    "an older state": (lambda: Item.objects.filter(status="complete").update(status="processing"), "HALF"),
    "a miscounted batch": (lambda: Batch.objects.update(done_count=0), "HALF"),
    "a receipt that says something else": (
        lambda: EventReceipt.objects.filter(event_id="w-9").update(receipt='{"revision":1}'),
        "was answered",
    ),
    "an event that nobody sent": (
        lambda: EventReceipt.objects.filter(event_id="w-9").update(event_id="w-999999"),
        "was never sent",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(ledger: Ledger, token: Any, fault: str) -> None:
    do, word = FAULTS[fault]
    do()
    assert any(word in sentence for sentence in judge(ledger, token)), judge(ledger, token)


def test_revisions_that_go_back_are_found(ledger: Ledger, token: Any) -> None:
    kept = list(receipts(token.pk).items())
    assert compare_receipts(ledger, kept) == []
    assert any("after another one had" in sentence for sentence in compare_receipts(ledger, kept[::-1]))
    assert any("two receipts" in sentence for sentence in compare_receipts(ledger, [*kept, kept[-1]]))


def test_an_event_without_a_receipt_may_be_there_or_not_but_whole(ledger: Ledger, token: Any) -> None:
    last = next(key for key, event in reversed(ledger.sent.items()) if event["type"] == "item:update")
    del ledger.receipts[last]
    assert judge(ledger, token) == [], "it was kept, and nobody heard of it"
    EventReceipt.objects.filter(event_id=last).delete()
    assert [sentence for sentence in judge(ledger, token) if sentence.startswith("HALF")], "only its effect was kept"


def test_a_refusal_without_a_reason_is_found() -> None:
    ledger = Ledger()
    start = {"id": "1", "type": "batch:start", "payload": {"batchId": "b"}}
    line = {"id": "2", "type": "batch:progress", "payload": {"batchId": "b", "message": ""}}
    for answer, wrong in (("not_found", 0), ("unavailable", 0), ("conflict", 1)):
        ledger.take({"sent": line})
        ledger.take({"answered": {"type": "error", "code": answer, "id": "2"}})
        assert len(unjustified(ledger)) == wrong
    ledger.take({"sent": start})
    ledger.take({"answered": {"type": "ack", "id": "1"}})
    ledger.take({"sent": line})
    ledger.take({"answered": {"type": "error", "code": "not_found", "id": "2"}})
    assert len(unjustified(ledger)) == 2


def test_a_ledger_that_ends_in_half_a_line_is_read(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "w.ledger"
    path.write_text(path.read_text()[:-5])
    assert len(Ledger.load(path).receipts) == EVENTS - 1


def _shown(folder: Folder) -> dict[str, Any]:
    page = fetch_page(folder)
    regions = {"grid": page.grid, "batches": page.batches}
    shown: dict[str, Any] = {name: [as_json(element) for element in elements] for name, elements in regions.items()}
    state = {"revision": page.revision, "cursor": page.cursor, "messages": page.messages.html}
    return shown | state | {"older": []}


PAGE_FAULTS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a stale card": (lambda page: page["grid"][0].update(html=page["grid"][0]["html"].replace("Name", "Old")), "STALE"),
    "a doubled card": (lambda page: page["grid"].insert(0, page["grid"][0]), "DOUBLED"),
    "a missing card": (lambda page: page["grid"].pop(), "STALE"),
    "a card that has gone": (lambda page: page["grid"].append({"id": "x", "order": "", "html": "<i></i>"}), "STALE"),
    "a card in the wrong place": (lambda page: page["grid"].reverse(), "order"),
    "a stale strip": (lambda page: page["batches"][0].update(html="<div></div>"), "STALE"),
    "old messages": (lambda page: page.update(messages="<div></div>"), "STALE"),
    "an end too early": (
        lambda page: page.update(grid=page["grid"][:10], cursor=page["grid"][9]["order"]), "ends after 10",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", PAGE_FAULTS)
def test_each_fault_of_a_page_is_found(ledger: Ledger, folder: Folder, fault: str) -> None:
    fresh = _shown(folder)
    page = copy.deepcopy(fresh)
    assert compare_page("v", page, fresh) == []
    do, word = PAGE_FAULTS[fault]
    do(page)
    assert any(word in sentence for sentence in compare_page("v", page, fresh))


def _change(page: dict[str, Any], place: int, **values: Any) -> None:
    page["grid"][place] = page["grid"][place] | values


BETWEEN_FAULTS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a stale card": (lambda page: _change(page, 0, html=page["grid"][0]["html"].replace("Name", "Old")), "old"),
    "a doubled card": (lambda page: page["grid"].insert(0, page["grid"][0]), "DOUBLED"),
    "a missing card": (lambda page: page["grid"].pop(), "lacks"),
    "a card that has gone": (
        lambda page: page["grid"].append(page["grid"][0] | {"id": "x", "order": "9", "revision": 1}),
        "has gone",
    ),
    "a stale strip": (lambda page: page["batches"][0].update(html="<div></div>"), "old"),
}  # fmt: skip


@pytest.mark.parametrize("fault", BETWEEN_FAULTS)
def test_each_fault_of_a_page_among_events_is_found(ledger: Ledger, folder: Folder, fault: str) -> None:
    fresh = fetch_page(folder)
    page = _shown(folder)
    assert compare_between("v", page, fresh, fresh) == []
    do, word = BETWEEN_FAULTS[fault]
    do(page)
    found = compare_between("v", page, fresh, fresh)
    assert any(word in sentence for sentence in found), found


def test_between_two_fresh_pages_a_page_may_show_either_and_nothing_older(folder: Folder, token: Any) -> None:
    sender = worker(token)

    def say(kind: str, **payload: Any) -> None:
        [answer] = receive(sender, [{"type": kind, "payload": payload}])
        assert answer.as_json()["type"] == "ack"

    say("batch:start", batchId="b", total=3, label="B", targetFolderId=folder.id)
    for name in ("goes", "changes"):
        say("batch:progress", batchId="b", item={"id": name, "name": name, "type": "image"})
    oldest, before = _shown(folder), fetch_page(folder)
    say("item:update", itemId="changes", status="processing", progress=10)
    first, middle = fetch_page(folder), _shown(folder)
    say("item:update", itemId="changes", status="processing", progress=20)
    say("item:remove", itemId="goes")
    say("batch:progress", batchId="b", item={"id": "comes", "name": "comes", "type": "image"})
    newest, after = _shown(folder), fetch_page(folder)
    for page in (oldest, middle, newest):
        assert compare_between("v", page, before, after) == []
    assert any("before it was" in sentence for sentence in compare_between("v", oldest, first, after))


def test_a_page_that_goes_back_says_so(folder: Folder) -> None:
    make_item(folder, "First")
    config = {"http": "http://127.0.0.1", "cookies": {}, "seed": 1}
    viewer = OpenPage("v", config, folder.id, is_fickle=False)
    viewer.page = Page(lambda cursor: fetch_page(folder, cursor), 60)

    def go_back(page: Page) -> None:
        page.revision -= 1
        card = page.regions["grid"][0]
        page.regions["grid"][0] = Element(card.html.replace(f'revision="{card.revision}"', 'revision="0"'))

    viewer._check(go_back)
    viewer._check(lambda page: page.regions["grid"].append(page.regions["grid"][0]))
    words = ("went back from revision", "went back from", "twice")
    assert len(viewer.wrong) == 3
    assert all(word in sentence for word, sentence in zip(words, viewer.wrong, strict=True)), viewer.wrong


def test_a_refusal_counts_only_with_its_reason() -> None:
    line = "WARNING gallery.outages: Requests are refused because of the database ({}).\n"
    assert gives_reason(["", line.format("disk I/O error")], DISK_FULL)
    assert gives_reason([line.format("database or disk is full")], DISK_FULL)
    assert gives_reason([line.format("cannot execute UPDATE in a read-only transaction")], READ_ONLY)
    assert not gives_reason([line.format("database is locked"), "disk I/O error"], DISK_FULL)
    assert not gives_reason([], DISK_FULL)


async def test_a_worker_notices_answers_that_are_not_its_own(tmp_path: Path) -> None:
    class Socket:
        def __init__(self, *answers: dict[str, Any]) -> None:
            self.text = json.dumps(list(answers))

        async def recv(self) -> str:
            return self.text

    def new_worker(name: str) -> ChaosWorker:
        ledger = LedgerFile(tmp_path / name)
        made = ChaosWorker("ws://127.0.0.1", "secret", ledger, iter(()), random.Random(1))
        for number in ("1", "2"):
            event = {"id": number, "type": "batch:start", "payload": {"batchId": number}}
            ledger.write(sent=event)
            made._open[number] = event
        return made

    acks = [{"type": "ack", "id": number, "revision": 1} for number in ("1", "2")]
    good, swapped, short = (new_worker(name) for name in ("good", "swapped", "short"))
    await good._hear(Socket(*acks), ["1", "2"])  # type: ignore[arg-type]
    await swapped._hear(Socket(*acks[::-1]), ["1", "2"])  # type: ignore[arg-type]
    refusal = {"type": "error", "code": "unavailable", "id": "1"}
    await short._hear(Socket(refusal, acks[1]), ["1", "2"])  # type: ignore[arg-type]
    assert not good.wrong and len(good.ledger.receipts) == 2
    assert swapped.wrong and not swapped.ledger.receipts
    assert ["without retryAfter" in sentence for sentence in short.wrong] == [True]
    assert [event["id"] for event in short._again] == ["1"]
    for each in (good, swapped, short):
        each.ledger.close()


def test_cards_below_the_first_page_may_be_shown(ledger: Ledger, folder: Folder) -> None:
    fresh = _shown(folder)
    page = copy.deepcopy(fresh)
    fresh["older"], fresh["grid"] = fresh["grid"][-3:], fresh["grid"][:-3]
    assert compare_page("v", page, fresh) == []


def test_the_same_seed_is_the_same_plan() -> None:
    for database in ROUNDS:
        assert make_plan(5, database, 3) == make_plan(5, database, 3) != make_plan(6, database, 3)
        assert len(make_plan(5, database, 3)) == 3 * len(ROUNDS[database])
    kinds = [fault.kind for database in ROUNDS for fault in make_plan(1, database, 1)]
    assert kinds.count("kill_server") >= 10


def test_the_same_seed_is_the_same_script(alice: Any) -> None:
    folder_id = make_folder(alice).id
    scripts = [list(islice(say_batches("w", folder_id, random.Random(seed)), 300)) for seed in (1, 1, 2)]
    assert scripts[0] == scripts[1] != scripts[2]
