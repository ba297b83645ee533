"""The Channels door: workers that share the channel layer; ``manage.py runworker gallery.notify`` consumes it."""

from __future__ import annotations

import logging
from typing import Any

from channels.consumer import SyncConsumer

from gallery.contract.errors import NotifyError
from gallery.ingest.python import push

logger = logging.getLogger("gallery.ingest")


class NotifyWorker(SyncConsumer):
    """Trusted and without receipt: an event that is refused is logged."""

    def notify(self, message: dict[str, Any]) -> None:
        try:
            push(message.get("event"), message.get("payload"), message.get("id"), "channels")
        except NotifyError as error:
            logger.error("Refused %s from the channel layer: %s (%s)", message.get("event"), error, error.code)
