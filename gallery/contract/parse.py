"""From what a door was given to one event, or to a NotifyError that names every wrong field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import ValidationError

from gallery.contract import limits
from gallery.contract.errors import FieldError, NotifyError
from gallery.contract.events import EVENTS, Event
from gallery.contract.json_text import digest_of, parse_json, plain_json
from gallery.contract.rules import read_event_id
from gallery.contract.sentences import field_errors, shown
from gallery.contract.version2 import VERSION2_EVENTS, Version2Event

__all__ = ["Envelope", "parse_envelope", "parse_event", "parse_json"]

_ENVELOPE_FIELDS = frozenset({"type", "payload", "id"})
_VALIDATE: dict[str, Callable[..., Event | Version2Event]] = {
    name: model.__pydantic_validator__.validate_python for name, model in (EVENTS | VERSION2_EVENTS).items()
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event that fits the contract.

    ``type`` is its name in version 3, ``id`` its idempotency key. ``digest`` tells whether two events with one id are
    the same (SHA-256 of type and payload as they were sent, in hex); it is empty where there is no id.
    """

    type: str
    event: Event
    id: str | None
    digest: str


def parse_envelope(raw: object) -> Envelope:
    """Read one event (decoded JSON) or raise ``NotifyError("invalid")``."""
    if not isinstance(raw, dict):
        raise NotifyError("invalid", "An event must be an object with type and payload.")
    event_id, errors = _read_envelope(raw)
    event_type, payload = raw.get("type"), raw.get("payload")
    validate = _VALIDATE.get(event_type) if isinstance(event_type, str) else None
    parsed = None
    if validate is not None and isinstance(payload, dict):
        try:
            parsed = validate(payload, by_alias=True, by_name=False)
        except ValidationError as error:
            _refuse(event_type, event_id, errors, error)
    if errors or parsed is None:
        _refuse(event_type, event_id, errors)
    event = parsed.as_event() if isinstance(parsed, Version2Event) else parsed
    digest = "" if event_id is None else digest_of(event_type, payload, event_id)
    return Envelope(event.event_type, event, event_id, digest)


def parse_event(event_type: str, payload: dict[str, Any], event_id: str | int | None = None) -> Envelope:
    """Read one event that Python code says; datetimes, UUIDs and tuples may stand in its payload."""
    return parse_envelope({"type": event_type, "payload": plain_json(payload, event_id), "id": event_id})


def _read_envelope(raw: dict[Any, Any]) -> tuple[str | None, list[FieldError]]:
    event_id, errors = None, []
    if raw.get("id") is not None:
        try:
            event_id = read_event_id(raw["id"])
        except ValueError as error:
            errors.append(FieldError("id", str(error)))
    if "type" not in raw:
        errors.append(FieldError("type", "is missing"))
    elif not isinstance(raw["type"], str):
        errors.append(FieldError("type", "must be text"))
    elif raw["type"] not in _VALIDATE:
        errors.append(FieldError("type", f"must be one of: {', '.join(_VALIDATE)}"))
    if not isinstance(raw.get("payload"), dict):
        errors.append(FieldError("payload", "must be an object" if "payload" in raw else "is missing"))
    if not raw.keys() <= _ENVELOPE_FIELDS:
        extra = [name for name in raw if name not in _ENVELOPE_FIELDS]
        errors += [FieldError(shown(name), "is not a field of an event") for name in extra[: limits.ERRORS_NAMED]]
    return event_id, errors


def _refuse(
    event_type: object, event_id: str | None, errors: list[FieldError], error: ValidationError | None = None
) -> NoReturn:
    wrong = len(errors) + (error.error_count() if error else 0)
    if error:
        errors = errors + field_errors(error, str(event_type), limits.ERRORS_NAMED)
    errors = errors[: limits.ERRORS_NAMED]
    if wrong == 1:
        sentence = f"{errors[0].field} {errors[0].message}."
    else:
        sentence = f"{wrong} fields are wrong; the first: {errors[0].field} {errors[0].message}."
    raise NotifyError("invalid", sentence, errors, event_id=event_id) from None
