"""``{% load texts %}``: Django's tags for translation, with a ``translate`` that costs next to nothing.

Django's own asks for the active language and makes a lazy object each time, some 30 µs; a folder’s page has 150.
"""

from __future__ import annotations

from django import template
from django.template import Context
from django.template.base import Node, Parser, Token
from django.templatetags import i18n
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext, gettext_noop, pgettext

LANGUAGE = "gallery.language"  # a page's key for the language in which it is rendered

# What the gallery itself keeps as the message of an item, a batch or an action; a worker's words are its own.
KEPT = frozenset(
    [
        gettext_noop("Uploading"),
        gettext_noop("Looking into it"),
        gettext_noop("Making a version for browsers"),
        gettext_noop("Waiting for its turn"),
        gettext_noop("The batch failed."),
        gettext_noop("The batch was cancelled."),
        gettext_noop("Cancelled by the site."),
        gettext_noop("Cancelled; the worker did not answer."),
        gettext_noop("No task worker has taken it up yet."),
        gettext_noop("Its task worker fell silent; it is taken up again."),
        gettext_noop("Something went wrong; the server’s log says what."),
        gettext_noop("Whoever asked for it has no account here any more."),
        gettext_noop("Whoever asked for it may not change this folder any more."),
    ]
)
# The same with a name or a number in it.
KEPT_WITH = tuple(
    (tuple(text.split("{}")), text)
    for text in (
        gettext_noop("Cancelled by {}."),
        gettext_noop("Its task worker fell silent {} times."),
        gettext_noop("“{}” broke off; the server’s log says why."),
        gettext_noop("The worker has not been heard from for {} minutes."),
        gettext_noop("The worker has not been heard from for {} seconds."),
        gettext_noop("The upload stopped {} minutes ago. Whoever sent it can choose the file again, and it goes on."),
        gettext_noop("The upload stopped {} seconds ago. Whoever sent it can choose the file again, and it goes on."),
    )
)

register = template.Library()
register.tags |= i18n.register.tags
register.filters |= i18n.register.filters


def page_language(context: Context) -> str:
    """The active language, which is asked for once by a page and all that it includes; "" where there is none."""
    page = context.render_context.dicts[0]
    language = page.get(LANGUAGE)
    if language is None:
        language = page[LANGUAGE] = get_language() or ""
    return language


class Text(Node):
    """A text of ours; said once in each language."""

    def __init__(self, text: str, message_context: str | None) -> None:
        self.text = text
        self.message_context = message_context
        self.said: dict[str, str] = {}

    def render(self, context: Context) -> str:
        language = page_language(context)
        said = self.said.get(language)
        if said is None:
            said = pgettext(self.message_context, self.text) if self.message_context else gettext(self.text)
            self.said[language] = said
        return said


@register.tag
def translate(parser: Parser, token: Token) -> Node:
    """``{% translate "Close" %}``, ``{% translate "To" context "a date" %}``; the rest is left to Django's own."""
    node = i18n.do_translate(parser, token)
    text = node.filter_expression.var.literal
    if text is None or node.noop or node.asvar or node.filter_expression.filters:
        return node
    return Text(str(text), node.message_context and str(node.message_context.resolve(Context())))


@register.filter
def grouped(number: int) -> str:
    """``1,234``, in German ``1.234``."""
    return str(number) if number < 1_000 else number_format(number, force_grouping=True)


@register.filter
def said(message: str) -> str:
    """A message as the reader reads it."""
    if message in KEPT:
        return gettext(message)
    for (before, after), text in KEPT_WITH:
        if message.startswith(before) and message.endswith(after):
            return gettext(text).replace("{}", message[len(before) : -len(after)])
    return message
