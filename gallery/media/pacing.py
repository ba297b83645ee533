"""Daphne takes whatever it is given and keeps it until the reader has it: a slow reader of a 1 GiB film costs 1 GiB.

It also hands over an upload when all of it is there, and whoever reads that at once lets nobody else speak.

Wrap the HTTP application in ``paced()`` and a file is read only as fast as it is taken, an upload with pauses. Other
servers (uvicorn, hypercorn) wait by themselves, and are left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Callable[[], Awaitable[Message]], Send], Awaitable[None]]


class Pace:
    """A Twisted push producer: the connection tells it when its buffer is full, and when it is empty again."""

    def __init__(self) -> None:
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    def pauseProducing(self) -> None:
        self.may_go_on.clear()

    def resumeProducing(self) -> None:
        self.may_go_on.set()

    def stopProducing(self) -> None:
        self.may_go_on.set()


def paced(application: Application) -> Application:
    """An ASGI application that waits for whoever reads its responses and shares the loop with others, on Daphne too."""

    async def paced_application(scope: dict[str, Any], receive: Callable[[], Awaitable[Message]], send: Send) -> None:
        request = _daphne_request(send)
        if scope["type"] == "http" and request is not None:
            await application(scope, _shared_receive(receive), _paced_send(send, request))
        else:
            await application(scope, receive, send)

    return paced_application


def _daphne_request(send: Send) -> Any | None:
    """Daphne's ``send`` is a partial of the request that it answers, which is a Twisted ``http.Request``."""
    bound = getattr(send, "args", ())
    return bound[0] if bound and hasattr(bound[0], "registerProducer") else None


def _shared_receive(receive: Callable[[], Awaitable[Message]]) -> Callable[[], Awaitable[Message]]:
    """Each part of a body after the others' turn: its queue is full, so waiting for it would not give them one."""

    async def shared_receive() -> Message:
        await asyncio.sleep(0)
        return await receive()

    return shared_receive


def _paced_send(send: Send, request: Any) -> Send:
    pace = Pace()
    is_registered = False

    async def paced_send(message: Message) -> None:
        nonlocal is_registered
        has_more = message["type"] == "http.response.body" and message.get("more_body", False)
        if has_more and not is_registered and request.channel is not None:
            request.registerProducer(pace, True)
            is_registered = True
        if not has_more and is_registered:
            is_registered = False
            if request.channel is not None:
                request.unregisterProducer()
        await send(message)
        await pace.may_go_on.wait()

    return paced_send
