"""What a page outside a folder looks at, as it says when it connects and whenever that changes."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs

from gallery.folder_list import FOLDERS_SHOWN

MOST_FOLLOWED = 2_000  # folders on one page; what stands below is as it was when it was fetched


@dataclass(frozen=True)
class Look:
    """A part of the list of folders: those in whose names ``q`` is, after ``cursor``, ``count`` of them. Or a trash:
    that of the folder ``trash``, or with an empty one that of all folders which the person may change.
    """

    q: str = ""
    cursor: str = ""
    count: int = FOLDERS_SHOWN
    trash: str | None = None


def read_look(query: str) -> Look:
    """From the query of an address; what makes no sense is not followed."""
    said = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
    count = said.get("count", "")
    number = int(count) if count.isascii() and count.isdecimal() and len(count) < 9 else 0
    return Look(
        q=said.get("q", ""),
        cursor=said.get("cursor", ""),
        count=min(max(number, FOLDERS_SHOWN), MOST_FOLLOWED),
        trash=said.get("trash"),
    )
