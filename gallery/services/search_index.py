"""Keeps the search documents in step with the items, by their revisions and apart from whoever changes them.

Writers do nothing for it, so a batch that arrives costs what it did (docs/decisions/0004). Who searches brings the
folder up to date first, and finds what was acknowledged before; the sweeper does the same every second, so that
little is left to do then. What was here before is written down in the same way, piece by piece.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from gallery.models import Folder, Item, ItemTag, SearchDocument, SearchProgress, Tombstone
from gallery.search.find import number_of
from gallery.search.words import facet, joined, name_key, words_of, words_of_json
from gallery.services.row_writes import insert_columns

AT_ONCE = 1_000  # items a transaction
FOLDERS_AT_ONCE = 100
SWEEP_SECONDS = 0.25  # of each second, at most
PATIENCE_SECONDS = 1.0  # of somebody who searches
NAMES = (
    "id", "batch_id", "order_key", "name", "message", "is_pending", "metadata", "type", "status", "is_starred",
    "created_by", "size", "revision", "card_revision",
)  # fmt: skip


def catch_up(folder: Folder) -> None:
    """Before a search; where the database has no time for it, the search finds what was written down before."""
    # The writers may be at it, or another process writes the same item down.
    with suppress(OperationalError, IntegrityError):
        _go_on(folder.id, time.monotonic() + PATIENCE_SECONDS)


def index_all(seconds: float = SWEEP_SECONDS) -> bool:
    """Go on wherever something has changed, for so long; returns whether something may be left."""
    end = time.monotonic() + seconds
    done = SearchProgress.objects.filter(folder_id=OuterRef("pk")).values("revision")
    behind = Folder.objects.annotate(done=Coalesce(Subquery(done), 0)).filter(revision__gt=F("done"))
    folder_ids = list(behind.order_by().values_list("id", flat=True)[:FOLDERS_AT_ONCE])
    for folder_id in folder_ids:
        with suppress(IntegrityError):  # another process writes the same item down
            _go_on(folder_id, end)
        if time.monotonic() > end:
            return True
    return len(folder_ids) == FOLDERS_AT_ONCE


def _go_on(folder_id: str, end: float) -> None:
    while index_some(folder_id) and time.monotonic() < end:
        pass


def index_some(folder_id: str) -> bool:
    """Whether there is more to do."""
    revision = Folder.objects.filter(id=folder_id).values_list("revision", flat=True).first()
    done = SearchProgress.objects.filter(folder_id=folder_id).values_list("revision", flat=True).first()
    if revision is None or (done is not None and done >= revision):
        return False
    with transaction.atomic():
        SearchProgress.objects.get_or_create(folder_id=folder_id)
        progress = SearchProgress.objects.select_for_update().get(folder_id=folder_id)
        if progress.revision >= revision:
            return False
        # The revision was read first: what is newer than it is merely written down once more.
        living = Item.objects.living().filter(folder=folder_id)
        changed = living.filter(revision__gt=progress.revision).order_by("revision")
        rows = list(changed.values(*NAMES)[:AT_ONCE])
        is_cut = len(rows) == AT_ONCE
        if is_cut:  # the last transaction as a whole
            last = rows[-1]["revision"]
            rows = [row for row in rows if row["revision"] < last] + list(living.filter(revision=last).values(*NAMES))
        gone = Tombstone.objects.filter(folder=folder_id, revision__gt=progress.revision)
        new = [row for row in rows if row["card_revision"] > progress.revision]
        _forget([row["id"] for row in new])
        _forget(list(gone.values_list("item_id", flat=True)), folder_id=folder_id)
        _write_down(folder_id, new)
        progress.revision = last if is_cut else revision
        progress.save()
    return is_cut


def _forget(item_ids: Sequence[str], **where: Any) -> None:
    for start in range(0, len(item_ids), AT_ONCE):
        SearchDocument.objects.filter(item_id__in=item_ids[start : start + AT_ONCE], **where).delete()


def _write_down(folder_id: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    rows.sort(key=lambda row: row["order_key"], reverse=True)
    tags: dict[str, list[str]] = {}
    for start in range(0, len(rows), AT_ONCE):
        ids = [row["id"] for row in rows[start : start + AT_ONCE]]
        for item_id, name in ItemTag.objects.filter(item__in=ids).values_list("item_id", "name"):
            tags.setdefault(item_id, []).append(name)
    insert_columns(
        SearchDocument,
        {
            "id": _numbers([number_of(row["order_key"]) for row in rows]),
            "item_id": [row["id"] for row in rows],
            "folder_id": [folder_id] * len(rows),
            "facets": [_facets(folder_id, row, tags.get(row["id"], [])) for row in rows],
            "open_words": [_open_words(row, tags.get(row["id"], [])) for row in rows],
            "private_words": [joined(words_of_json(row["metadata"])) for row in rows],
            "name_key": [name_key(row["name"]) for row in rows],
            "size": [row["size"] or 0 for row in rows],
        },
    )


def _facets(folder_id: str, row: dict[str, Any], tags: list[str]) -> str:
    facets = {"folder": folder_id, "starred": "1" if row["is_starred"] else "", "person": row["created_by"]}
    facets |= {"type": row["type"], "status": row["status"], "batch": row["batch_id"] or ""}
    return joined([facet(*pair) for pair in facets.items() if pair[1]] + [facet("tag", name) for name in tags])


def _open_words(row: dict[str, Any], tags: list[str]) -> str:
    """A message counts once it is the last word: what a worker says on its way changes every second."""
    texts = [row["name"], *tags, *([] if row["is_pending"] else [row["message"]])]
    return joined(word for text in texts for word in words_of(text))


def _numbers(wanted: list[int]) -> list[int]:
    """Those, which fall, each by itself: where one is taken, the next lower one that is free."""
    taken: set[int] = set()
    while True:
        numbers, last = [], wanted[0] + 1
        for number in wanted:
            last = min(number, last - 1)
            while last in taken:
                last -= 1
            numbers.append(last)
        before = len(taken)
        for start in range(0, len(numbers), AT_ONCE):
            known = SearchDocument.objects.filter(id__in=numbers[start : start + AT_ONCE])
            taken.update(known.values_list("id", flat=True))
        if len(taken) == before:
            return numbers


def forget_folders() -> None:
    """What is written down of folders that are gone."""
    gone = SearchProgress.objects.exclude(folder_id__in=Folder.objects.values("id")).values_list("folder_id", flat=True)
    for folder_id in list(gone[:10]):
        SearchDocument.objects.filter(folder_id=folder_id).delete()
        SearchProgress.objects.filter(folder_id=folder_id).delete()
