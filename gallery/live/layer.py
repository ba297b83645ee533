"""Hearing the doorbell of other processes: one subscription to the channel layer for the whole process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from gallery.doorbell import GROUP, shared_layer

logger = logging.getLogger("gallery.live")

RETRY_SECONDS = 1.0


async def listen_to_layer(hear: Callable[[str, str, int], None]) -> None:
    """Pass on every ring, for ever; while the layer is away the poll goes on."""
    while layer := shared_layer():
        try:
            channel = await layer.new_channel()
            await layer.group_add(GROUP, channel)
            while True:
                ring = await layer.receive(channel)
                if ring.get("type") == "doorbell.ring":
                    hear(ring["kind"], ring["subject"], ring["revision"])
        except asyncio.CancelledError:
            raise
        except Exception as error:
            logger.warning("The channel layer is away (%s); the poll goes on.", error)
            await asyncio.sleep(RETRY_SECONDS)
