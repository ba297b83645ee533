"""Django's ASGI handler, with one hop to a thread for a whole request.

Django's own stays on the event loop and sends the synchronous part of each middleware and view to a thread that it
makes for the request: a dozen hops of some 100 µs, and a connection to the database that is opened for one page. Here
all of a request whose view is synchronous, which is nearly every one, runs on one thread that stays, with its
connection. Views that are asynchronous go Django's way, so that no thread ever waits for the loop.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, TypeVar

import django
from asgiref.sync import ThreadSensitiveContext, iscoroutinefunction, sync_to_async
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import connections
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve, set_script_prefix

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
T = TypeVar("T")

MOST_WAITING = 2_000  # requests; who comes then is told to come again, sooner than anybody would be answered
RETRY_AFTER_SECONDS = 5
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

# Pages do not wait for uploads, or for writers that queue. More threads would only fight for the interpreter.
_looking = ThreadPoolExecutor(8, "requests-looking")
_changing = ThreadPoolExecutor(16, "requests-changing")


class Handler(ASGIHandler):
    """What ``get_asgi_application`` returns."""

    def __init__(self) -> None:
        super().__init__()
        self._on_one_thread = OneThreadHandler()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_asynchronous(scope):
            return await self._on_one_thread.handle(scope, receive, send)
        async with ThreadSensitiveContext():
            try:
                await super().handle(scope, receive, send)
            finally:  # the thread of this request ends here
                await sync_to_async(connections.close_all)()


class OneThreadHandler(ASGIHandler):
    """The middleware is synchronous as well, or asgiref would bring each back to the loop."""

    _waiting = 0

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        if self._waiting >= MOST_WAITING:
            body.close()
            return await self.send_response(_come_again(), send)
        threads = _looking if scope["method"] in SAFE_METHODS else _changing
        self._waiting += 1
        try:
            response = await _on(threads, self._answer, scope, body)
        finally:
            self._waiting -= 1
        if response.streaming:
            await self._stream(response, receive, send)
        else:
            await self.send_response(response, send)

    def _answer(self, scope: Scope, body: IO[bytes]) -> HttpResponseBase:
        """From the request's beginning to its end, as a WSGI server would do it."""
        try:
            set_script_prefix(get_script_prefix(scope))
            signals.request_started.send(sender=self.__class__, scope=scope)
            request, response = self.create_request(scope, body)
            if request is not None:
                response = self.get_response(request)
            response._handler_class = self.__class__
            if isinstance(response, FileResponse):
                response.block_size = self.chunk_size
            if not response.streaming:
                response.close()  # what it says stays readable
            return response
        finally:
            body.close()

    @classmethod
    def chunk_bytes(cls, data: bytes) -> Iterator[tuple[bytes, bool]]:
        """In one piece: Django's own cuts a page into three, and each costs Daphne 0.2 ms."""
        yield data, True

    async def _stream(self, response: HttpResponseBase, receive: Receive, send: Send) -> None:
        """Until it is all sent, or nobody is there any more."""
        leaving = asyncio.ensure_future(self.listen_for_disconnect(receive))
        sending = asyncio.ensure_future(self.send_response(response, send))
        try:
            await asyncio.wait({leaving, sending}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()  # raises what went wrong
        finally:
            for task in (leaving, sending):
                task.cancel()
            await asyncio.gather(leaving, sending, return_exceptions=True)
            await _on(_looking, response.close)


def get_asgi_application() -> Handler:
    """In place of Django's own."""
    django.setup(set_prefix=False)
    return Handler()


def _is_asynchronous(scope: Scope) -> bool:
    try:
        view = resolve(scope["path"].removeprefix(scope.get("root_path", ""))).func
    except Resolver404:
        return False
    return iscoroutinefunction(view)


async def _on(threads: ThreadPoolExecutor, function: Callable[..., T], *arguments: Any) -> T:
    run = contextvars.copy_context().run
    return await asyncio.get_running_loop().run_in_executor(threads, run, function, *arguments)


def _come_again() -> HttpResponse:
    said = "Too many people are waiting for this server. Try again in a moment.\n"
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS), "Cache-Control": "no-store"}
    return HttpResponse(said, status=503, content_type="text/plain; charset=utf-8", headers=headers)
