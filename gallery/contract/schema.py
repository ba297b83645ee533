"""The events as JSON Schema, for the OpenAPI page and for workers that check before they send."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from gallery.contract import limits
from gallery.contract.events import EVENTS
from gallery.contract.version2 import VERSION2_EVENTS


def event_json_schema(ref_template: str = "#/$defs/{model}", *, version2: bool = True) -> dict[str, Any]:
    """One schema that fits every event; the payloads lie under ``$defs``.

    For OpenAPI pass ``#/components/schemas/{model}`` and move ``$defs`` to the components.
    """
    models = EVENTS | (VERSION2_EVENTS if version2 else {})
    references, definitions = models_json_schema(
        [(model, "validation") for model in models.values()], ref_template=ref_template
    )
    envelopes = [_envelope(name, references[model, "validation"], model.__doc__) for name, model in models.items()]
    return {"title": "Event", "oneOf": envelopes, **definitions}


def _envelope(name: str, payload: dict[str, Any], description: str | None) -> dict[str, Any]:
    idempotency_key = {
        "description": "Idempotency key: an event with the same id is kept once.",
        "anyOf": [
            {"type": "string", "minLength": 1, "maxLength": limits.ID_LENGTH},
            {"type": "integer"},
            {"type": "null"},
        ],
    }
    return {
        "type": "object",
        "title": name,
        "description": description or "",
        "properties": {"type": {"const": name}, "payload": payload, "id": idempotency_key},
        "required": ["type", "payload"],
        "additionalProperties": False,
    }
