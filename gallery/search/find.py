"""Pages of a view, by keyset in every order: the same cost at any depth, and no counting on the way.

Statements are built from fixed pieces; all that was asked for is a parameter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from gallery.models import Folder, Item, SearchDocument
from gallery.models.fields import LAST_SLOT
from gallery.search.query import for_postgresql, for_sqlite, terms_of
from gallery.search.view import View, after_day
from gallery.search.words import facet

NUMBERS_A_MICROSECOND = 1_000
RARE = 2_000
_INDEX, _DOCUMENT = "gallery_search_index", "document"
_SORTS = {"newest": ("id", False), "oldest": ("id", True), "name": ("name_key", True), "size": ("size", False)}


@dataclass(frozen=True)
class Found:
    """Some items, and the places at both ends: ``after`` leads on, ``before`` back; None where nothing is there."""

    items: list[Item]
    after: tuple[Any, ...] | None


def number_of(order_key: str) -> int:
    """Where a card stands in the default order, as a number; cards of the same moment by their slots."""
    moment, _, slot, _ = order_key.split("!", 3)
    return int(moment) * NUMBERS_A_MICROSECOND - (LAST_SLOT - int(slot))


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
    spared: Sequence[str] = (),
) -> Found:
    """The next ``limit`` items after a place; ``back``: those before it, the nearest first. ``spared`` are fields."""
    source, parameters = _source(folder, view, reads_metadata)
    column, rises = _SORTS[view.sort]
    rises ^= back
    by_id = f"{_INDEX}.rowid" if _asks_index(view) and connection.vendor == "sqlite" else f"{_DOCUMENT}.id"
    keys = [by_id] if column == "id" else [f"{_DOCUMENT}.{column}", f"{_DOCUMENT}.id"]
    if after:
        source += f" AND ({', '.join(keys)}) {'>' if rises else '<'} ({', '.join(['%s'] * len(keys))})"
        parameters += after
    order = ", ".join(f"{number} {'ASC' if rises else 'DESC'}" for number in range(2, len(keys) + 2))
    found = f"SELECT {_DOCUMENT}.item_id, {', '.join(keys)} {source}"
    with connection.cursor() as cursor:
        if _asks_index(view) and connection.vendor == "postgresql" and _is_rare(cursor, source, parameters):
            found = f"WITH found AS MATERIALIZED ({found}) SELECT * FROM found"
        cursor.execute(f"{found} ORDER BY {order} LIMIT %s", [*parameters, limit + 1])
        rows = cursor.fetchall()
    places = {item_id: place for item_id, *place in rows[:limit]}
    items = Item.objects.living().filter(folder=folder, id__in=list(places)).select_related("lease", "batch")
    known = {item.id: item for item in items.defer(*spared)}
    shown = [known[item_id] for item_id in places if item_id in known]
    return Found(shown, tuple(rows[limit - 1][1:]) if len(rows) > limit else None)


def _is_rare(cursor: Any, source: str, parameters: list[Any]) -> bool:
    """Whether so few are found that sorting them is better: the planner would rather walk through all in order."""
    cursor.execute(f"SELECT count(*) FROM (SELECT 1 {source} LIMIT %s) AS few", [*parameters, RARE + 1])
    return cursor.fetchone()[0] <= RARE


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
            where += f" AND {_DOCUMENT}.words @@ to_tsquery('simple', %s)"
            parameters.append(for_postgresql(facets, terms, with_private=reads_metadata))
    for day, sign in ((view.since, ">="), (view.until and after_day(view.until), "<")):
        if day:
            where += f" AND {_DOCUMENT}.id {sign} %s"
            parameters.append(_first_number(day))
    return f"FROM {table} WHERE {where}", parameters


def _first_number(day: date) -> int:
    """Below all numbers of that day, in UTC, down to its last slot."""
    moment = datetime.combine(day, time(), UTC)
    return int(moment.timestamp() * 1_000_000) * NUMBERS_A_MICROSECOND - LAST_SLOT
