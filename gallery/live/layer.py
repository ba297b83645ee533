"""Hearing the doorbell of other processes: one subscription to the channel layer for the whole process.

A layer may be away, or look as if it were there and deliver nothing. So the listener sends itself an echo every other
second; while none comes back, ``outages.channel_layer`` is on, and the poll goes as fast as without a layer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from gallery.doorbell import GROUP, PATIENCE_SECONDS, shared_layer
from gallery.metrics import RINGS
from gallery.outages import channel_layer

ECHO_EVERY = 2.0  # seconds
RETRY_SECONDS = 2.0
MOST_UNHEARD = 3  # echoes that were sent and did not come back, before it subscribes anew
NOBODY = "gallery.nobody"  # a channel on which nobody listens


class LayerListener:
    """Passes on every ring to ``hear``, for as long as the process lives."""

    def __init__(self, hear: Callable[[str, str, int], None]) -> None:
        self._hear = hear
        self._echoed = asyncio.Event()

    async def run(self) -> None:
        """For ever; ends at once where no layer reaches other processes."""
        while layer := shared_layer():
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    # Asked first: a subscription that fails leaves its queue behind in the layer.
                    await layer.send(NOBODY, {"type": "doorbell.echo"})
                    channel = await layer.new_channel()
                await self._listen(layer, channel)
            except Exception as error:  # the layer is somebody else's code and network
                channel_layer.report(error)
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self, layer: Any, channel: str) -> None:
        receiving = asyncio.ensure_future(self._receive(layer, channel))
        unheard = 0
        try:
            while unheard < MOST_UNHEARD and not receiving.done():
                try:
                    await self._send_echo(layer, channel)
                    await asyncio.wait_for(self._echoed.wait(), PATIENCE_SECONDS)
                    unheard = 0
                    channel_layer.end()
                except TimeoutError as error:
                    unheard += 1
                    channel_layer.report(error)
                except Exception as error:  # it subscribes again by itself, once it is there
                    channel_layer.report(error)
                await asyncio.wait([receiving], timeout=ECHO_EVERY)
            if receiving.done():
                receiving.result()
        finally:
            receiving.cancel()

    async def _send_echo(self, layer: Any, channel: str) -> None:
        self._echoed.clear()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await layer.group_add(GROUP, channel)  # some layers forget their members after a while, or a restart
            await layer.send(channel, {"type": "doorbell.echo"})

    async def _receive(self, layer: Any, channel: str) -> None:
        while True:
            message = await layer.receive(channel)
            self._echoed.set()  # whatever comes shows that something can come
            if message.get("type") == "doorbell.ring":
                RINGS.labels("layer").inc()
                self._hear(message["kind"], message["subject"], message["revision"])
