"""What lies in the trash, by keyset: nothing is shown twice or left out while things come and go."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from gallery.contract.rules import read_moment
from gallery.models import Item
from gallery.search.cursors import read_place, unknown_cursor, write_place


def find_trash(items: QuerySet[Item], *, cursor: str, limit: int) -> tuple[list[Item], str | None]:
    """What was thrown away last, first, after ``cursor``; and the cursor of the next page, None on the last one."""
    if cursor:
        after, item_id = read_place(cursor, "trash", (str, str))
        moment = read_place_moment(after)
        items = items.filter(Q(trashed_at__lt=moment) | Q(trashed_at=moment, id__lt=item_id))
        items = items.filter(trashed_at__lte=moment)  # what the index can be asked for
    found = list(items.order_by("-trashed_at", "-id")[: limit + 1])
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], write_place(["trash", last.trashed_at.isoformat(), last.id])


def read_place_moment(text: str) -> datetime:
    """Raises ``invalid`` where a cursor names no moment."""
    try:
        return read_moment(text)
    except ValueError:
        raise unknown_cursor() from None
