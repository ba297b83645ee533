"""An event that was said before: the same id from the same sender changes nothing and gets the first receipt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

from django.db import transaction

from gallery.access import Sender
from gallery.contract.errors import NotifyError
from gallery.contract.parse import Envelope
from gallery.contract.receipts import Receipt
from gallery.models import EventReceipt
from gallery.services.change import Change
from gallery.services.revisions import database_errors

OTHER_BODY = "An event with this id and another body was received before."


class Memory:
    """The receipts that these events' ids had already, and those that they get now."""

    def __init__(self, sender: Sender, envelopes: Sequence[Envelope]) -> None:
        self.scope = sender.scope
        self.known: dict[str, tuple[str, Receipt]] = {}
        if ids := [envelope.id for envelope in envelopes if envelope.id is not None]:
            for row in EventReceipt.objects.filter(scope=self.scope, event_id__in=ids):
                self.known[row.event_id] = (row.digest, Receipt(event_id=row.event_id, **row.receipt))

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
        return replace(receipt, event_id=envelope.id)

    def keep_alone(self, envelope: Envelope, service: Callable[[], Receipt]) -> Receipt:
        """The same for an event that touches no folder."""
        with database_errors(), transaction.atomic():
            receipt = service()
            if envelope.id is not None:
                self._row(envelope, receipt).save()
        return replace(receipt, event_id=envelope.id)

    def _row(self, envelope: Envelope, receipt: Receipt) -> EventReceipt:
        self.known[envelope.id] = (envelope.digest, replace(receipt, event_id=envelope.id))
        said = {name: value for name, value in asdict(receipt).items() if value is not None and name != "event_id"}
        return EventReceipt(scope=self.scope, event_id=envelope.id, digest=envelope.digest, receipt=said)
