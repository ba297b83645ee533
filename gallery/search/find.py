"""Pages of a view, by keyset in every order: the same cost at any depth, and no counting on the way.

Statements are built from fixed pieces; all that was asked for is a parameter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from gallery.models import Folder, Item, SearchDocument
from gallery.search import near
from gallery.search.near import Row, Walk
from gallery.search.query import for_postgresql, for_sqlite, terms_of
from gallery.search.view import View, number_at
from gallery.search.words import facet

_INDEX, _DOCUMENT = "gallery_search_index", "document"
_SORTS = {"newest": ("id", False), "oldest": ("id", True), "name": ("name_key", True), "size": ("size", False)}


@dataclass(frozen=True)
class Found:
    """Some items with their places, and the one after which it goes on; None where nothing does."""

    items: list[Item]
    after: tuple[Any, ...] | None
    places: list[tuple[Any, ...]]
    is_so_far: bool = False  # fewer than were asked for: it goes on after the last place that was looked at


def number_of(order_key: str) -> int:
    """Where a card stands in the default order, as a number; cards of the same moment by their slots."""
    moment, _, slot, _ = order_key.split("!", 3)
    return number_at(int(moment), int(slot))


def place_of(order_key: str) -> tuple[int]:
    """The place of a card in views by time, also where it is no more."""
    item_id = order_key.rpartition("!")[2]
    number = SearchDocument.objects.filter(item_id=item_id).values_list("id", flat=True).first()
    return (number_of(order_key) if number is None else number,)


def find(
    folder: Folder,
    view: View,
    *,
    reads_metadata: bool,
    limit: int,
    after: tuple[Any, ...] | None = None,
    back: bool = False,
    is_bounded: bool = False,
    spared: Sequence[str] = (),
) -> Found:
    """The next ``limit`` items after a place; ``back``: those before it, the nearest first. ``spared`` are fields.

    ``is_bounded``: fewer, also none, may come with a place to go on after, where what is asked for is so common, each
    by itself, and so rare together that the index takes long.
    """
    column, rises = _SORTS[view.sort]
    walk = Walk(folder, view, column, rises ^ back, after or (), reads_metadata)
    rows, end = _rows(walk, limit + 1, is_bounded)
    places = {item_id: place for item_id, *place in rows[:limit]}
    items = Item.objects.living().filter(folder=folder, id__in=list(places)).select_related("lease", "batch")
    known = {item.id: item for item in items.defer(*spared)}
    shown = [known[item_id] for item_id in places if item_id in known]
    if len(rows) > limit:
        end = tuple(rows[limit - 1][1:])
    return Found(
        shown, end, [tuple(places[item.id]) for item in shown], is_so_far=end is not None and len(rows) <= limit
    )


def _rows(walk: Walk, limit: int, is_bounded: bool) -> tuple[list[Row], tuple[Any, ...] | None]:
    """The first ``limit`` rows; or, where those would take too long, what is found up to a place."""
    if not _asks_index(walk.view):
        return _all_rows(walk, limit), None
    if walk.view.q and not terms_of(walk.view.q):
        return [], None  # not a word was typed
    rows, end = walk.look(limit, near.NEAR)
    if end is None or len(rows) == limit:
        return rows, None
    if not is_bounded or walk.would_be_quick():
        return _all_rows(walk, limit), None
    more, end = replace(walk, after=end).look(limit - len(rows), near.FURTHER)
    rows += more
    return rows, None if len(rows) == limit else end


def _all_rows(walk: Walk, limit: int) -> list[Row]:
    """The first ``limit`` of the whole folder."""
    asks_index = _asks_index(walk.view)
    source, parameters = _source(walk.folder, walk.view, walk.reads_metadata)
    by_id = f"{_INDEX}.rowid" if asks_index and connection.vendor == "sqlite" else f"{_DOCUMENT}.id"
    keys = [by_id] if walk.column == "id" else [f"{_DOCUMENT}.{walk.column}", f"{_DOCUMENT}.id"]
    if walk.after:
        source += f" AND ({', '.join(keys)}) {'>' if walk.rises else '<'} ({', '.join(['%s'] * len(keys))})"
        parameters += walk.after
    parameters.append(limit)
    if asks_index and connection.vendor == "postgresql":
        # The subquery is planned by itself: the planner, which may think otherwise, would walk on through the order.
        # Of what is found and not shown no more than the place is read.
        first = f"SELECT * FROM (SELECT {', '.join(keys)} {source} OFFSET 0) AS found ORDER BY {walk.order} LIMIT %s"
        shown = (
            f"SELECT item_id, first.* FROM ({first}) AS first JOIN gallery_searchdocument AS own ON own.id = first.id"
        )
        order = ", ".join(f"first.{key} {'ASC' if walk.rises else 'DESC'}" for key in walk.keys)
        return _few_rows(f"{shown} ORDER BY {order}", parameters)
    order = ", ".join(f"{number} {'ASC' if walk.rises else 'DESC'}" for number in range(2, len(keys) + 2))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_DOCUMENT}.item_id, {', '.join(keys)} {source} ORDER BY {order} LIMIT %s", parameters)
        return cursor.fetchall()


def _few_rows(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    """Of what is rare, or it would have been found near."""
    with transaction.atomic(), connection.cursor() as cursor:
        # With less, a million places of beginnings are kept by their pages, and all that stands there is looked at.
        cursor.execute("SET LOCAL work_mem = '32MB'")
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def items_of_view(folder: Folder, view: View, *, reads_metadata: bool) -> QuerySet[Item]:
    """All that a view finds, on whatever page, in no order."""
    items = Item.objects.living().filter(folder=folder)
    if not view.is_filtered:
        return items
    source, parameters = _source(folder, view, reads_metadata)
    return items.filter(id__in=RawSQL(f"SELECT {_DOCUMENT}.item_id {source}", parameters))


def _asks_index(view: View) -> bool:
    return bool(view.q or view.facets)


def _source(folder: Folder, view: View, reads_metadata: bool) -> tuple[str, list[Any]]:
    """SQL from FROM on, and its parameters."""
    table, parameters = f"gallery_searchdocument AS {_DOCUMENT}", [folder.id]
    where = f"{_DOCUMENT}.folder_id = %s"
    if _asks_index(view):
        terms = terms_of(view.q)
        facets = [facet("folder", folder.id), *view.facets]
        if view.q and not terms:
            facets.append("nothing")  # not a word was typed: no facet is called so
        if connection.vendor == "sqlite":
            table = f"{_INDEX} CROSS JOIN {table} ON {_DOCUMENT}.id = {_INDEX}.rowid"
            where += f" AND {_INDEX} MATCH %s"
            parameters.append(for_sqlite(facets, terms, with_private=reads_metadata))
        else:
            # The folder is among the facets: asked for again, it would be compared in each row.
            where, parameters = f"{_DOCUMENT}.words @@ to_tsquery('simple', %s)", []
            parameters.append(for_postgresql(facets, terms, with_private=reads_metadata))
    for number, sign in zip(view.numbers, (">=", "<"), strict=True):
        if number is not None:
            where += f" AND {_DOCUMENT}.id {sign} %s"
            parameters.append(number)
    return f"FROM {table} WHERE {where}", parameters
