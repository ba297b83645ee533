"""The checks of what time changes: what was due is done, what was acknowledged is there, what is old is forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone

from gallery.contract.limits import REMEMBERED_HOURS
from gallery.models import Batch, EventReceipt, Folder, Item, ItemLock, Tombstone
from gallery.services.integrity import BY_HAND, Finding, Looked, RowCheck, windows
from gallery.services.trash import TRASH_KEPT

GRACE = timedelta(minutes=2)  # servers sweep every second, and forget every minute

NO_SERVER = "A server sweeps it within a second; does one run on this database?"


def _overdue(name: str) -> Any:
    return lambda rows: rows.filter(**{f"{name}__lt": timezone.now() - GRACE})


def _older(name: str, hours: float) -> Any:
    return lambda rows: rows.filter(**{f"{name}__lt": timezone.now() - timedelta(hours=hours) - GRACE})


def _checks() -> Iterator[tuple[Any, Any, Any, str]]:
    """What time should have changed."""
    yield (
        ItemLock,
        _overdue("expires_at"),
        lambda row: f"The lease of item {row.item_id} ended at {row.expires_at:%F %T}, and was not freed.",
        NO_SERVER,
    )
    for model, noun in ((Item, "Item"), (Batch, "Batch")):
        yield (
            model,
            _overdue("stall_at"),
            lambda row, noun=noun: f"{noun} {row.pk} was to be looked at by {row.stall_at:%F %T}, and was not.",
            NO_SERVER,
        )
    yield (
        Item,
        lambda rows: rows.filter(is_pending=True, stall_at=None),
        lambda row: f"Item {row.id} is pending, and nobody will ever look whether its worker is gone.",
        BY_HAND,
    )
    yield (
        Batch,
        lambda rows: rows.filter(status=Batch.Status.RUNNING, stall_at=None),
        lambda row: f"Batch {row.id} is running, and nobody will ever look whether its worker is gone.",
        BY_HAND,
    )
    yield (
        Batch,
        lambda rows: _overdue("fold_at")(rows.filter(folded=False)),
        lambda row: f"The strip of batch {row.id} was to leave the page at {row.fold_at:%F %T}, and did not.",
        NO_SERVER,
    )
    yield (
        Batch,
        lambda rows: rows.exclude(status=Batch.Status.RUNNING).filter(folded=False, fold_at=None),
        lambda row: f"Batch {row.id} has ended, and its strip will never leave the page.",
        BY_HAND,
    )
    yield (
        Item,
        _older("trashed_at", TRASH_KEPT.total_seconds() / 3600),
        lambda row: f"Item {row.id} was thrown away at {row.trashed_at:%F %T}, and has not gone.",
        NO_SERVER,
    )
    yield (
        Tombstone,
        _older("buried_at", 24),
        lambda row: f"The tombstone of item {row.item_id} is older than a day, and was not forgotten.",
        NO_SERVER,
    )


def time_checks() -> list[RowCheck]:
    """All of them; a server's sweeper does what is due."""
    return [RowCheck(model.objects.all, *rest) for model, *rest in _checks()]


def find_in_receipts(looked: Looked) -> Iterator[Finding]:
    """What was acknowledged in the last day must be there still: no folder is older than its receipts say."""
    oldest = timezone.now() - timedelta(hours=REMEMBERED_HOURS) - GRACE
    for window in windows(EventReceipt.objects.all()):
        newest: dict[str, int] = {}
        seen = old = 0
        for text, created_at in window.values_list("receipt", "created_at"):
            receipt = json.loads(text)
            folder_id, revision = receipt.get("folder_id"), receipt.get("revision")
            seen += 1
            old += created_at < oldest
            if folder_id and revision:
                newest[folder_id] = max(revision, newest.get(folder_id, 0))
        looked.add("receipts", seen)
        revisions = dict(Folder.objects.filter(id__in=newest).values_list("id", "revision"))
        for folder_id, acknowledged in newest.items():
            if (kept := revisions.get(folder_id, acknowledged)) < acknowledged:
                sentence = f"Revision {acknowledged} of folder {folder_id} was acknowledged, and it is at {kept}."
                yield Finding(sentence, "What came after was lost, with a backup perhaps; workers may send it again.")
        if old:
            yield Finding(f"{old:,} receipts are older than a day, and were not forgotten.", NO_SERVER)
