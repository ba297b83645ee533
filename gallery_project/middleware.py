"""Static files, and what the project's pages may load."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

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


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Give each response the policy, unless it has its own (stored files have a stricter one)."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return middleware


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise, which under ASGI would have each file gathered from an iterator, with a warning.

    An address of another version (a page from before an update) or without any leads to the file as it is now.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path not in self.files and (version := _find_version(path)):
            current = self.static_prefix + path[version.end() :]
            if current in self.files:
                return HttpResponseRedirect(current, headers={"Cache-Control": "no-cache"})
        return super().__call__(request)

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
