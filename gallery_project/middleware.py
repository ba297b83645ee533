"""Static files, the reader's language, what the project's pages may load, and what is believed of a proxy.

All middleware here is asynchronous where the server is. One that is not would hold a thread while it waits for the
event loop, and a server that is told to end meanwhile would wait for that thread for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.decorators import sync_and_async_middleware
from whitenoise.middleware import WhiteNoiseMiddleware

from gallery.rate_limits import is_trusted_proxy

POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data: blob: http: https:",  # workers may say where a picture lies
        "media-src 'self' blob: http: https:",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",  # --progress on the bars
        "connect-src 'self' ws: wss:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
_find_version = re.compile(r"^/static/(?:[0-9a-f]{12}/)?").match


@sync_and_async_middleware
def content_security_policy(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Give each response the policy, unless it has its own (stored files have a stricter one)."""

    def with_policy(response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    async def middleware(request: HttpRequest) -> HttpResponseBase:
        return with_policy(await get_response(request))

    return middleware if iscoroutinefunction(get_response) else lambda request: with_policy(get_response(request))


@sync_and_async_middleware
def forwarded_scheme(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Keep ``X-Forwarded-Proto`` of trusted proxies only; Django's own setting believes it of anybody."""

    def believed(request: HttpRequest) -> HttpRequest:
        if not is_trusted_proxy(request.META.get("REMOTE_ADDR") or ""):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        return request

    async def middleware(request: HttpRequest) -> HttpResponseBase:
        return await get_response(believed(request))

    return middleware if iscoroutinefunction(get_response) else lambda request: get_response(believed(request))


@sync_and_async_middleware
def language(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Answer in the language that the person has chosen, else in one that the browser asks for; programs hear English.

    Django's own ``LocaleMiddleware`` would do, at the price of two hops to a thread for each event that a worker posts.
    """

    def activate(request: HttpRequest) -> None:
        is_program = request.headers.get("Authorization", "").lower().startswith("bearer ")
        translation.activate("en" if is_program else translation.get_language_from_request(request))
        request.LANGUAGE_CODE = translation.get_language()

    def named(response: HttpResponseBase) -> HttpResponseBase:
        if response.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Content-Language", translation.get_language())
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response

    async def middleware(request: HttpRequest) -> HttpResponseBase:
        activate(request)
        return named(await get_response(request))

    def middleware_on_a_thread(request: HttpRequest) -> HttpResponseBase:
        activate(request)
        return named(get_response(request))

    return middleware if iscoroutinefunction(get_response) else middleware_on_a_thread


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise, which is not made for ASGI: each file would be gathered from an iterator, with a warning.

    An address of another version (a page from before an update) or without any leads to the file as it is now.
    """

    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        super().__init__(get_response)
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if iscoroutinefunction(self):
            return self._answer(request)
        return self._find(request) or self.get_response(request)

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        return self._find(request) or await self.get_response(request)

    def _find(self, request: HttpRequest) -> HttpResponseBase | None:
        path = request.path_info
        if file := self.find_file(path) if self.autorefresh else self.files.get(path):
            return self.serve(file, request)
        if version := _find_version(path):
            current = self.static_prefix + path[version.end() :]
            if current in self.files:
                return HttpResponseRedirect(current, headers={"Cache-Control": "no-cache"})
        return None

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponseBase:
        streamed = WhiteNoiseMiddleware.serve(static_file, request)
        content = b"".join(streamed.streaming_content)
        streamed.close()
        response = HttpResponse(content, status=streamed.status_code)
        del response["Content-Type"]
        for name, value in streamed.headers.items():
            response[name] = value
        return response
