"""Field types and small makers that several models share."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.db import models

ID_LENGTH = 128
LAST_SLOT = 9_999_999


def new_id() -> str:
    """A random id that the server chooses: some 128 bits, 22 letters of the contract's alphabet.

    It begins with a letter or a digit, so that no command takes it for an option.
    """
    while not (made := secrets.token_urlsafe(16))[0].isalnum():
        pass
    return made


class KeyField(models.CharField):
    """Text that sorts by its bytes on every database (PostgreSQL would otherwise sort by the locale's rules)."""

    def db_parameters(self, connection: Any) -> dict[str, Any]:
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


def order_key(position_at: datetime, batch_id: str, slot: int, item_id: str) -> str:
    """Where a card stands, as one text whose descending order is the folder's default order.

    Newest first; a batch's items together at its start time, by slot. The parts are parted by ``!``, which sorts
    before every character of an id, so that comparing the text compares the parts.
    """
    microseconds = int(position_at.timestamp() * 1_000_000)
    return f"{microseconds:017d}!{batch_id}!{LAST_SLOT - slot:07d}!{item_id}"
