"""``{% load routes %}``: a ``{% url %}`` that costs next to nothing.

Django's own goes through the routes each time, some 20 µs; a folder’s page has thirty, of the same few routes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django import template
from django.core.signals import setting_changed
from django.template import Context
from django.template.base import Node, Parser, Token
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.html import conditional_escape

from gallery.contract.limits import ID_PATTERN

register = template.Library()

PLACE = "gallery.place"  # a page's key for what its addresses depend on, besides the route
Place = tuple[str, str | None, str | None]  # script prefix, URLconf, application namespace

_is_plain = re.compile(ID_PATTERN).fullmatch
_mark = "any-{}-argument".format


class Route(URLNode):
    """Django's node for a route whose name is written in the template and whose arguments have no names.

    A route is reversed once, with marks for its arguments. Where that cannot be, or an argument is more than letters,
    digits, hyphens and underscores, Django does all of it.
    """

    def render(self, context: Context) -> str:
        arguments = [argument.resolve(context) for argument in self.args]
        pieces = None
        if all(isinstance(argument, str) and _is_plain(argument) for argument in arguments):
            pieces = _pieces(self.view_name.var, len(arguments), _place(context))
        if pieces is None:
            return super().render(context)
        address = pieces[0] + "".join(map(str.__add__, arguments, pieces[1:]))
        if self.asvar:
            context[self.asvar] = address
            return ""
        return conditional_escape(address) if context.autoescape else address


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """``{% url "gallery:folder" folder.id %}``; whatever else it can do is left to Django's own."""
    node = django_url(parser, token)
    is_simple = isinstance(node.view_name.var, str) and not node.view_name.filters and not node.kwargs
    return Route(node.view_name, node.args, node.kwargs, node.asvar) if is_simple else node


def _place(context: Context) -> Place:
    """Asked for once by a page and all that it includes."""
    page = context.render_context.dicts[0]
    place = page.get(PLACE)
    if place is None:
        request = getattr(context, "request", None)
        match = getattr(request, "resolver_match", None)
        namespace = getattr(request, "current_app", getattr(match, "namespace", None))
        place = page[PLACE] = get_script_prefix(), get_urlconf(), namespace
    return place


@lru_cache(maxsize=512)
def _pieces(name: str, count: int, place: Place) -> tuple[str, ...] | None:
    """What stands before, between and behind the arguments; None where the route takes no such marks, or is not."""
    marks = [_mark(number) for number in range(count)]
    try:
        rest = reverse(name, args=marks, urlconf=place[1], current_app=place[2])
    except NoReverseMatch:
        return None
    pieces = []
    for mark in marks:
        piece, _, rest = rest.partition(mark)
        pieces.append(piece)
    return (*pieces, rest)


def _forget(**_: Any) -> None:
    _pieces.cache_clear()


setting_changed.connect(_forget)
