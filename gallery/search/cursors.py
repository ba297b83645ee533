"""Where a page begins, as one word of an address: a card's own place where the order is by time, else base64."""

from __future__ import annotations

import base64
import json
from typing import Any

from gallery.contract.errors import FieldError, NotifyError
from gallery.contract.rules import check_text
from gallery.search.find import Found, place_of
from gallery.search.view import View

UNKNOWN_CURSOR = "is not a cursor of this list: take it from 'next', and keep the same 'sort'"
_BY_TIME = ("newest", "oldest")
_THE_REST = "-"  # no place begins so
PLACES: dict[str, tuple[type, ...]] = {"newest": (int,), "oldest": (int,), "name": (str, int), "size": (int, int)}


def cursor_of(view: View, found: Found) -> str:
    """The cursor of the page after these."""
    assert found.after is not None
    if view.sort in _BY_TIME and found.items and not found.is_so_far:
        return found.items[-1].order_key
    return next_place(view, found)


def next_place(view: View, found: Found) -> str:
    """The same in an address's letters only; where not all was looked through, it says that the rest shall be."""
    assert found.after is not None
    return (_THE_REST if found.is_so_far else "") + write_place([view.sort, *found.after])


def asks_for_the_rest(cursor: str) -> bool:
    """Whether ``find`` shall go on to the end, however long it takes: the page before was quick."""
    return cursor.startswith(_THE_REST)


def cursors_of(view: View, found: Found) -> list[str]:
    """For each of these the cursor of what comes after it."""
    if view.sort in _BY_TIME:
        return [item.order_key for item in found.items]
    return [write_place([view.sort, *place]) for place in found.places]


def place_in(view: View, cursor: str) -> tuple[Any, ...] | None:
    """What ``find`` goes on after; None, the beginning, where the cursor is of another list."""
    if view.sort in _BY_TIME and "!" in cursor:
        try:
            place = place_of(cursor)
        except ValueError:
            return None
        return place if all(map(_is_plain, place)) else None
    try:
        return read_place(cursor, view.sort, PLACES[view.sort])
    except NotifyError:
        return None


def write_place(place: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def read_place(cursor: str, sort: str, kinds: tuple[type, ...]) -> tuple[Any, ...]:
    """The place that the cursor names; raises ``invalid`` where it is of another list."""
    try:
        cursor = cursor.removeprefix(_THE_REST)
        place = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        place = None
    if not isinstance(place, list) or place[:1] != [sort] or len(place) != len(kinds) + 1:
        raise unknown_cursor()
    if not all(type(part) is kind and _is_plain(part) for part, kind in zip(place[1:], kinds, strict=True)):
        raise unknown_cursor()
    return tuple(place[1:])


def _is_plain(part: Any) -> bool:
    """Text that databases take, or a number that they can hold."""
    if isinstance(part, int):
        return abs(part) < 2**63
    try:
        return check_text(part) == part
    except ValueError:
        return False


def unknown_cursor() -> NotifyError:
    return NotifyError("invalid", f"cursor {UNKNOWN_CURSOR}.", [FieldError("cursor", UNKNOWN_CURSOR)])
