"""What a worker has to say: batches one after the other, with all that can happen to their items."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

Event = dict[str, Any]


def say_batches(name: str, folder_id: str, chance: random.Random) -> Iterator[Event]:
    """Events without end, each with an id of its own. Every word of an event carries the event's number."""
    number = 0

    def event(kind: str, **payload: Any) -> Event:
        nonlocal number
        number += 1
        return {"type": kind, "id": f"{name}-{number}", "payload": payload}

    def words() -> dict[str, Any]:
        return {"name": f"Name {number + 1}", "metadata": {"number": number + 1, "copy": f"{number + 1}"}}

    def progress(item_id: str, step: int) -> Event:
        message = f"Step {number + 1}"
        return event("item:update", itemId=item_id, status="processing", progress=step * 10, message=message)

    batch = 0
    while True:
        batch += 1
        batch_id, count = f"{name}-b{batch}", chance.randrange(6, 26)
        yield event("batch:start", batchId=batch_id, total=count, label=f"Batch {batch}", targetFolderId=folder_id)
        items = []
        for place in range(count):
            item: dict[str, Any] = {"type": "image", **words()}
            if chance.random() < 0.1:  # the server chooses its id: it must not do so twice
                yield event("batch:progress", batchId=batch_id, item=item)
            else:
                items.append(f"{batch_id}-i{place}")
                yield event("batch:progress", batchId=batch_id, item=item | {"id": items[-1], "isPending": True})
        for step in range(chance.randrange(1, 4)):
            yield event("batch:progress", batchId=batch_id, progress=step * 25, message=f"Line {number + 1}")
            for item_id in items:
                yield progress(item_id, step)
                if chance.random() < 0.04:
                    kind = chance.choice(["item:lock", "item:lock", "item:unlock"])
                    yield event(kind, itemId=item_id, **({"ttlSeconds": 3600} if kind == "item:lock" else {}))
        for item_id in items:
            fate = chance.random()
            if fate < 0.7:
                changes = words() | {"mediaUrl": f"/{number + 1}.png", "thumbUrl": f"/{number + 1}.webp"}
                message = f"Done {number + 1}"
                yield event("item:update", itemId=item_id, status="complete", message=message, item=changes)
                if chance.random() < 0.1:  # transformed once more
                    yield progress(item_id, 1)
            elif fate < 0.85:
                yield event("item:update", itemId=item_id, status="error", message=f"Failed {number + 1}")
            elif fate < 0.93:
                yield event("item:remove", itemId=item_id)
        status = chance.choice(["complete", "complete", "partial", "cancelled"])
        yield event("batch:end", batchId=batch_id, status=status, message=f"End {number + 1}")
