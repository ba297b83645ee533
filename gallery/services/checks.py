"""A rule's refusal as the error of one field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from gallery.contract.errors import FieldError, NotifyError

T = TypeVar("T")


def checked(field: str, rule: Callable[[Any], T], value: Any) -> T:
    """The value as the rule keeps it; raises ``invalid`` with the rule's sentence."""
    try:
        return rule(value)
    except ValueError as error:
        raise NotifyError("invalid", f"{field} {error}.", [FieldError(field, str(error))]) from None
