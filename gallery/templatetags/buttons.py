"""The buttons of a card: nearly half of it, and the same on all of a kind but for the item's id and address."""

from __future__ import annotations

from django import template
from django.template import Context, Engine, Template
from django.template.base import Node, Parser, Token

from gallery.models import Item
from gallery.templatetags.texts import page_language

register = template.Library()

ANY_URL, ANY_ID = "\ue000", "\ue001"  # for private use, and in no address and no id


@register.tag
def item_actions(parser: Parser, token: Token) -> Node:
    """``{% item_actions %}``, after ``{% card_names item %}``."""
    return ItemActions(Engine.get_default().get_template("gallery/fragments/_item_actions.html"))


class ItemActions(Node):
    """Rendered once for each kind and language; id and address are filled in."""

    def __init__(self, fragment: Template) -> None:
        self.fragment = fragment
        self.patterns: dict[tuple[str, str], str] = {}

    def render(self, context: Context) -> str:
        item = context["item"]
        language, kind = page_language(context), _kind_of(item)
        pattern = self.patterns.get((language, kind))
        if pattern is None:
            pattern = self.fragment.render(Context({"kind": kind, "href": ANY_URL, "item_id": ANY_ID}))
            self.patterns[language, kind] = pattern
        return pattern.replace(ANY_URL, context["href"]).replace(ANY_ID, item.id)


def _kind_of(item: Item) -> str:
    if item.status != "error":
        return "starred" if item.is_starred else "plain"
    if item.retry_asked_at:
        return "asked again"
    return "to be retried" if item.can_retry else "failed"
