"""What a sender gets for an event that was kept."""

from __future__ import annotations

from typing import Any, NamedTuple

NAMES = ("id", "revision", "folderId", "batchId", "itemId", "fence")


class Receipt(NamedTuple):
    """Proof that an event is in the database; what does not apply is None.

    ``event_id`` is the event's idempotency key, ``revision`` the folder's after the event, ``fence`` a lock's number.
    """

    event_id: str | None = None
    revision: int | None = None
    folder_id: str | None = None
    batch_id: str | None = None
    item_id: str | None = None
    fence: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The receipt as the contract spells it, without what does not apply."""
        said: dict[str, Any] = {"type": "ack"}
        for name, value in zip(NAMES, self, strict=True):
            if value is not None:
                said[name] = value
        return said
