"""A rule's refusal as the error of one field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.translation import gettext, gettext_noop, pgettext_lazy

from gallery.contract.errors import FieldError, NotifyError

T = TypeVar("T")

# What the rules of the contract say of what a person may have typed; they know nothing of languages.
RULES = (
    gettext_noop("must not contain the character NUL"),
    gettext_noop("contains half a character (a lone surrogate)"),
    gettext_noop("must have something in it that can be seen"),
    gettext_noop("must have at most 200 characters"),
    gettext_noop("must not be a path: leave out '/' and '\\'"),
    gettext_noop("must not contain control characters, nor any that turn the direction of reading"),
    gettext_noop("must be at most 50"),
    gettext_noop("must be words that can be read"),
    gettext_noop("must have at most 60 characters each, and no comma"),
)
FIELDS = {
    "name": pgettext_lazy("begins a sentence", "name"),
    "tag": pgettext_lazy("begins a sentence", "tag"),
    "tags": pgettext_lazy("begins a sentence", "tags"),
}


def rule_in_words(error: ValueError) -> str:
    """What a rule says, in the reader's language."""
    return gettext(str(error))


def checked(field: str, rule: Callable[[Any], T], value: Any) -> T:
    """The value as the rule keeps it; raises ``invalid`` with the rule's sentence."""
    try:
        return rule(value)
    except ValueError as error:
        raise NotifyError(
            "invalid",
            gettext("%(field)s %(must)s.") % {"field": FIELDS.get(field, field), "must": rule_in_words(error)},
            [FieldError(field, str(error))],
        ) from None
