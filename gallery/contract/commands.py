"""Commands from the gallery to a worker, and the worker's acknowledgement."""

from __future__ import annotations

from typing import Any

from gallery.contract.rules import read_id


def batch_cancel(command_id: str, batch_id: str) -> dict[str, Any]:
    """A person asked that the batch stops."""
    return {"type": "batch:cancel", "id": command_id, "payload": {"batchId": batch_id}}


def item_retry(command_id: str, item_id: str) -> dict[str, Any]:
    """A person asked that the item is made once more."""
    return {"type": "item:retry", "id": command_id, "payload": {"itemId": item_id}}


def system_drain(command_id: str, message: str) -> dict[str, Any]:
    """The site asks its workers to finish what they do and to take nothing new."""
    return {"type": "system:drain", "id": command_id, "payload": {"message": message}}


def parse_command_ack(raw: object) -> str | None:
    """The id of the command that ``raw`` acknowledges; None when it is no (readable) acknowledgement."""
    if not isinstance(raw, dict) or raw.get("type") != "ack":
        return None
    try:
        return read_id(raw.get("id"))
    except ValueError:
        return None
