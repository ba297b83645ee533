"""An event that was said before: the same id from the same sender changes nothing and gets the first receipt."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from django.db import transaction

from gallery.access import Sender
from gallery.contract.errors import NotifyError
from gallery.contract.parse import Envelope
from gallery.contract.receipts import Receipt
from gallery.models import EventReceipt
from gallery.services.change import RECEIPT_COLUMNS, Change
from gallery.services.revisions import database_errors
from gallery.services.rows import read_rows

SAID = Receipt._fields[1:]  # all but the event's own id
OTHER_BODY = "An event with this id and another body was received before."

_encode = json.JSONEncoder(separators=(",", ":")).encode


class Memory:
    """The receipts that these events' ids had already, and those that they get now."""

    def __init__(self, sender: Sender, envelopes: Sequence[Envelope]) -> None:
        self.scope = sender.scope
        self.known: dict[str, tuple[str, Receipt]] = {}
        ids = [envelope.id for envelope in envelopes if envelope.id is not None]
        for row in read_rows(EventReceipt, "event_id", ids, ("event_id", "digest", "receipt"), scope=self.scope):
            self.known[row.event_id] = (row.digest, Receipt(row.event_id, **json.loads(row.receipt)))

    def recall(self, envelope: Envelope) -> Receipt | None:
        """The first receipt of this event; raises ``conflict`` where the id came with another body."""
        if envelope.id is None or envelope.id not in self.known:
            return None
        digest, receipt = self.known[envelope.id]
        if digest != envelope.digest:
            raise NotifyError("conflict", OTHER_BODY)
        return receipt

    def keep(self, change: Change, envelope: Envelope, receipt: Receipt) -> Receipt:
        """Remember the receipt in the event's own transaction."""
        if envelope.id is not None:
            change.receipts.append(self._row(envelope, receipt))
        return Receipt(envelope.id, *receipt[1:])

    def keep_alone(self, envelope: Envelope, service: Callable[[], Receipt]) -> Receipt:
        """The same for an event that touches no folder."""
        with database_errors(), transaction.atomic():
            receipt = service()
            if envelope.id is not None:
                EventReceipt.objects.create(**dict(zip(RECEIPT_COLUMNS, self._row(envelope, receipt), strict=True)))
        return Receipt(envelope.id, *receipt[1:])

    def _row(self, envelope: Envelope, receipt: Receipt) -> tuple[str, str, str, str]:
        self.known[envelope.id] = (envelope.digest, Receipt(envelope.id, *receipt[1:]))
        said = {name: value for name, value in zip(SAID, receipt[1:], strict=True) if value is not None}
        return self.scope, envelope.id, envelope.digest, _encode(said)
