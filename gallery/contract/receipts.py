"""What a sender gets for an event that was kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Receipt:
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
        ids = {
            "id": self.event_id,
            "revision": self.revision,
            "folderId": self.folder_id,
            "batchId": self.batch_id,
            "itemId": self.item_id,
            "fence": self.fence,
        }
        return {"type": "ack"} | {name: value for name, value in ids.items() if value is not None}
