"""A ZIP of any size that is written while it is sent: in memory is one piece of one file, and the list of names."""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from gallery.media.serving import READ_BYTES, safe_name

MISSING_NAME = "Not in here.txt"
FIRST_YEAR, LAST_YEAR = 1980, 2107  # that a ZIP can say


@dataclass(frozen=True)
class Entry:
    """One file: its name for people, where it lies (None: there is none, for the reason ``why``), and its time."""

    name: str
    path: Path | None
    at: datetime
    why: str = ""


class Pipe:
    """What zipfile writes into, and what is taken out of it to be sent. It cannot seek, so no size is known before."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


class Archive:
    """The archive piece by piece.

    ``entries`` is asked for the next file only when its turn has come, so that it can say what is there by then.
    Pictures and films are compressed already: they are stored as they are.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = entries
        # It is read later, on threads that know nothing of the reader.
        self._gone, self._title = _("it was removed while this was being made."), _("Not in here:")

    def __iter__(self) -> Iterator[bytes]:
        pipe, names, missing = Pipe(), Names(), []
        with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]  # it writes, and that is all that is asked of it
            for entry in self._entries:
                try:
                    file = entry.path.open("rb") if entry.path else None
                except OSError:
                    file = None
                if file is None:
                    missing.append(f"{entry.name}: {entry.why or self._gone}")
                    continue
                with file, archive.open(_info(*names.free(entry)), "w", force_zip64=True) as target:
                    while piece := file.read(READ_BYTES):
                        target.write(piece)
                        yield pipe.take()
            if missing:
                archive.writestr(MISSING_NAME, "\n".join([self._title, "", *missing, ""]))
        yield pipe.take()


class Names:
    """Each name once, also for file systems that know no capitals."""

    def __init__(self) -> None:
        self._taken = {MISSING_NAME.lower()}
        self._last: dict[str, int] = {}  # name that was wanted → the number that it got last

    def free(self, entry: Entry) -> tuple[str, datetime]:
        assert entry.path is not None
        name = unicodedata.normalize("NFC", safe_name(entry.name, entry.path.suffix))
        stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
        wanted = name.lower()
        number = self._last.get(wanted, 1)
        while name.lower() in self._taken:
            number += 1
            name = f"{stem} ({number}){suffix}"
        self._taken.add(name.lower())
        self._last[wanted] = number
        return name, entry.at


def _info(name: str, at: datetime) -> zipfile.ZipInfo:
    year = min(max(at.year, FIRST_YEAR), LAST_YEAR)
    info = zipfile.ZipInfo(name, (year, at.month, at.day, at.hour, at.minute, at.second))
    info.external_attr = 0o644 << 16
    return info
