"""Folders of a thousand, a hundred thousand and a million items, made by the database, and what is asked of them.

``python -m tests.benchmarks.million fill``, then ``ask``, with a gallery's environment. Each line that begins with
FIGURE is a name, a number of items and a figure.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import django
from django.db import connection

SIZES = (1_000, 100_000, 1_000_000)
DEPTH = 50_000
ROUNDS = 12
IN_PIECES = ("never", "without")  # what a page does not look through as a whole
SECOND = 1_000_000
BEGAN = 1_700_000_000 * SECOND
# Words of a third, of a hundredth (two of them, which 99 items share), of twenty items, and of the oldest tenth.
NAME = (
    "'Picture ' || i || CASE WHEN i % 3 = 0 THEN ' sunset' ELSE ' moonrise' END"
    " || CASE WHEN i % 100 = 0 THEN ' glacier' ELSE '' END || CASE WHEN i % 101 = 0 THEN ' harbour' ELSE '' END"
    " || CASE WHEN i % 50000 = 0 THEN ' unicorn' ELSE '' END || CASE WHEN i <= {tenth} THEN ' archive' ELSE '' END"
)
METADATA = '\'{{"prompt": "a lighthouse by the sea at night", "steps": 20}}\''


def fill() -> None:
    """Make the folders, and write their items down for the search as the server does."""
    from django.contrib.auth import get_user_model

    from gallery.models import Folder
    from gallery.services.search_index import index_some

    owner = get_user_model().objects.create_user("owner")
    for size in SIZES:
        folder = Folder.objects.create(name=f"{size:,} items", owner=owner, id=f"f{size}", visibility="public")
        with connection.cursor() as cursor:
            cursor.execute(_insert(folder.id, size))
        Folder.objects.filter(id=folder.id).update(revision=size, item_count=size)
        began = time.perf_counter()
        while index_some(folder.id):
            pass
        _say("index", size, size / (time.perf_counter() - began))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _insert(folder_id: str, size: int) -> str:
    """One statement that makes so many finished items, a second apart."""
    from gallery.models import Item

    is_sqlite = connection.vendor == "sqlite"
    json, moment = ("", "") if is_sqlite else ("::jsonb", "::timestamptz")
    order = f"{BEGAN} + i * {SECOND}" if is_sqlite else f"{BEGAN} + i::bigint * {SECOND}"
    padded = f"printf('%017d', {order})" if is_sqlite else f"lpad(({order})::text, 17, '0')"
    made = dict.fromkeys(("revision", "card_revision", "created_revision"), "i") | {
        "id": f"'{folder_id}-' || i",
        "folder_id": f"'{folder_id}'",
        "size": "i * 7919 % 1000003" if is_sqlite else "i::bigint * 7919 % 1000003",
        "order_key": f"{padded} || '!!9999999!{folder_id}-' || i",
        "name": NAME.format(tenth=size // 10),
        "type": "CASE WHEN i % 4 = 0 THEN 'video' ELSE 'image' END",
        "metadata": METADATA.format() + json,
        "edited_fields": f"'[]'{json}",
    }
    template, values = Item(folder_id="x", name="x"), {}
    for field in Item._meta.concrete_fields:
        value = field.get_db_prep_save(getattr(template, field.attname), connection)
        if field.attname in made:
            said = made[field.attname]
        elif value is None:
            said = "NULL"
        elif isinstance(value, bool):
            said = str(int(value) if is_sqlite else value)
        elif isinstance(value, int | float):
            said = str(value)
        else:
            said = f"'{value}'{moment if 'Date' in type(field).__name__ else ''}"
        values[field.column] = said
    numbers = (
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {size})"
        if is_sqlite
        else f"WITH n(i) AS (SELECT generate_series(1, {size}))"
    )
    return f"{numbers} INSERT INTO gallery_item ({', '.join(values)}) SELECT {', '.join(values.values())} FROM n"


def ask() -> None:
    """Time first pages, pages far down, and all kinds of views."""
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from gallery.folder_page import first_pages
    from gallery.models import Folder, Item

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(get_user_model().objects.get())
    folders = {size: Folder.objects.get(id=f"f{size}") for size in SIZES}
    for size, folder in folders.items():
        client.get(f"/folders/{folder.id}/")  # what is made once, and the cards
        first_pages._places.clear()
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(f"/folders/{folder.id}/")
        assert answer.content.count(b'<article id="item-') == 60
        _say("queries", size, len(captured))
    for _ in range(2):  # in turns, so that a busy moment meets all sizes
        for size, folder in folders.items():
            _say("page", size, _cost(folder))
    for size in SIZES[1:]:
        for name, place in (("top", size - 1), ("deep", size - DEPTH)):
            cursor = Item.objects.get(id=f"f{size}-{place}").order_key
            _say(name, size, _cost(folders[size], cursor=cursor))
    for name, view in _views().items():
        _say(name, SIZES[-1], _cost(folders[SIZES[-1]], view))
        pieces, milliseconds = _cost_of_all(folders[SIZES[-1]], view) if name in IN_PIECES else (1, 0)
        _say(f"{name}_pieces", SIZES[-1], pieces)
        _say(f"{name}_all", SIZES[-1], milliseconds)


def _views() -> dict[str, Any]:
    from gallery.search.view import View

    return {
        "common": View(q="sunset"),
        "all": View(q="picture lighthouse"),
        "prefix": View(q="sun light"),
        "hundredth": View(q="glacier"),
        "few": View(q="glacier harbour"),
        "rare": View(q="unicorn"),
        "old": View(q="archive"),
        "nothing": View(q="zebra"),
        "never": View(q="sunset moonrise"),
        "without": View(q="-picture"),
        "type": View(type="video"),
        "no_type": View(type="audio"),
        "word_by_name": View(q="sunset", sort="name"),
        "type_by_size": View(type="video", sort="size"),
        "oldest": View(sort="oldest"),
        "name": View(sort="name"),
        "size": View(sort="size"),
    }


def _cost(folder: Any, view: Any = None, **where: str) -> float:
    """Milliseconds to read and render a page of which only the cards are kept; the best of some rounds."""
    from gallery.folder_page import PLAIN, first_pages, load_page

    times = []
    for _ in range(ROUNDS):
        first_pages._places.clear()
        began = time.perf_counter()
        load_page(folder, view or PLAIN, reads_metadata=True, **where).rows.rendered()
        times.append(1000 * (time.perf_counter() - began))
    return min(times)


def _cost_of_all(folder: Any, view: Any) -> tuple[int, float]:
    """Of a view that finds nothing, the pages until that is known, and their milliseconds."""
    from gallery.folder_page import load_page

    pieces, cursor, began = 0, "", time.perf_counter()
    while pieces == 0 or cursor:
        cursor = load_page(folder, view, reads_metadata=True, cursor=cursor).rows.next_cursor or ""
        pieces += 1
    return pieces, 1000 * (time.perf_counter() - began)


def _say(name: str, size: int, figure: float) -> None:
    print("FIGURE", name, size, figure, flush=True)


if __name__ == "__main__":
    django.setup()
    {"fill": fill, "ask": ask}[sys.argv[1]]()
