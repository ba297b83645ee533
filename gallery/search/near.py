"""What a view finds among the documents nearest to where its page begins, looked at one by one in the page's order.

A word that many have is found there at once, which an index of words is slowest at: it would gather all that have it
first. And in a small folder all documents are near.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from gallery.models import Folder
from gallery.search.query import Term, terms_of
from gallery.search.view import View

NEAR = 10_000  # documents: some 5 ms where hardly any is right
FURTHER = 30_000  # of those that are looked at after these, where the index would take longer
SAMPLE = 2_000  # documents that tell how frequent a word is
QUICK_ROWS = 200_000  # places that the index gathers in some 30 ms

Row = tuple[Any, ...]  # item, place …


@dataclass(frozen=True)
class Walk:
    """The way of a page through the documents of a folder: sorted by ``column`` and then by number.

    ``after`` is the place to go on from, or nothing. Words are letters and digits with one space between, in the
    documents and in what was asked, so that looking for text is enough.
    """

    folder: Folder
    view: View
    column: str
    rises: bool
    after: tuple[Any, ...]
    reads_metadata: bool

    @property
    def keys(self) -> list[str]:
        """What its places are made of."""
        return ["id"] if self.column == "id" else [self.column, "id"]

    @property
    def order(self) -> str:
        """The same for ORDER BY."""
        return ", ".join(f"{key} {'ASC' if self.rises else 'DESC'}" for key in self.keys)

    def look(self, limit: int, most: int) -> tuple[list[Row], tuple[Any, ...] | None]:
        """The first ``limit`` rows among ``most`` documents, and the place up to which was looked; None: to the end."""
        where, parameters = self._source()
        names = ", ".join(self.keys)
        with connection.cursor() as cursor:
            source = f"FROM gallery_searchdocument WHERE {where}"
            cursor.execute(f"SELECT {names} {source} ORDER BY {self.order} LIMIT 2 OFFSET %s", [*parameters, most - 1])
            last_and_next = cursor.fetchall()
            end = last_and_next[0] if len(last_and_next) == 2 else None
            if end is not None:
                source += f" AND ({names}) {'<=' if self.rises else '>='} ({', '.join(['%s'] * len(end))})"
                parameters += end
            for condition, asked in self._conditions():
                source, parameters = f"{source} AND {condition}", [*parameters, *asked]
            cursor.execute(f"SELECT item_id, {names} {source} ORDER BY {self.order} LIMIT %s", [*parameters, limit])
            return cursor.fetchall(), end

    def would_be_quick(self) -> bool:
        """Whether the index finds the rest at once: it does where what is asked for is rare enough.

        Where no word is wanted, but some are unwanted, it goes through the whole folder.
        """
        conditions = self._conditions()
        where, parameters = self._source()
        counted, asked = [], []
        for condition, said in conditions:
            counted.append(f"SUM(CASE WHEN {condition.removeprefix('NOT ')} THEN 1 ELSE 0 END)")
            asked += said
        source = f"SELECT * FROM gallery_searchdocument WHERE {where} ORDER BY {self.order} LIMIT {SAMPLE}"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*), {', '.join(counted)} FROM ({source}) AS sample", [*asked, *parameters])
            looked_at, *hits = cursor.fetchone()
        gathered = sum(hits) / max(1, looked_at)
        if all(condition.startswith("NOT ") for condition, _ in conditions):
            gathered += 1
        return gathered * self.folder.item_count <= QUICK_ROWS

    def _source(self) -> tuple[str, list[Any]]:
        """The documents on the way, and the parameters of that."""
        where, parameters = "folder_id = %s", [self.folder.id]
        if self.after:
            names, places = ", ".join(self.keys), ", ".join(["%s"] * len(self.keys))
            where += f" AND ({names}) {'>' if self.rises else '<'} ({places})"
            parameters += self.after
        for number, sign in zip(self.view.numbers, (">=", "<"), strict=True):
            if number is not None:
                where, parameters = f"{where} AND id {sign} %s", [*parameters, number]
        return where, parameters

    def _conditions(self) -> list[tuple[str, list[str]]]:
        """What must be so of a document."""
        columns = ["open_words", "private_words"] if self.reads_metadata else ["open_words"]
        conditions = [(_holds("facets"), [f" {facet} "]) for facet in self.view.facets]
        for term in terms_of(self.view.q):
            somewhere = " OR ".join(map(_holds, columns))
            is_so = f"NOT ({somewhere})" if term.is_unwanted else f"({somewhere})"
            conditions.append((is_so, [_text(term)] * len(columns)))
        return conditions


def _text(term: Term) -> str:
    return f" {' '.join(term.words)}{'' if term.is_prefix else ' '}"


def _holds(column: str) -> str:
    position = "strpos" if connection.vendor == "postgresql" else "instr"
    return f"{position}(' ' || {column} || ' ', %s) > 0"
