"""What the templates say in one word. Cards are rendered by the thousand, so these cost next to nothing."""

from __future__ import annotations

import json
import zlib
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.template import Context, Engine
from django.template.base import Node, NodeList, Parser, TextNode, Token
from django.templatetags.static import static
from django.urls import get_script_prefix
from django.utils.dates import MONTHS_3
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, pgettext

from gallery import access, dom_ids, languages
from gallery.contract.limits import PLACEHOLDER_SLOTS
from gallery.models import Batch, Folder, Item
from gallery.templatetags.texts import grouped
from gallery.views.embed import render_component, render_head

register = template.Library()

TIME = "{time}"
UNITS = ("B", "kB", "MB", "GB", "TB")


@register.simple_tag
def dom_id(thing: Any, part: str = "") -> str:
    """The id of the element that shows ``thing``: ``{% dom_id item %}``, ``{% dom_id item "progress" %}``."""
    if isinstance(thing, Item):
        if not part:
            return dom_ids.item(thing.id)
        return dom_ids.item_progress(thing.id) if part == "progress" else dom_ids.lock(thing.id)
    if isinstance(thing, Batch):
        return dom_ids.batch(thing.id)
    if isinstance(thing, Folder):
        return dom_ids.folder(thing.id)
    return thing.dom_id


@register.simple_tag
def stream(folder: Folder | None = None, after: int | None = None) -> SafeString:
    """Where a page about ``folder``, or one outside a folder, connects its socket (see ``gallery/routing.py``).

    It goes on in the language of the page, which nobody need be told where it is the usual one.
    """
    address = f"{get_script_prefix()}ws/" + (f"folders/{folder.id}/" if folder else "")
    language = languages.shown_language()
    asked = [] if after is None else [f"after={after}"]
    if language != languages.usual_language():
        asked.append(f"language={language}")
    return SafeString("?".join([address, *filter(None, ["&amp;".join(asked)])]))


@register.simple_tag
def shown_language() -> str:
    """``<html lang="{% shown_language %}">``: the language of the texts on this page."""
    return languages.shown_language()


@register.simple_tag
def script_texts() -> str:
    """The file with what scripts say in this page's language; none where they say it by themselves."""
    language = languages.shown_language()
    return "" if language == "en" else static(f"gallery/texts/{language}.js")


@register.simple_tag
def offered_languages() -> list[tuple[str, str]]:
    """Those that a reader can choose, by their codes, with their names."""
    return list(languages.offered_languages().items())


@register.tag
def icon(parser: Parser, token: Token) -> Node:
    """``{% icon "lock" %}``: a symbol of ``gallery/_icons.html``, decided when the template is compiled."""
    name = token.split_contents()[1].strip("\"'")
    return TextNode(f'<svg class="icon" aria-hidden="true"><use href="#icon-{name}"/></svg>')


@register.tag
def part(parser: Parser, token: Token) -> Node:
    """``{% part "item_progress" %}``: a fragment in another, decided when that is compiled: an include costs a third
    of a card each time."""
    name = token.split_contents()[1].strip("\"'")
    return Part(Engine.get_default().get_template(f"gallery/fragments/_{name}.html").nodelist)


class Part(Node):
    """What stands in another file."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        return self.nodelist.render(context)


@register.filter
def symbol(name: str) -> SafeString:
    """``{{ generator.icon|symbol }}``: the same for a name that is known only when the page is made."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#icon-{}"/></svg>', name)


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
def tally(batch: Batch) -> str:
    """``3 of 8``."""
    return gettext("%(number)s of %(total)s") % {
        "number": grouped(batch.finished_count),
        "total": grouped(batch.total),
    }


@register.filter
def more_to_come(batch: Batch) -> int:
    """How many of a running batch's items have neither a card nor a placeholder yet."""
    if not (batch.is_running and batch.makes_items):
        return 0
    return max(0, batch.total - max(PLACEHOLDER_SLOTS, batch.item_count))


@register.filter
def person(user: Any) -> str:
    """A person's name as others see it."""
    return access.display_name(user)


@register.filter
def indent(branch: Any) -> str:
    """What stands before a folder's name in a list of choices, where nothing else can say how deep it stands."""
    return "\u2003" * branch.depth


@register.filter
def readable(value: Any) -> str:
    """A value of an item's metadata, as somebody would read it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


@register.filter
def fingerprint(text: str) -> str:
    """Short, and another one for another text: a player is kept only while it plays the same file."""
    return f"{zlib.crc32(text.encode()):x}"


@register.simple_tag(takes_context=True)
def gallery_head(context: Context) -> SafeString:
    """In the head of a page of yours that has ``{% gallery folder %}`` in its body."""
    return render_head(_request(context))


@register.simple_tag(takes_context=True, name="gallery")
def gallery_component(context: Context, folder: Folder | str) -> SafeString:
    """``{% gallery folder %}``: a folder, or one by its id, as a live component; one to a page."""
    return render_component(_request(context), folder)


def _request(context: Context) -> HttpRequest:
    if "request" not in context:
        raise ImproperlyConfigured("Add django.template.context_processors.request to the context processors.")
    return context["request"]


@register.filter
def initials(user: Any) -> str:
    """Up to two letters that stand for a person."""
    return "".join(word[0] for word in access.display_name(user).split()[:2]).upper()
