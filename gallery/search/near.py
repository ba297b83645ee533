"""What a view finds among the documents nearest to where its page begins, looked at one by one in the page's order.

A word that many have is found there at once, which an index of words is slowest at: it would gather all that have it
first. And in a small folder all documents are near.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from gallery.models import Folder
from gallery.search.query import Term, terms_of
from gallery.search.view import View

NEAR = 20_000  # documents: some 10 ms where hardly any is right


def near_rows(
    folder: Folder, view: View, column: str, rises: bool, after: tuple[Any, ...], limit: int, *, reads_metadata: bool
) -> list[tuple[Any, ...]] | None:
    """The first ``limit`` as (item, place …); None where those near are too few to tell.

    ``column`` is what the page is sorted by, beside the number; ``after`` the place to go on from, or nothing.
    """
    keys = ["id"] if column == "id" else [column, "id"]
    names, places = ", ".join(keys), ", ".join(["%s"] * len(keys))
    order = ", ".join(f"{key} {'ASC' if rises else 'DESC'}" for key in keys)
    where, parameters = "folder_id = %s", [folder.id]
    if after:
        where += f" AND ({names}) {'>' if rises else '<'} ({places})"
        parameters += after
    first, last = view.numbers
    if first is not None:
        where, parameters = f"{where} AND id >= %s", [*parameters, first]
    if last is not None:
        where, parameters = f"{where} AND id < %s", [*parameters, last]
    source = f"FROM gallery_searchdocument WHERE {where}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} {source} ORDER BY {order} LIMIT 1 OFFSET %s", [*parameters, NEAR])
        end = cursor.fetchone()
        if end is not None:
            source, parameters = f"{source} AND ({names}) {'<' if rises else '>'} ({places})", [*parameters, *end]
        for condition, asked in _conditions(view, reads_metadata):
            source, parameters = f"{source} AND {condition}", [*parameters, *asked]
        cursor.execute(f"SELECT item_id, {names} {source} ORDER BY {order} LIMIT %s", [*parameters, limit])
        rows = cursor.fetchall()
    return rows if end is None or len(rows) == limit else None


def _conditions(view: View, reads_metadata: bool) -> list[tuple[str, list[str]]]:
    """What must be so of a document. Words are letters and digits with one space between, so that text is enough."""
    columns = ["open_words", "private_words"] if reads_metadata else ["open_words"]
    conditions = [(_holds("facets"), [f" {facet} "]) for facet in view.facets]
    for term in terms_of(view.q):
        somewhere = " OR ".join(map(_holds, columns))
        is_so = f"NOT ({somewhere})" if term.is_unwanted else f"({somewhere})"
        conditions.append((is_so, [_text(term)] * len(columns)))
    return conditions


def _text(term: Term) -> str:
    return f" {' '.join(term.words)}{'' if term.is_prefix else ' '}"


def _holds(column: str) -> str:
    position = "strpos" if connection.vendor == "postgresql" else "instr"
    return f"{position}(' ' || {column} || ' ', %s) > 0"
