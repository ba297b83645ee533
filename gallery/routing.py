"""The WebSocket routes, and the channel that ``runworker gallery.notify`` consumes.

``websockets`` is the whole WebSocket application; a project puts it beside its own (see docs/install.md).
"""

from __future__ import annotations

from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.routing import ChannelNameRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.db import Error
from django.urls import path, re_path

from gallery import daphne, outages  # noqa: F401 - daphne mends by being imported
from gallery.ingest.channel_layer import NotifyWorker
from gallery.ingest.websocket import notify_stream
from gallery.live.consumers import DIRECT_SEND, TRY_AGAIN_LATER, folder_stream, home_stream
from gallery.live.switchboard import switchboard


def browsers_only(application: Any) -> Any:
    """Sessions, and only from our own pages; workers come without an Origin."""
    guarded = AllowedHostsOriginValidator(_or_later(AuthMiddlewareStack(application)))

    async def stream(scope: dict[str, Any], receive: Any, send: Any) -> None:
        # Frames pass the middleware by: its wrapper looks into the session for each, which costs half as much again.
        await guarded({**scope, DIRECT_SEND: send}, receive, send)

    return stream


def _or_later(application: Any) -> Any:
    """Where the session cannot be read because the database is away, the page is told to come back."""

    async def admit(scope: dict[str, Any], receive: Any, send: Any) -> None:
        try:
            await application(scope, receive, send)
        except Error as error:
            outages.database.report(error)
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})

    return admit


async def nowhere(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """An address with a typing error: refused, not a failure of the server as Channels would have it."""
    await receive()
    await send({"type": "websocket.close"})


websocket_urlpatterns = [
    path("ws/notify/", notify_stream),
    path("ws/folders/<str:folder_id>/", browsers_only(folder_stream)),
    path("ws/", browsers_only(home_stream)),
]
websockets = URLRouter([*websocket_urlpatterns, re_path("", nowhere)])
channels = ChannelNameRouter({"gallery.notify": NotifyWorker.as_asgi()})


def with_switchboard(application: Any) -> Any:
    """Start the live way with the first request, so that time's changes are seen also before anyone looks."""

    async def start_first(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] in ("http", "websocket"):
            switchboard()
        await application(scope, receive, send)

    return start_first
