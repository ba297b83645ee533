"""What the templates say in one word: ids, addresses, symbols and languages, and the component ``gallery``."""

from __future__ import annotations

from typing import Any

from django import template
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.template import Context, Engine
from django.template.base import Node, NodeList, Parser, TextNode, Token
from django.templatetags.static import static
from django.urls import get_script_prefix
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gallery import dom_ids, languages
from gallery.models import Batch, Folder, Item
from gallery.views.embed import render_component, render_head

register = template.Library()


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
