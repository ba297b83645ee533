"""What must hold in the database and on the disk at any time, looked for while the gallery is at work.

The rows move meanwhile. So each suspect is found by one statement, which sees one moment; it is asked for once more
before it is believed; and what takes a while to follow (a sweep, an upload) has its time of grace. Tables are walked
in windows of their keys: neither memory nor a statement's time grows with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from gallery.models import Folder, SiteRevision

WINDOW = 2_000  # rows looked at by one statement
FOLDERS_REMEMBERED = 10_000  # whose revision is looked at twice

BY_HAND = "Nothing is mended: find out who wrote past the gallery, or report it as a bug."


@dataclass(frozen=True)
class Finding:
    """What is wrong, in one sentence. ``mend`` puts it right; where it is None, a person has to decide.

    ``remedy`` says what ``mend`` would do, or what a person may do.
    """

    sentence: str
    remedy: str
    mend: Callable[[], None] | None = None


@dataclass(frozen=True)
class RowCheck:
    """Rows that must not be: ``wrong(rows)`` keeps those, ``say`` names one."""

    rows: Callable[[], QuerySet[Any]]
    wrong: Callable[[QuerySet[Any]], QuerySet[Any]]
    say: Callable[[Any], str]
    remedy: str
    mend: Callable[[Any], None] | None = None


@dataclass
class Looked:
    """How much was looked at, by what it is."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, what: str, number: int) -> None:
        self.counts[what] = self.counts.get(what, 0) + number

    def __str__(self) -> str:
        return ", ".join(f"{number:,} {what}" for what, number in self.counts.items())


def windows(rows: QuerySet[Any]) -> Iterator[QuerySet[Any]]:
    """The rows in pieces of ``WINDOW``, by their keys; new ones may come meanwhile."""
    rest = rows.order_by("pk")
    while True:
        edge = rest.values_list("pk", flat=True)[WINDOW - 1 : WINDOW].first()
        if edge is None:
            yield rest
            return
        yield rest.filter(pk__lte=edge)
        rest = rows.order_by("pk").filter(pk__gt=edge)


def find_rows(checks: Iterable[RowCheck]) -> Iterator[Finding]:
    """What these checks find."""
    for check in checks:
        for window in windows(check.rows()):
            suspects = list(check.wrong(window).values_list("pk", flat=True))
            if suspects:
                for row in check.wrong(check.rows().filter(pk__in=suspects)).order_by("pk"):
                    mend = None if check.mend is None else lambda row=row, mend=check.mend: mend(row)
                    yield Finding(check.say(row), check.remedy, mend)


class RevisionWatch:
    """Revisions only grow: those of the first look are compared with those of a later one."""

    REMEDY = (
        "Were the servers stopped while a backup was put back? Restart them, so that every page loads itself again."
    )

    def __init__(self) -> None:
        self._folders = self._read()
        self._messages = self._read_messages()

    def find(self) -> Iterator[Finding]:
        """The later look."""
        now = self._read(list(self._folders))
        for folder_id, before in self._folders.items():
            if now.get(folder_id, before) < before:
                yield Finding(
                    f"The revision of folder {folder_id} went back from {before} to {now[folder_id]}.", self.REMEDY
                )
        if (messages := self._read_messages()) < self._messages:
            yield Finding(f"The messages' revision went back from {self._messages} to {messages}.", self.REMEDY)

    def _read(self, ids: list[str] | None = None) -> dict[str, int]:
        if ids is None:
            return dict(Folder.objects.order_by("-revision").values_list("id", "revision")[:FOLDERS_REMEMBERED])
        read: dict[str, int] = {}
        for start in range(0, len(ids), 500):
            read.update(Folder.objects.filter(id__in=ids[start : start + 500]).values_list("id", "revision"))
        return read

    def _read_messages(self) -> int:
        return SiteRevision.objects.values_list("messages", flat=True).first() or 0
