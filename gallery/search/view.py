"""A view of a folder: what it finds and in which order, as addresses of pages and the API say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from gallery.contract import limits
from gallery.models import Folder, Item
from gallery.models.fields import LAST_SLOT
from gallery.search.words import facet

SORTS = tuple(Folder.Sort.values)
WORDS = {
    "image": pgettext_lazy("a filter", "image"),
    "video": pgettext_lazy("a filter", "video"),
    "audio": pgettext_lazy("a filter", "audio"),
    "file": pgettext_lazy("a filter", "file"),
    "complete": pgettext_lazy("a filter", "complete"),
    "processing": pgettext_lazy("a filter", "processing"),
    "error": pgettext_lazy("a filter", "error"),
}  # types and states
NUMBERS_A_MICROSECOND = 1_000
FIRST_DAY, END_OF_DAYS = date(1970, 1, 1), date(2200, 1, 1)  # what has a place among the numbers of all items


@dataclass(frozen=True)
class View:
    """Nothing said: all items, newest first."""

    q: str = ""
    type: str = ""
    status: str = ""
    person: str = ""
    tag: str = ""
    batch: str = ""
    since: date | None = None
    until: date | None = None  # the whole of that day, too
    starred: bool = False
    sort: str = "newest"
    folder_sort: str = "newest"  # the order where none is said
    batch_label: str = field(default="", compare=False)  # how the batch is called, for the eye

    @property
    def is_filtered(self) -> bool:
        """Whether it may leave something out."""
        return replace(self, sort="newest", folder_sort="newest") != View()

    @property
    def is_plain(self) -> bool:
        return not self.is_filtered and self.sort == "newest"

    @property
    def facets(self) -> list[str]:
        """The words of ``SearchDocument.facets`` that must be there, beside the folder's."""
        asked = {name: getattr(self, name) for name in ("type", "status", "person", "batch")}
        asked |= {"tag": self.tag.lower(), "starred": "1" if self.starred else ""}
        return [facet(name, value) for name, value in asked.items() if value]

    @property
    def numbers(self) -> tuple[int | None, int | None]:
        """From which number of a document on, and before which one; None where nothing is asked."""
        return _first_number(self.since), _first_number(self.until and self.until + timedelta(days=1))

    def said(self) -> dict[str, str]:
        """As an address says it; what is not asked is left out."""
        said = {name: getattr(self, name) for name in ("q", "type", "status", "person", "tag", "batch")}
        said["from"] = self.since.isoformat() if self.since else ""
        said["to"] = self.until.isoformat() if self.until else ""
        said["starred"] = "1" if self.starred else ""
        said["sort"] = self.sort if self.sort != self.folder_sort else ""
        return {name: value for name, value in said.items() if value}

    @property
    def address(self) -> str:
        """For a link that goes on: ``q=sun&type=image&``, or nothing."""
        return f"{urlencode(self.said())}&" if self.said() else ""

    @property
    def chips(self) -> list[tuple[str, str, str]]:
        """What is asked: its field, in words, and the address without it."""
        said = self.said()
        named = said | ({"batch": self.batch_label} if self.batch_label else {})
        return [(name, _words(name, named[name]), _without(said, name)) for name in said if name not in ("q", "sort")]


def _words(name: str, value: str) -> str:
    if name in ("type", "status"):
        return str(WORDS.get(value, value))
    said = {
        "from": _("since %(value)s"),
        "to": _("until %(value)s"),
        "tag": "#%(value)s",
        "person": _("by %(value)s"),
        "batch": _("batch %(value)s"),
        "starred": _("starred"),
    }
    return said[name] % {"value": value}


def _without(said: dict[str, str], name: str) -> str:
    return f"?{urlencode({other: value for other, value in said.items() if other != name})}"


def read_view(said: Mapping[str, str], sort: str = "newest") -> View:
    """The view that an address asks for. Addresses are passed on and typed: what makes no sense is not asked."""

    def text(name: str, most: int = limits.NAME_LENGTH) -> str:
        return said.get(name, "").replace("\0", "").strip()[:most]

    def one_of(name: str, choices: list[str] | tuple[str, ...], otherwise: str = "") -> str:
        return text(name) if text(name) in choices else otherwise

    return View(
        q=text("q"),
        type=one_of("type", Item.Type.values),
        status=one_of("status", Item.Status.values),
        person=text("person"),
        tag=text("tag", limits.TAG_LENGTH),
        batch=text("batch"),
        since=_day(text("from")),
        until=_day(text("to")),
        starred=bool(text("starred")),
        sort=one_of("sort", SORTS, sort),
        folder_sort=sort,
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day < END_OF_DAYS else None


def _first_number(day: date | None) -> int | None:
    """Of that day, in UTC, down to its last slot."""
    return None if day is None else number_at(int(datetime.combine(day, time(), UTC).timestamp()) * 1_000_000, 0)


def number_at(moment: int, slot: int) -> int:
    """Where an item of that microsecond stands in the default order; those of the same one by their slots."""
    return moment * NUMBERS_A_MICROSECOND - (LAST_SLOT - slot)
