"""What a page costs in folders of 1,000, 100,000 and 1,000,000 items, at any depth, and what a search there costs.

The rows are made by one statement in the database itself, and written down for the search by the very function that the
server uses. That takes minutes, so the databases are kept in ``FINDING_KEPT`` (a folder) for the next time. Times are
those of the reads behind a page and of putting it together, the best of some rounds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.benchmarks.crowd import crowd
from tests.benchmarks.figures import TIMES, Figure, shown
from tests.benchmarks.million import DEPTH, SIZES
from tests.benchmarks.parts import KIB, allow_many_sockets, leave_the_first_core, memory, on_core, settle
from tests.servers import ROOT, PostgreSQL, Server, run_command, server_environment

KEPT = Path(os.environ.get("FINDING_KEPT", Path(tempfile.gettempdir()) / "darkroom-finding"))
MOST = SIZES[-1]
RATIO_BAR, SEARCH_BAR_MS, QUERIES_BAR, PAGE_BAR_KIB = 1.2, 50, 6, 60
PAGES, WARM_UP = 200, 20
SEARCHES = {
    "common": "a word that a third has",
    "all": "two words that all have",
    "prefix": "two beginnings, one of the metadata",
    "hundredth": "a word that a hundredth has",
    "few": "two words that 99 have both",
    "rare": "a word that 20 have",
    "old": "a word that only the oldest tenth has",
    "nothing": "a word that none has",
    "never": "two common words that none has both",
    "without": "all but a word that all have",
    "type": "a kind that a quarter is of",
    "no_type": "a kind that none is of",
    "word_by_name": "a word that a third has, by name",
    "type_by_size": "a kind that a quarter is of, by size",
}
ORDERS = ("oldest", "name", "size")


def measure() -> Iterator[Figure]:
    """On both databases; and what open pages of the largest folder hold in both servers."""
    KEPT.mkdir(parents=True, exist_ok=True)
    KEPT.chmod(0o755)  # PostgreSQL has a user of its own
    sqlite = KEPT / "sqlite"
    sqlite.mkdir(exist_ok=True)
    env = server_environment(sqlite)
    yield from _measure("SQLite", env)
    leave_the_first_core()
    allow_many_sockets()
    for kind in ("uvicorn", "daphne"):
        yield _open_pages(kind, env)
    is_new = not (KEPT / "postgresql" / "data").exists()
    postgres = PostgreSQL(KEPT / "postgresql")
    postgres.start()
    try:
        if is_new:
            postgres.create("finding")
        yield from _measure("PostgreSQL", server_environment(sqlite, DATABASE_URL=postgres.url("finding")))
    finally:
        postgres.stop()


def _measure(database: str, env: dict[str, str]) -> Iterator[Figure]:
    run_command(env, "migrate", "--verbosity", "0")
    filled = KEPT / f"{database}.figures"
    if not filled.exists():
        filled.write_text(_run(env, "fill"))
    found: dict[tuple[str, int], float] = {}
    for line in (filled.read_text() + _run(env, "ask")).splitlines():
        _, name, size, value = line.split()
        found[name, int(size)] = min(float(value), found.get((name, int(size)), float("inf")))
    small = found["page", SIZES[0]]
    for size in SIZES[1:]:
        page, deep, top = found["page", size], found["deep", size], found["top", size]
        detail = f"{shown(page)} ms; 1,000 items: {shown(small)} ms"
        yield Figure(f"{database}, first page of {size:,} items", page / small, TIMES, RATIO_BAR, detail=detail)
        detail = f"{shown(deep)} ms; after the first card: {shown(top)} ms"
        yield Figure(f"{database}, {size:,} items at depth {DEPTH:,}", deep / top, TIMES, RATIO_BAR, detail=detail)
    what = f"{database}, first page of {MOST:,} items that nobody has asked for before, signed in"
    yield Figure(what, found["queries", MOST], "queries", QUERIES_BAR)
    for name, words in SEARCHES.items():
        pieces, whole = found[f"{name}_pieces", MOST], found[f"{name}_all", MOST]
        detail = f"what is near; {whole:.0f} ms with the rest, which it then asks for" if pieces > 1 else ""
        what = f"{database}, search among {MOST:,}: {words}"
        yield Figure(what, found[name, MOST], "ms", SEARCH_BAR_MS, detail=detail)
    for name in ORDERS:
        yield Figure(f"{database}, first page of {MOST:,} by {name}", found[name, MOST], "ms", SEARCH_BAR_MS)
    yield Figure(f"{database}, written down for the search", found["index", MOST], "items/s")


def _run(env: dict[str, str], what: str) -> str:
    """The lines of figures that it says."""
    command = [sys.executable, "-m", "tests.benchmarks.million", what]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-4000:])
    return "".join(line for line in done.stdout.splitlines(keepends=True) if line.startswith("FIGURE"))


def _open_pages(kind: str, env: dict[str, str]) -> Figure:
    """Each page is fetched and then holds its socket open."""
    path = f"/folders/f{MOST}/"
    with tempfile.TemporaryDirectory() as logs, crowd() as viewers:
        with on_core(0):
            server = Server(kind, env, Path(logs)).start()
        try:
            pid, stream = server.process.popen.pid, f"{server.ws}/ws{path}"

            def open_pages(number: int) -> None:
                with httpx.Client(base_url=server.http) as browser:
                    for _ in range(number):
                        assert browser.get(path).raise_for_status().text.count('<article id="item-') == 60
                viewers.open(stream, server.http, number, after=MOST)

            open_pages(WARM_UP)
            settle(pid)
            before = memory(pid)
            open_pages(PAGES)
            time.sleep(1.0)
            settle(pid)
            held = (memory(pid) - before) / KIB / PAGES
        finally:
            server.kill()
    detail = f"{before / KIB / KIB:.0f} MiB with {WARM_UP} open"
    return Figure(
        f"{kind}, {PAGES} open pages of {MOST:,} items: memory of each", held, "KiB", PAGE_BAR_KIB, detail=detail
    )
