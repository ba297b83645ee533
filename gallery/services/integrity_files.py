"""The checks of files: no row without its file, no file without its row."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from django.db.models import Q

from gallery.media.incoming import ABANDONED_SECONDS, discard
from gallery.models import BatchSlot, Item
from gallery.models.item import STORED_FILES
from gallery.services.files import INCOMING, media_root
from gallery.services.integrity import Finding, Looked, windows

GRACE_SECONDS = 3600.0  # a file is kept before its row is committed: younger ones may still get theirs
STORED = re.compile(r"[0-9a-f]{32}\.[a-z0-9]{1,8}")  # as gallery.media.incoming.keep names them
AT_ONCE = 500  # names that one statement asks for
NAMES = {Item: STORED_FILES, BatchSlot: ("preview_file",)}


def find_in_files(looked: Looked) -> Iterator[Finding]:
    """Rows first, files after: what comes meanwhile is too young to count.

    The names that rows know lie in a database of SQLite's own that spills to the disk, not in memory.
    """
    with closing(sqlite3.connect("")) as names:
        names.execute("CREATE TABLE known (name TEXT PRIMARY KEY) WITHOUT ROWID")
        yield from _find_missing(names, looked)
        yield from _find_orphans(names, looked)


def _find_missing(names: sqlite3.Connection, looked: Looked) -> Iterator[Finding]:
    for model, columns in NAMES.items():
        named = Q()
        for column in columns:
            named |= ~Q(**{column: ""})
        for window in windows(model.objects.filter(named)):
            missing = []
            for key, *paths in window.values_list("pk", *columns):
                known = [(column, path) for column, path in zip(columns, paths, strict=True) if path]
                names.executemany("INSERT OR IGNORE INTO known VALUES (?)", [(path,) for _, path in known])
                missing += [(key, column, path) for column, path in known if not _is_there(path)]
            for key, column, path in missing:
                # Replaced or removed meanwhile: then the row says so by now.
                if model.objects.filter(pk=key, **{column: path}).exists() and not _is_there(path):
                    yield _missing(model, key, column, path)


def _missing(model: Any, key: Any, column: str, path: str) -> Finding:
    what = f"Item {key}" if model is Item else f"Slot row {key}"
    return Finding(
        f"{what} names {path} as its {column.removesuffix('_file')}, and there is no such file.",
        "Put it back from a backup, or let the worker send it again.",
    )


def _is_there(path: str) -> bool:
    return (media_root() / path).is_file()


def _find_orphans(names: sqlite3.Connection, looked: Looked) -> Iterator[Finding]:
    suspects = (path for path in _stored_files(looked) if not _is_known(names, path) and _is_old(path, GRACE_SECONDS))
    while some := list(islice(suspects, AT_ONCE)):
        named = _named_now(some)
        for path in some:
            if path not in named and _is_old(path, GRACE_SECONDS):
                yield _orphan(f"No row names the file {path}.", path)
    for entry in _scan(media_root() / INCOMING):
        path = f"{INCOMING}/{entry.name}"
        if entry.name.startswith("incoming-") and _is_old(path, ABANDONED_SECONDS + GRACE_SECONDS):
            yield _orphan(f"The file {path} was left by an upload that never ended.", path)


def _orphan(sentence: str, path: str) -> Finding:
    return Finding(sentence, "--repair deletes it.", lambda: discard(media_root(), path))


def _stored_files(looked: Looked) -> Iterator[str]:
    """What the gallery has stored, and nothing that others have put beside it."""
    for directory in _scan(media_root() / "items"):
        if directory.is_dir(follow_symlinks=False):
            for entry in _scan(Path(directory.path)):
                if STORED.fullmatch(entry.name):
                    looked.add("files", 1)
                    yield f"items/{directory.name}/{entry.name}"


def _scan(directory: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            yield from entries
    except FileNotFoundError:
        return


def _is_known(names: sqlite3.Connection, path: str) -> bool:
    return names.execute("SELECT 1 FROM known WHERE name = ?", (path,)).fetchone() is not None


def _is_old(path: str, seconds: float) -> bool:
    try:
        status = (media_root() / path).stat()
    except FileNotFoundError:  # gone meanwhile
        return False
    return max(status.st_mtime, status.st_ctime) < time.time() - seconds


def _named_now(paths: Iterable[str]) -> set[str]:
    """Asked once more, of the rows as they are now: each statement reads a whole table, for many names at once."""
    named: set[str] = set()
    for model, columns in NAMES.items():
        for column in columns:
            named.update(model.objects.filter(**{f"{column}__in": paths}).values_list(column, flat=True))
    return named
