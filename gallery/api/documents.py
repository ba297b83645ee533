"""What the OpenAPI document says beyond what ninja reads off the views: files, errors and the notify door."""

from __future__ import annotations

from typing import Any

from gallery.api.schemas import Error
from gallery.contract import limits
from gallery.contract.schema import event_json_schema

REFERENCES = "#/components/schemas/{model}"
_PAIRS = "Comma-separated pairs of a key and a value in Base64"
_FILE = {"type": "string", "format": "binary"}


def errors(*statuses: int) -> dict[int, type[Error]]:
    """These statuses answer with the contract's error."""
    return dict.fromkeys(statuses, Error)


def _form(schema: dict[str, Any]) -> dict[str, Any]:
    return {"schema": {"type": "object", "properties": {"file": schema}, "required": ["file"]}}


def _body(*types: str) -> dict[str, Any]:
    content = {name: {"schema": _FILE} for name in types} | {"multipart/form-data": _form(_FILE)}
    return {"requestBody": {"required": True, "content": content}}


def _header(name: str, kind: str, description: str, *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "description": description, "schema": {"type": kind}}


FILE_BODY = _body("application/octet-stream", "image/*", "video/*", "audio/*")
PREVIEW_BODY = _body("image/jpeg", "image/png", "image/webp")
FILES_BODY = {
    "requestBody": {
        "required": True,
        "content": {"multipart/form-data": _form({"type": "array", "items": _FILE})},
    }
}
PIECE_BODY = {
    "requestBody": {"required": True, "content": {"application/offset+octet-stream": {"schema": _FILE}}},
    "parameters": [
        _header("Upload-Offset", "integer", "Where these bytes begin."),
        _header("Upload-Checksum", "string", "sha1 or sha256, and the digest in Base64.", required=False),
    ],
}
SIDECAR_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}
UPLOAD_HEADERS = {
    "parameters": [
        _header("Upload-Length", "integer", "Bytes of the whole file."),
        _header(
            "Upload-Metadata",
            "string",
            "Comma-separated pairs of a key and a value in Base64: filename, filetype, sha256, duplicates.",
            required=False,
        ),
    ]
}


def add_notify(document: dict[str, Any], path: str) -> None:
    """The HTTP door stands in the same document, its events by the very schema that checks them."""
    event = event_json_schema(REFERENCES)
    schemas = document["components"].setdefault("schemas", {})
    schemas |= event.pop("$defs", {})
    schemas["Event"] = event
    one = {"$ref": REFERENCES.format(model="Event")}
    many = {"type": "array", "items": one, "maxItems": limits.EVENTS_PER_ARRAY}
    receipt, error = ({"$ref": REFERENCES.format(model=name)} for name in ("NotifyReceipt", "Error"))
    schemas["NotifyReceipt"] = _receipt()
    answers = {"type": "array", "items": {"anyOf": [receipt, error]}}
    refused = {"description": "Refused, and why.", "content": _json(error)}
    document["paths"][path] = {
        "post": {
            "operationId": "notify",
            "summary": "Notify",
            "description": "One event, or an array of up to 1,000: each stands alone, and is answered in order.",
            "tags": ["Notify"],
            "security": [{"TokenAuth": []}],
            "requestBody": {"required": True, "content": _json({"anyOf": [one, many]})},
            "responses": {"200": {"description": "Committed.", "content": _json({"anyOf": [receipt, answers]})}}
            | {str(status): refused for status in (400, 401, 403, 404, 409, 413, 422, 423, 429, 503)},
        }
    }


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _receipt() -> dict[str, Any]:
    text = dict.fromkeys(("id", "folderId", "batchId", "itemId"), {"type": "string"})
    numbers = dict.fromkeys(("revision", "fence"), {"type": "integer"})
    return {"type": "object", "properties": {"type": {"const": "ack"}} | text | numbers, "required": ["type"]}
