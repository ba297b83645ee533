"""The judge: what the workers' ledgers say, against what the database says.

Each function returns sentences about what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tests.chaos.ledger import Event, Ledger

ITEM_FIELDS = (
    "id", "batch_id", "slot", "name", "status", "is_pending", "progress", "message", "media_url", "thumb_url",
    "metadata",
)  # fmt: skip
BATCH_FIELDS = ("id", "status", "message", "total", "label", "item_count", "done_count", "failed_count")
COUNTERS = BATCH_FIELDS[-3:]

Kept = Sequence[tuple[str, dict[str, Any]]]  # (event id, receipt) in the order in which they were written


def compare_receipts(ledger: Ledger, kept: Kept) -> list[str]:
    """Nothing that was acknowledged is lost or was answered differently; revisions grow as events do."""
    wrong = []
    receipts = dict(kept)
    if len(receipts) != len(kept):
        wrong.append("DOUBLED: an event has two receipts.")
    for event_id, answer in ledger.receipts.items():
        if event_id not in receipts:
            wrong.append(f"LOST: {event_id} was acknowledged, and there is nothing of it.")
            continue
        said = [answer.get(key) for key in ("revision", "folderId", "batchId", "itemId")]
        stored = [receipts[event_id].get(key) for key in ("revision", "folder_id", "batch_id", "item_id")]
        if said != stored:
            wrong.append(f"{event_id} was answered {said}, and kept is {stored}.")
    wrong += [f"{event_id} was never sent, and is kept." for event_id in receipts if event_id not in ledger.sent]
    newest: dict[str, int] = {}  # by folder: what a worker is at may have been moved
    for event_id, receipt in kept:
        folder_id, revision = receipt.get("folder_id", ""), receipt.get("revision")
        if revision is not None and revision < newest.get(folder_id, 0):
            wrong.append(f"{event_id} was given revision {revision} after another one had {newest[folder_id]}.")
        newest[folder_id] = max(newest.get(folder_id, 0), revision or 0)
    return wrong


def replay(events: Iterable[tuple[Event, dict[str, Any]]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Items and batches by their ids, as these (event, receipt) make them, in this order."""
    items: dict[str, dict[str, Any]] = {}
    batches: dict[str, dict[str, Any]] = {}
    for event, receipt in events:
        payload, kind = event["payload"], event["type"]
        if kind == "batch:start":
            batch = {"id": payload["batchId"], "status": "running", "message": ""}
            batches[payload["batchId"]] = batch | {"total": payload["total"], "label": payload["label"]}
        elif kind == "batch:progress" and "item" in payload:
            items[receipt["item_id"]] = _new_item(receipt["item_id"], payload)
        elif kind == "batch:progress":
            if batches[payload["batchId"]]["status"] == "running":
                batches[payload["batchId"]]["message"] = payload["message"]
        elif kind == "item:update":
            _update(items[payload["itemId"]], payload)
        elif kind == "item:remove":
            del items[payload["itemId"]]
        elif kind == "batch:end":
            batches[payload["batchId"]] |= {"status": payload["status"], "message": payload["message"]}
            if payload["status"] == "cancelled":
                for item in items.values():
                    if item["batch_id"] == payload["batchId"] and item["is_pending"]:
                        _update(item, {"status": "error", "message": payload["message"]})
        else:
            items[payload["itemId"]]["is_locked"] = kind == "item:lock"
    for batch in batches.values():
        statuses = [item["status"] for item in items.values() if item["batch_id"] == batch["id"]]
        counts = (len(statuses), statuses.count("complete"), statuses.count("error"))
        batch |= dict(zip(COUNTERS, counts, strict=True))
    return items, batches


def _new_item(item_id: str, payload: dict[str, Any]) -> dict[str, Any]:
    item = payload["item"]
    is_pending = item.get("isPending", False)
    made = {"id": item_id, "batch_id": payload["batchId"], "name": item["name"], "metadata": item["metadata"]}
    made |= {"status": "processing" if is_pending else "complete", "is_pending": is_pending, "progress": None}
    return made | {"message": "", "media_url": "", "thumb_url": "", "is_locked": False}


def _update(item: dict[str, Any], payload: dict[str, Any]) -> None:
    said = payload.get("item", {})
    item |= {key: said[key] for key in ("name", "metadata") if key in said}
    item |= {key: said[word] for key, word in (("media_url", "mediaUrl"), ("thumb_url", "thumbUrl")) if word in said}
    is_pending = payload["status"] == "processing"
    progress = payload["progress"] if is_pending else None
    item |= {"status": payload["status"], "is_pending": is_pending, "progress": progress, "message": payload["message"]}


def compare_rows(ledger: Ledger, kept: Kept, items: Sequence[Any], batches: Sequence[Any]) -> list[str]:
    """The worker's rows are what the kept events make, wholly: not half an event, none twice, none besides."""
    try:
        expected_items, expected_batches = replay((ledger.sent[event_id], receipt) for event_id, receipt in kept)
    except KeyError as error:
        return [f"LOST: an event is kept that speaks of {error}, which no kept event has made."]
    wrong = []
    for expected, rows, noun in ((expected_items, items, "item"), (expected_batches, batches, "batch")):
        found = {row["id"]: row for row in rows}
        if len(found) != len(rows):
            wrong.append(f"DOUBLED: there are two of one {noun}.")
        wrong += [f"LOST: {noun} {key} is not there." for key in expected if key not in found]
        wrong += [f"DOUBLED: {noun} {key} is there, and no event made it." for key in found if key not in expected]
        for key in expected.keys() & found.keys():
            differ = {name: (value, found[key].get(name)) for name, value in expected[key].items()}
            differ = {name: pair for name, pair in differ.items() if pair[0] != pair[1]}
            if differ:
                wrong.append(f"HALF: {noun} {key} should be and is {differ}.")
    slots = [(row["batch_id"], row["slot"]) for row in items]
    if len(set(slots)) != len(slots):
        wrong.append("DOUBLED: two items have one slot.")
    return wrong


def unjustified(ledger: Ledger) -> list[str]:
    """Refusals that nothing explains: ``not_found`` is right only where what an event speaks of may not be there."""
    wrong: list[str] = []
    made: set[str] = set()
    removed: set[str] = set()
    was_there: dict[str, bool] = {}
    for word, event_id in ledger.lines:
        payload, kind = ledger.sent[event_id]["payload"], ledger.sent[event_id]["type"]
        subject = payload.get("itemId") or payload["batchId"]
        if word == "sent":
            was_there[event_id] = subject in made and subject not in removed
            if kind == "item:remove":
                removed.add(subject)
        elif word == "ack":
            if kind == "batch:start":
                made.add(subject)
            made.add(payload.get("item", {}).get("id", ""))
        elif word != "unavailable" and (word != "not_found" or was_there[event_id]):
            wrong.append(f"{event_id} was refused as {word}, though what it speaks of had been acknowledged.")
    return wrong
