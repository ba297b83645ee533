"""``{% load static %}`` in this project: each address is made once. A page has fifty, and they never change."""

from __future__ import annotations

from functools import cache
from typing import Any

from django import template
from django.core.signals import setting_changed
from django.template import Context
from django.template.base import Node, Parser, Token
from django.templatetags import static
from django.utils.html import conditional_escape

register = template.Library()
register.tags |= static.register.tags


class Address(Node):
    """Of a file whose name is written in the template."""

    def __init__(self, path: str) -> None:
        self.path = path

    def render(self, context: Context) -> str:
        return _address(self.path)


@register.tag("static")
def do_static(parser: Parser, token: Token) -> Node:
    """``{% static "gallery/js/live.js" %}``; what is not known before is left to Django's own."""
    node = static.do_static(parser, token)
    path = getattr(node.path, "var", None)
    return Address(str(path)) if isinstance(path, str) and not (node.varname or node.path.filters) else node


@cache
def _address(path: str) -> str:
    return conditional_escape(static.static(path))


def _forget(**_: Any) -> None:
    _address.cache_clear()


setting_changed.connect(_forget)
