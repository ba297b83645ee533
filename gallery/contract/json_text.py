"""JSON as it comes in: decoded without surprises, made of Python values, and digested."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from gallery.contract.errors import FieldError, NotifyError
from gallery.contract.rules import read_event_id
from gallery.contract.sentences import shown


def parse_json(text: str | bytes, limit: int) -> object:
    """Decode JSON of at most ``limit`` bytes, or raise ``NotifyError`` with ``too_large`` or ``malformed``."""
    size = len(text) if isinstance(text, bytes) or text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    if size > limit:
        raise NotifyError("too_large", f"This is {size:,} bytes of JSON; at most {limit:,} are accepted.")
    try:
        return _decode(text.decode() if isinstance(text, bytes) else text)
    except UnicodeDecodeError as error:
        sentence = f"This is not JSON: byte {error.start:,} is not UTF-8."
    except json.JSONDecodeError as error:
        sentence = f"This is not JSON: it stops making sense at line {error.lineno:,}, column {error.colno:,}."
    except RecursionError:
        sentence = "This JSON is nested too deeply."
    except _NotANumber as error:
        sentence = f"This is not JSON: {error} is not a number in it."
    except ValueError:
        sentence = "This JSON holds a number with too many digits."
    raise NotifyError("malformed", sentence)


def plain_json(payload: object, event_id: object = None) -> object:
    """A payload from Python code as JSON would bring it; also a copy that later changes of the caller do not reach."""
    try:
        return json.loads(_encode_python(payload))
    except (TypeError, ValueError, RecursionError):
        pass
    names = [name for name, value in payload.items() if not _fits(value)] if isinstance(payload, Mapping) else []
    errors = [FieldError(f"payload.{shown(name)}", "cannot be written as JSON") for name in names]
    errors = errors or [FieldError("payload", "cannot be written as JSON")]
    sentence = f"{errors[0].field} {errors[0].message}."
    raise NotifyError("invalid", sentence, errors, event_id=_readable(event_id))


def digest_of(event_type: object, payload: object, event_id: str) -> str:
    """SHA-256 of an event's canonical JSON, in hex: equal for equal bodies, in whatever order their fields stand."""
    try:
        canonical = _encode_canonical([event_type, payload])
    except (TypeError, ValueError, RecursionError):
        error = FieldError("payload", "must be plain JSON that is not nested too deeply")
        raise NotifyError("invalid", f"{error.field} {error.message}.", [error], event_id=event_id) from None
    return hashlib.sha256(canonical.encode()).hexdigest()


class _NotANumber(ValueError):
    """NaN or Infinity, which Python's decoder would let pass."""


def _refuse_constant(name: str) -> NoReturn:
    raise _NotANumber(name)


def _python_to_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError


def _fits(value: object) -> bool:
    try:
        _encode_python(value)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _readable(event_id: object) -> str | None:
    try:
        return read_event_id(event_id)
    except ValueError:
        return None


_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode
_encode_python = json.JSONEncoder(default=_python_to_json).encode
_encode_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
