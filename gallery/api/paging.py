"""Pages by keyset: as quick at any depth, and nothing is shown twice or left out while new items arrive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from gallery.models import Folder, Item
from gallery.search.cursors import PLACES, asks_for_the_rest, next_place, read_place, write_place
from gallery.search.find import find
from gallery.search.trash import find_trash, read_place_moment
from gallery.search.view import View
from gallery.services.search_index import catch_up


@dataclass(frozen=True)
class Page:
    """Some rows, and the cursor of the next page (None on the last one)."""

    rows: list[Any]
    next: str | None


def page_of_view(folder: Folder, view: View, *, reads_metadata: bool, cursor: str, limit: int) -> Page:
    """What a view finds, in its order."""
    if view.sort in ("newest", "oldest") and not view.is_filtered:
        return _page_by_time(Item.objects.living().filter(folder=folder).select_related("lease"), view, cursor, limit)
    place = read_place(cursor, view.sort, PLACES[view.sort]) if cursor else None
    catch_up(folder)
    is_bounded = not asks_for_the_rest(cursor)
    found = find(folder, view, reads_metadata=reads_metadata, limit=limit, after=place, is_bounded=is_bounded)
    return Page(found.items, next_place(view, found) if found.after else None)


def _page_by_time(items: QuerySet[Item], view: View, cursor: str, limit: int) -> Page:
    is_newest = view.sort == "newest"
    if cursor:
        [place] = read_place(cursor, view.sort, (str,))
        items = items.filter(**{"order_key__lt" if is_newest else "order_key__gt": place})
    items = items.order_by("-order_key" if is_newest else "order_key")
    return _cut(items, view.sort, limit, lambda item: [item.order_key])


def page_of_trash(items: QuerySet[Item], *, cursor: str, limit: int) -> Page:
    """What was thrown away last, first."""
    return Page(*find_trash(items, cursor=cursor, limit=limit))


def page_of_folders(folders: QuerySet[Folder], *, cursor: str, limit: int) -> Page:
    """Newest first."""
    folders = folders.order_by("-created_at", "-id")
    if cursor:
        after, folder_id = read_place(cursor, "folders", (str, str))
        created_at = read_place_moment(after)
        folders = folders.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, id__lt=folder_id))
    return _cut(folders, "folders", limit, lambda folder: [folder.created_at.isoformat(), folder.id])


def _cut(rows: QuerySet[Any], sort: str, limit: int, place: Callable[[Any], list[str]]) -> Page:
    found = list(rows[: limit + 1])
    if len(found) <= limit:
        return Page(found, None)
    return Page(found[:limit], write_place([sort, *place(found[limit - 1])]))
