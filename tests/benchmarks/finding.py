"""What a page costs in folders of 1,000, 100,000 and 1,000,000 items, at any depth, and what a search there costs.

The rows are made by one statement in the database itself, and written down for the search by the very function that the
server uses. Times are those of the reads behind a page, the median of some rounds, beside the folder of 1,000.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.figures import TIMES, Figure, shown
from tests.servers import ROOT, PostgreSQL, run_command, server_environment

SIZES = (1_000, 100_000, 1_000_000)
DEPTH = 50_000

SCRIPT = """
import statistics, time
from django.contrib.auth import get_user_model
from django.db import connection
from gallery import folder_page
from gallery.models import Folder, Item
from gallery.search.view import View
from gallery.services.search_index import _index_some
sizes, depth = {sizes}, {depth}
owner = get_user_model().objects.create_user("owner")
sqlite = connection.vendor == "sqlite"
numbers = ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {{}}) "
           if sqlite else "WITH n(i) AS (SELECT generate_series(1, {{}})) ")
pad = ("printf('%017d', 1700000000000000 + i * 1000000)" if sqlite
       else "lpad((1700000000000000 + i * 1000000::bigint)::text, 17, '0')")
template = Item(folder_id="x", name="x")
fields = [field for field in Item._meta.concrete_fields]
def fill(folder, size):
    made = {{"id": f"'{{folder.id}}-' || i", "folder_id": f"'{{folder.id}}'", "revision": "i", "card_revision": "i",
            "created_revision": "i", "size": "i * 7919 % 1000003",
            "order_key": f"{{pad}} || '!!9999999!{{folder.id}}-' || i",
            "name": "'Picture ' || i || CASE WHEN i % 3 = 0 THEN ' sunset' ELSE ' moonrise' END"
                    " || CASE WHEN i % 50000 = 0 THEN ' unicorn' ELSE '' END",
            "metadata": "'{{\\"prompt\\": \\"a lighthouse by the sea at night\\", \\"steps\\": 20}}'"
                        + ("" if sqlite else "::jsonb"),
            "edited_fields": "'[]'" + ("" if sqlite else "::jsonb")}}
    values, columns = [], []
    for field in fields:
        columns.append(field.column)
        if field.attname in made:
            values.append(made[field.attname])
            continue
        value = field.get_db_prep_save(getattr(template, field.attname), connection)
        if value is None: values.append("NULL")
        elif isinstance(value, bool): values.append("1" if sqlite and value else "0" if sqlite else str(value))
        elif isinstance(value, (int, float)): values.append(str(value))
        else:
            is_moment = "Date" in type(field).__name__ and not sqlite
            values.append(f"'{{value}}'" + ("::timestamptz" if is_moment else ""))
    with connection.cursor() as cursor:
        cursor.execute(f"{{numbers.format(size)}}INSERT INTO gallery_item ({{', '.join(columns)}}) "
                       f"SELECT {{', '.join(values)}} FROM n")
    Folder.objects.filter(id=folder.id).update(revision=size)
    began = time.perf_counter()
    while _index_some(folder.id): pass
    print("FIGURE", f"index {{size}}", size / (time.perf_counter() - began), flush=True)
def cost(folder, view=View(), **where):
    times = []
    for _ in range(15):
        folder_page.first_pages._places.clear()
        began = time.perf_counter()
        rows = folder_page.load_page(folder, view, reads_metadata=True, **where).rows
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)
folders = {{}}
for size in sizes:
    folder = folders[size] = Folder.objects.create(name=str(size), owner=owner, id=f"f{{size}}")
    fill(folder, size)
    folder.refresh_from_db()
with connection.cursor() as cursor: cursor.execute("ANALYZE")
def key(size, at):
    return Item.objects.get(id=f"f{{size}}-{{at}}").order_key
for size, folder in folders.items():
    print("FIGURE", f"page {{size}}", cost(folder), flush=True)
    if size > depth:
        print("FIGURE", f"depth0 {{size}}", cost(folder, cursor=key(size, size - 1)), flush=True)
        print("FIGURE", f"depth {{size}}", cost(folder, cursor=key(size, size - depth)), flush=True)
        asked = {{"common": View(q="sunset"), "prefix": View(q="sun light"), "rare": View(q="unicorn"),
                 "nothing": View(q="zebra"), "both": View(q="sunset moonrise"), "type": View(type="video"),
                 "name": View(sort="name"), "size": View(sort="size"), "oldest": View(sort="oldest")}}
        for name, view in asked.items():
            print("FIGURE", f"{{name}} {{size}}", cost(folder, view), flush=True)
"""


def measure() -> list[Figure]:
    """Milliseconds for reading and rendering a page, on both databases."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        figures += _measure("SQLite", server_environment(Path(folder)))
    postgres = PostgreSQL()
    postgres.start()
    with tempfile.TemporaryDirectory() as folder:
        figures += _measure("PostgreSQL", server_environment(Path(folder), DATABASE_URL=postgres.create("finding")))
    postgres.remove()
    return figures


def _measure(database: str, env: dict[str, str]) -> list[Figure]:
    run_command(env, "migrate", "--verbosity", "0")
    command = [sys.executable, str(ROOT / "manage.py"), "shell", "-c", SCRIPT.format(sizes=SIZES, depth=DEPTH)]
    said = subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    parts = (line.split() for line in said.splitlines() if line.startswith("FIGURE"))
    found = {(name, int(size)): float(value) for _, name, size, value in parts}
    small, figures = found["page", SIZES[0]], []
    for size in SIZES[1:]:
        page = found["page", size]
        detail = f"{shown(page)} ms; 1,000 items: {shown(small)} ms"
        figures.append(Figure(f"{database}, first page of {size:,} items", page / small, TIMES, 1.2, detail=detail))
        deep, top = found["depth", size], found["depth0", size]
        detail = f"{shown(deep)} ms; after the first card: {shown(top)} ms"
        figures.append(Figure(f"{database}, {size:,} items at depth {DEPTH:,}", deep / top, TIMES, 1.2, detail=detail))
    most = SIZES[-1]
    for name, words in (
        ("common", "a word that a third has"),
        ("prefix", "two beginnings, one of the metadata"),
        ("rare", "a word that 20 have"),
        ("nothing", "a word that none has"),
        ("both", "two common words that none has both"),
        ("type", "a kind that none is of"),
    ):
        figures.append(Figure(f"{database}, search among {most:,}: {words}", found[name, most], "ms", 50))
    for name in ("oldest", "name", "size"):
        figures.append(Figure(f"{database}, first page of {most:,} by {name}", found[name, most], "ms", 50))
    figures.append(Figure(f"{database}, written down for the search", found["index", most], "items/s"))
    return figures
