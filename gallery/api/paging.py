"""Pages by keyset: as quick at any depth, and nothing is shown twice or left out while new items arrive."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lower

from gallery.contract.errors import FieldError, NotifyError
from gallery.contract.rules import check_text, read_moment
from gallery.models import Folder, Item

UNKNOWN_CURSOR = "is not a cursor of this list: take it from 'next', and keep the same 'sort'"


@dataclass(frozen=True)
class Page:
    """Some rows, and the cursor of the next page (None on the last one)."""

    rows: list[Any]
    next: str | None


def page_of_items(items: QuerySet[Item], *, sort: str, cursor: str, limit: int) -> Page:
    """``sort`` is newest, oldest or name."""
    after = _read(cursor, sort, 2 if sort == "name" else 1)
    if sort == "name":
        items = items.annotate(sort_name=Lower("name")).order_by("sort_name", "id")
        if after:
            beyond = RawSQL("(LOWER(gallery_item.name), gallery_item.id) > (%s, %s)", after, BooleanField())
            items = items.filter(beyond)
        return _cut(items, sort, limit, lambda item: [item.sort_name, item.id])
    if after:
        items = items.filter(**{"order_key__lt" if sort == "newest" else "order_key__gt": after[0]})
    items = items.order_by("-order_key" if sort == "newest" else "order_key")
    return _cut(items, sort, limit, lambda item: [item.order_key])


def page_of_trash(items: QuerySet[Item], *, cursor: str, limit: int) -> Page:
    """What was thrown away last, first."""
    after = _read(cursor, "trash", 2)
    if after:
        place = [_moment(after[0]), after[1]]
        items = items.filter(Q(trashed_at__lt=place[0]) | Q(trashed_at=place[0], id__lt=place[1]))
        items = items.filter(trashed_at__lte=place[0])  # what the index can be asked for
    items = items.order_by("-trashed_at", "-id")
    return _cut(items, "trash", limit, lambda item: [item.trashed_at.isoformat(), item.id])


def page_of_folders(folders: QuerySet[Folder], *, cursor: str, limit: int) -> Page:
    """Newest first."""
    after = _read(cursor, "folders", 2)
    folders = folders.order_by("-created_at", "-id")
    if after:
        created_at, folder_id = _moment(after[0]), after[1]
        folders = folders.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, id__lt=folder_id))
    return _cut(folders, "folders", limit, lambda folder: [folder.created_at.isoformat(), folder.id])


def _cut(rows: QuerySet[Any], sort: str, limit: int, place: Callable[[Any], list[str]]) -> Page:
    found = list(rows[: limit + 1])
    if len(found) <= limit:
        return Page(found, None)
    return Page(found[:limit], _write([sort, *place(found[limit - 1])]))


def _write(place: list[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def _read(cursor: str, sort: str, parts: int) -> list[str]:
    """The place that the cursor names; none without a cursor."""
    if not cursor:
        return []
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
        is_text = isinstance(place, list) and all(isinstance(part, str) and check_text(part) == part for part in place)
    except (ValueError, RecursionError):
        is_text = False
    if not is_text or len(place) != parts + 1 or place[0] != sort:
        raise _unknown_cursor()
    return place[1:]


def _moment(text: str) -> datetime:
    try:
        return read_moment(text)
    except ValueError:
        raise _unknown_cursor() from None


def _unknown_cursor() -> NotifyError:
    return NotifyError("invalid", f"cursor {UNKNOWN_CURSOR}.", [FieldError("cursor", UNKNOWN_CURSOR)])
