from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from gallery.contract.errors import NotifyError
from gallery.models import Batch, BatchSlot, Folder, Item
from tests.checks import check_all
from tests.factories import make_batch, make_folder, make_user, say, say_all

pytestmark = pytest.mark.django_db


def item_event(batch: Batch, item_id: str | None = None, index: int | None = None, **fields: Any) -> tuple[str, Any]:
    item = {"name": "x", "type": "image"} | fields | ({"id": item_id} if item_id else {})
    payload = {"batchId": batch.id, "item": item} | ({} if index is None else {"index": index})
    return "batch:progress", payload


def put(batch: Batch, item_id: str | None = None, index: int | None = None) -> int:
    receipt = say(*item_event(batch, item_id, index))
    return Item.objects.get(id=receipt.item_id).slot


def test_lowest_free_slot_is_taken(folder: Folder) -> None:
    batch = make_batch(folder, 5)
    assert [put(batch), put(batch, index=2), put(batch), put(batch), put(batch)] == [0, 2, 1, 3, 4]


def test_more_items_than_total_are_kept(folder: Folder) -> None:
    batch = make_batch(folder, 2)
    assert [put(batch) for _ in range(5)] == [0, 1, 2, 3, 4]
    batch.refresh_from_db()
    assert (batch.item_count, batch.total) == (5, 2)


def test_taken_slot_is_conflict_and_one_past_the_total_invalid(folder: Folder) -> None:
    batch = make_batch(folder, 3)
    put(batch, index=1)
    for index, code in ((1, "conflict"), (3, "invalid"), (99_999, "invalid")):
        for payload in (item_event(batch, index=index)[1], {"batchId": batch.id, "index": index, "message": "Hm"}):
            with pytest.raises(NotifyError) as caught:
                say("batch:progress", payload)
            assert (caught.value.code, caught.value.errors[0].field) == (code, "payload.index")
    assert Item.objects.count() == 1
    check_all()


def test_a_slot_is_used_up_for_good(folder: Folder) -> None:
    batch = make_batch(folder, 3)
    put(batch, "a")
    say("item:remove", {"itemId": "a"})
    assert BatchSlot.objects.get(batch=batch).used
    with pytest.raises(NotifyError, match="taken"):
        put(batch, index=0)
    with pytest.raises(NotifyError, match="taken"):
        say("batch:progress", {"batchId": batch.id, "index": 0, "progress": 5})
    assert put(batch, "a") == 1, "the same item again takes a place of its own"
    check_all()


def test_the_same_item_with_its_own_index_is_an_update_and_with_another_conflict(folder: Folder) -> None:
    batch = make_batch(folder, 3)
    put(batch, "a", index=1)
    assert put(batch, "a", index=1) == put(batch, "a") == 1
    with pytest.raises(NotifyError) as caught:
        put(batch, "a", index=2)
    assert caught.value.code == "conflict"


def test_a_slot_speaks_until_an_item_takes_it(folder: Folder) -> None:
    batch = make_batch(folder, 3)
    receipt = say("batch:progress", {"batchId": batch.id, "index": 1, "progress": 20, "message": "Sampling"})
    slot = BatchSlot.objects.get()
    assert (slot.index, slot.progress, slot.message, slot.used) == (1, 20, "Sampling", False)
    assert (slot.revision, slot.folder_id) == (receipt.revision, folder.id)
    same = say("batch:progress", {"batchId": batch.id, "index": 1, "progress": 20})
    assert same.revision is None
    say("batch:progress", {"batchId": batch.id, "index": 1, "progress": None})
    slot.refresh_from_db()
    assert (slot.progress, slot.message) == (None, "Sampling")
    assert put(batch, index=1) == 1
    check_all()


def test_one_array_sees_its_own_slots(folder: Folder) -> None:
    """A slot that speaks, is taken and falls free of its item within one array is used, also where it had a row."""
    batch = make_batch(folder, 9)
    say("batch:progress", {"batchId": batch.id, "index": 0, "message": "There before"})
    events = []
    for index in (0, 1):
        events += [
            ("batch:progress", {"batchId": batch.id, "index": index, "progress": 50}),
            item_event(batch, f"i{index}", index=index),
            ("batch:progress", {"batchId": batch.id, "index": index, "progress": 60}),
            ("item:remove", {"itemId": f"i{index}"}),
            item_event(batch, f"j{index}", index=index),
        ]
    answers = say_all(events)
    codes = [getattr(answer, "code", "ack") for answer in answers]
    assert codes == ["ack", "ack", "conflict", "ack", "conflict"] * 2
    slots = BatchSlot.objects.filter(batch=batch).order_by("index")
    assert [(slot.index, slot.used, slot.item_id, slot.progress) for slot in slots] == [
        (0, True, "i0", 50),
        (1, True, "i1", 50),
    ]
    assert put(batch) == 2
    check_all()


def test_sparse_and_many_slots(folder: Folder) -> None:
    batch = make_batch(folder, 3_000)
    say_all([item_event(batch, index=index) for index in (*range(700), 702, 1_500, 2_999)])
    say_all([item_event(batch, index=index) for index in range(703, 1_500)])
    assert [put(batch) for _ in range(4)] == [700, 701, 1_501, 1_502]
    check_all()


class SlotsAsAModel(TestCase):
    """Whatever is sent, together or one by one: each gets the lowest free slot, or the one it asked for."""

    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(
        st.integers(1, 5),
        st.lists(st.one_of(st.none(), st.integers(0, 6), st.just("remove")), max_size=14),
        st.lists(st.integers(1, 5), max_size=6),
    )
    def test_slots(self, total: int, wishes: list[Any], sizes: list[int]) -> None:
        folder = make_folder(make_user(f"user{Folder.objects.count()}"))
        batch = make_batch(folder, total)
        used: dict[int, str] = {}
        there: list[str] = []
        events, expected = [], []
        for number, wish in enumerate(wishes):
            item_id = f"i{number}"
            if wish == "remove":
                if there:
                    events.append(("item:remove", {"itemId": there.pop()}))
                    expected.append("ack")
                continue
            events.append(item_event(batch, item_id, wish))
            free = next(slot for slot in range(100) if slot not in used)
            slot = free if wish is None else wish
            code = "invalid" if wish is not None and wish >= total else "conflict" if slot in used else "ack"
            if code == "ack":
                used[slot] = item_id
                there.append(item_id)
            expected.append(code)
        answers: list[Any] = []
        for size in [*sizes, len(events)]:
            answers += say_all(events[:size])
            events = events[size:]
        assert [getattr(answer, "code", "ack") for answer in answers] == expected
        items = dict(Item.objects.values_list("slot", "id"))
        buried = dict(BatchSlot.objects.filter(used=True).values_list("index", "item_id"))
        assert items | buried == used and not items.keys() & buried.keys()
        check_all()
