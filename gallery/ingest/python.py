"""The Python door: code inside the project says what happened."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async

from gallery import metrics
from gallery.access import SITE, Sender
from gallery.contract.errors import NotifyError
from gallery.contract.parse import Envelope, parse_event
from gallery.contract.receipts import Receipt
from gallery.ingest.receive import apply


def notify(event: str, payload: dict[str, Any], *, id: str | None = None) -> Receipt:
    """Push one event, for instance ``notify("item:update", {"itemId": "7", "status": "complete"})``.

    ``id`` (1–128 characters) makes it idempotent. Returns the receipt once the database has committed; inside your own
    transaction it joins that one, holds the folder's row until your commit, and receipt and push hold from then on:
    call it last, or in ``transaction.on_commit``. Raises ``NotifyError`` (``code``, ``message``, ``errors``).
    """
    return push(event, payload, id, "python")


def push(event: Any, payload: Any, id: Any, door: str, sender: Sender = SITE) -> Receipt:
    """One event of the site's own or of ``sender``, through the door of that name; raises ``NotifyError``."""
    with metrics.INGEST_SECONDS.labels(door).time():
        try:
            envelope: Envelope | NotifyError = parse_event(event, payload, id)
        except NotifyError as error:
            envelope = error
        [answer] = apply(sender, [envelope], door)
    if isinstance(answer, NotifyError):
        raise answer
    return answer


async def anotify(event: str, payload: dict[str, Any], *, id: str | None = None) -> Receipt:
    """``notify`` for asynchronous code."""
    return await sync_to_async(notify)(event, payload, id=id)
