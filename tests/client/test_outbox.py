"""What waits, in which order, and what is merged. The loop's clock is turned by hand."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from darkroom.errors import OutboxFull, Refused
from darkroom.events import EVENT_BYTES, Event
from darkroom.outbox import Outbox


@dataclass
class Clock:
    """The loop's own, which goes only when it is told to."""

    loop: asyncio.AbstractEventLoop
    now: float = 1_000.0

    async def move(self, seconds: float) -> None:
        """And let what is due happen."""
        self.now += seconds
        for _ in range(3):
            await asyncio.sleep(0)


@pytest_asyncio.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock(asyncio.get_running_loop())
    monkeypatch.setattr(made.loop, "time", lambda: made.now, raising=False)
    return made


def outbox(**limits: int) -> Outbox:
    return Outbox(**({"max_events": 100, "max_bytes": 100_000} | limits))


def said(box: Outbox) -> list[Any]:
    """What would go out now: the type's end and its progress."""
    return [(event.type, event.payload.get("progress")) for event in box.head()]


def move(box: Outbox, progress: float | None, item_id: str = "7", **more: Any) -> None:
    box.report("item:update", {"itemId": item_id, "status": "processing", "progress": progress} | more)


def end(box: Outbox, item: str = "7") -> None:
    box.add(Event("item:update", {"itemId": item, "status": "complete"}))


async def test_the_first_report_goes_at_once_and_the_last_one_later(clock: Clock) -> None:
    box = outbox()
    for progress in range(50):
        move(box, progress)
        said(box)
    await clock.move(0.09)
    assert said(box) == [("item:update", 0)]
    await clock.move(0.02)
    assert said(box) == [("item:update", 0), ("item:update", 49)]


async def test_at_most_ten_a_second_of_each_item(clock: Clock) -> None:
    box, sent = outbox(), 0
    for step in range(1_000):
        for item in "ab":
            move(box, step % 100, item)
        for event in box.head():
            sent += 1
            box.remove(event)
        await clock.move(0.002)
    assert 2 * 18 <= sent <= 2 * 21


async def test_reports_never_pass_what_is_said_later(clock: Clock) -> None:
    box = outbox()
    move(box, 1)
    said(box)
    move(box, 2)
    end(box)
    move(box, 3)
    assert [progress for _, progress in said(box)] == [1, 2, None]
    box.release_all()
    assert [progress for _, progress in said(box)] == [1, 2, None, 3]


async def test_the_end_of_a_batch_waits_for_all_reports(clock: Clock) -> None:
    box = outbox()
    for item in "ab":
        move(box, 1, item)
        said(box)
        move(box, 2, item)
    box.add(Event("batch:end", {"batchId": "b", "status": "complete"}))
    assert [event.type for event in box.head()][-1] == "batch:end" and len(box) == 5


async def test_what_waits_is_merged_and_what_was_sent_is_not_touched(clock: Clock) -> None:
    box = outbox()
    move(box, 1, message="one", item={"estimatedTimeSeconds": 9})
    move(box, 2, item={"estimatedTimeSeconds": 8})
    [event] = box.head()
    text = event.text
    assert json.loads(text)["payload"] == {
        "itemId": "7", "status": "processing", "progress": 2, "message": "one", "item": {"estimatedTimeSeconds": 8},
    }  # fmt: skip
    move(box, 3)
    assert event.text == text and len(box) == 2


async def test_one_report_for_each_item_is_all_that_waits_while_nobody_takes_it() -> None:
    box = outbox()
    for progress in range(1000):
        for item in "abc":
            move(box, progress, item)
    assert [(event.payload["itemId"], event.payload["progress"]) for event in box.head()] == [
        ("a", 999), ("b", 999), ("c", 999),
    ]  # fmt: skip


async def test_a_full_outbox_says_so_and_takes_more_when_there_is_room() -> None:
    box = outbox(max_events=3)
    for item in "abc":
        end(box, item)
    with pytest.raises(OutboxFull, match="3 events .* no more are kept"):
        end(box, "d")
    move(box, 5, "e")
    assert box.dropped == 1 and not box.has_room.is_set()
    box.remove(box.head()[0])
    assert box.has_room.is_set()
    end(box, "d")
    assert [event.payload["itemId"] for event in box.head()] == ["b", "c", "d"]


async def test_bytes_are_bounded_too() -> None:
    box = outbox(max_bytes=1000)
    box.add(Event("item:update", {"itemId": "a", "status": "complete", "message": "x" * 1000}))
    with pytest.raises(OutboxFull):
        end(box)


async def test_an_event_that_no_gallery_takes_is_refused_here() -> None:
    with pytest.raises(Refused, match="has more") as refusal:
        Event("item:update", {"itemId": "7", "message": "x" * EVENT_BYTES})
    assert refusal.value.code == "too_large"
    with pytest.raises(ValueError):
        Event("item:update", {"progress": float("nan")})


async def test_a_lot_stays_below_the_largest_frame() -> None:
    box = outbox(max_bytes=10**7)
    for number in range(20):
        box.add(Event("item:update", {"itemId": str(number), "status": "complete", "message": "x" * 60_000}))
    assert sum(len(event.text) for event in box.head()) < 512 * 1024
    assert len(box.head()) == 6
