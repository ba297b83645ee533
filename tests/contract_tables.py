"""The tables of docs/contract.md and docs/install.md, made from the code: ``python -m tests.contract_tables``."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, WrapValidator
from pydantic.fields import FieldInfo

from gallery.conf import DEFAULTS
from gallery.contract import limits, rules
from gallery.contract.errors import STATUS_BY_CODE
from gallery.contract.events import EVENTS
from gallery.contract.items import ItemChanges, ItemFields
from gallery.contract.version2 import VERSION2_EVENTS
from tests.contract_words import ERRORS, LIMITS, SETTINGS

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = ("contract.md", "install.md")
MARKED = re.compile(r"(<!-- table: (?P<name>[^ ]+) -->\n).*?(<!-- end -->)", re.DOTALL)

# The validators that say more than a type does.
KINDS = {
    rules.read_id: "id",
    rules.read_item_id: "id of an item",
    rules.read_moment: "ISO 8601 time with offset",
    rules.check_url: "URL, or a path on this site",
    rules.check_metadata: f"object, at most {limits.METADATA_BYTES // limits.KIB} KiB of JSON",
}
TYPES = {str: "text", int: "whole number", float: "number", bool: "`true` or `false`"}
OBJECTS = {ItemFields: "[item object](#the-item-object)", ItemChanges: "[changes](#changes-of-an-item)"}


def regenerate(text: str) -> str:
    """The page with all of its tables made anew."""
    return MARKED.sub(lambda found: found[1] + table(found["name"]) + found[3], text)


def tables_in(text: str) -> list[str]:
    """The names of the page's tables."""
    return [found["name"] for found in MARKED.finditer(text)]


def table(name: str) -> str:
    """One table by the name in its marker: an event, ``item``, ``changes``, ``errors``, ``limits``, ``settings``."""
    models: dict[str, type[BaseModel]] = {**EVENTS, **VERSION2_EVENTS, "item": ItemFields, "changes": ItemChanges}
    if name in models:
        return _rows(("field", "value", "must be there", "meaning"), _fields(models[name]))
    makers = {"errors": _errors, "limits": _limits, "settings": _settings}
    return makers[name]()


def all_tables() -> set[str]:
    """The tables that the docs must have."""
    return {*EVENTS, *VERSION2_EVENTS, "item", "changes", "errors", "limits", "settings"}


def _errors() -> str:
    rows = ((f"`{code}`", str(status), ERRORS[code]) for code, status in STATUS_BY_CODE.items())
    return _rows(("code", "HTTP", "when"), rows)


def _limits() -> str:
    rows = ((what, f"{getattr(limits, name) / divisor:,.0f} {unit}") for name, (what, divisor, unit) in LIMITS.items())
    return _rows(("what", "limit"), rows)


def _settings() -> str:
    return _rows(
        ("setting", "default", "meaning"),
        ((f"`GALLERY_{name}`", f"`{_plain(value)}`", SETTINGS[name]) for name, value in DEFAULTS.items()),
    )


def _plain(value: Any) -> str:
    return f"{value:_}" if isinstance(value, int) and not isinstance(value, bool) else repr(value)


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        must = "yes" if field.is_required() else ""
        yield f"`{field.alias or name}`", _value(field), must, field.description or ""


def _value(field: FieldInfo) -> str:
    parts = list(_parts(field.annotation)) + list(field.metadata)
    nullable = type(None) in parts or any(isinstance(part, WrapValidator) for part in parts)
    words = _kind(parts) + _bounds(parts)
    return f"{words}, or `null`" if nullable and _takes_null(field) else words


def _takes_null(field: FieldInfo) -> bool:
    # The type of an item cannot be emptied, though it may be left out.
    return field.alias != "type"


def _parts(annotation: Any) -> Iterator[Any]:
    """An annotation taken apart: its plain types and everything that stands in Annotated."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        yield from _parts(inner)
        yield from metadata
    elif origin in (Union, types.UnionType):
        for argument in get_args(annotation):
            yield from _parts(argument)
    else:
        yield annotation


def _kind(parts: list[Any]) -> str:
    for part in parts:
        if isinstance(part, BeforeValidator | AfterValidator) and part.func in KINDS:
            return KINDS[part.func]
        if part in OBJECTS:
            return OBJECTS[part]
        if get_origin(part) is Literal:
            return " ".join(f"`{choice}`" for choice in get_args(part))
    return next(TYPES[part] for part in parts if isinstance(part, type) and part in TYPES)


def _bounds(parts: list[Any]) -> str:
    found: dict[str, Any] = {}
    for part in parts:
        for holder in (part, *getattr(part, "metadata", ())):
            for bound in ("ge", "le", "min_length", "max_length"):
                if getattr(holder, bound, None) is not None:
                    found[bound] = getattr(holder, bound)
    if "le" in found:
        return f", {found['ge']:,}–{found['le']:,}"
    if "max_length" in found:
        least, most = found.get("min_length"), f"{found['max_length']:,} characters"
        return f", {least}–{most}" if least else f", at most {most}"
    return ""


def _rows(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    for page in PAGES:
        path = DOCS / page
        path.write_text(regenerate(path.read_text()))
