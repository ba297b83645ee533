"""How names, numbers and times are written. Cards are rendered by the thousand, so these cost next to nothing."""

from __future__ import annotations

import zlib
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.utils.dates import MONTHS_3
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, pgettext

from gallery import access
from gallery.models import Item

register = template.Library()

TIME = "{time}"
UNITS = ("B", "kB", "MB", "GB", "TB")


@register.filter
def duration(seconds: float | None) -> str:
    """``0:07``, ``1:02:03``; nothing where it is not known."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def filesize(size: int | None) -> str:
    """``812 kB``, ``4.2 MB``."""
    if size is None:
        return ""
    value, unit = float(size), 0
    while value >= 999.5 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    number = number_format(value, 1) if unit and value < 9.95 else f"{value:.0f}"
    return f"{number} {UNITS[unit]}"


@register.filter
def extension(item: Item) -> str:
    """The letters on the tile of a sound or a file: ``FLAC``."""
    for name in (item.name, urlsplit(item.media_url).path, item.content_type.replace("/", ".")):
        end = name.rpartition(".")[2] if "." in name else ""
        if end.isalnum() and len(end) <= 5:
            return end.upper()
    return item.type.upper()


@register.filter
def when(moment: datetime | None, manner: str = "ago") -> SafeString:
    """``<time>`` that a script turns into the reader's own words: ``ago``, ``left``, ``since`` or ``exact``."""
    if moment is None:
        return SafeString("")
    stamp = moment.isoformat(timespec="seconds")
    words = f"{moment.hour:02}:{moment.minute:02} UTC"
    if manner == "left":
        words = gettext("ready %(time)s") % {"time": words}
    elif manner == "exact":
        words = _on_a_day(moment.date(), get_language()).replace(TIME, words)
    return SafeString(f'<time datetime="{stamp}" data-time="{manner}">{words}</time>')


@lru_cache(maxsize=512)
def _on_a_day(day: date, language: str | None) -> str:
    """``26 Nov 2026, {time}`` in that language, which is the active one: a page’s cards are of few days."""
    return pgettext("a moment", "%(day)s %(month)s %(year)s, %(time)s") % {
        "day": day.day,
        "month": MONTHS_3[day.month].title(),
        "year": day.year,
        "time": TIME,
    }


@register.filter
def person(user: Any) -> str:
    """A person's name as others see it."""
    return access.display_name(user)


@register.filter
def initials(user: Any) -> str:
    """Up to two letters that stand for a person."""
    return "".join(word[0] for word in access.display_name(user).split()[:2]).upper()


@register.filter
def indent(branch: Any) -> str:
    """What stands before a folder's name in a list of choices, where nothing else can say how deep it stands."""
    return "\u2003" * branch.depth


@register.filter
def fingerprint(text: str) -> str:
    """Short, and another one for another text: a player is kept only while it plays the same file."""
    return f"{zlib.crc32(text.encode()):x}"
