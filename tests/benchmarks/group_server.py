"""The other yardstick of fan-out, the way of the Channels tutorial: each viewer's consumer joins a group.

Each ``group_send`` carries the ready text, so that nothing but the way out is compared. A client of ``/send`` says
what everybody else receives. Run it as ``tests.benchmarks.group_server:application``.
"""

from __future__ import annotations

import django
from django.conf import settings

settings.configure(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}})
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path  # noqa: E402

GROUP = "viewers"


class ViewerConsumer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A page acknowledges; nothing here needs it."""

    async def frame(self, event: dict[str, str]) -> None:
        await self.send(text_data=event["text"])


class SenderConsumer(AsyncWebsocketConsumer):
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.channel_layer.group_send(GROUP, {"type": "frame", "text": text_data})
        await self.send(text_data="sent")


application = ProtocolTypeRouter(
    {"websocket": URLRouter([path("", ViewerConsumer.as_asgi()), path("send", SenderConsumer.as_asgi())])}
)
