"""Wrong fields as plain sentences: what pydantic found, said so that a worker's author can mend it."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gallery.contract.errors import FieldError
from gallery.contract.items import REFUSED_INSIDE_CHANGES

# pydantic's type of error → what follows the field's name
SENTENCES = {
    "missing": "is missing",
    "string_type": "must be text",
    "string_unicode": "contains half a character (a lone surrogate)",
    "string_too_short": "must not be empty",
    "string_too_long": "must be at most {max_length} characters long",
    "literal_error": "must be {expected}",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "bool_type": "must be true or false",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "invalid_key": "must be text, as every field's name",
    "value_error": "{error}",
}
FIELD_NAME_SHOWN = 128  # characters


def field_errors(error: ValidationError, event_type: str, most: int) -> list[FieldError]:
    """The first ``most`` wrong fields of an event's payload, by their names as the sender wrote them."""
    found = error.errors(include_url=False, include_input=False)[:most]
    return [FieldError(field_path(details["loc"]), _sentence(details, event_type)) for details in found]


def field_path(location: tuple[int | str, ...]) -> str:
    """``payload.item.name``; a name that is too long to be a mistake in spelling is cut."""
    return ".".join(["payload", *(shown(part) for part in location)])


def shown(part: object) -> str:
    """A foreign name, safe to send back: not longer than a field's name, and without half characters."""
    text = part if isinstance(part, str) else str(part)
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= FIELD_NAME_SHOWN else f"{text[:FIELD_NAME_SHOWN]}…"


def _sentence(details: ErrorDetails, event_type: str) -> str:
    location = details["loc"]
    if details["type"] == "extra_forbidden":
        if location[0] == "item" and event_type == "item:update" and location[-1] in REFUSED_INSIDE_CHANGES:
            return "must not stand inside item here: item:update says it itself"
        return f"is not a field of {event_type if len(location) == 1 else shown(location[-2])}"
    context = {name: _written(value) for name, value in details.get("ctx", {}).items()}
    return SENTENCES.get(details["type"], "is not valid").format(**context)


def _written(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"{value:,}" if isinstance(value, int | float) else str(value)
