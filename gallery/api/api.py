"""The pull side: JSON under ``/api/``, with its OpenAPI document and a page to try it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, re_path, reverse
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Swagger
from ninja.parser import Parser

from gallery.api import batches, commands, folders, items, many, uploads
from gallery.api.documents import add_notify
from gallery.api.errors import add_error_handlers
from gallery.api.security import SessionAuth, TokenAuth
from gallery.contract import limits
from gallery.contract.parse import parse_json
from gallery.http_errors import unknown_path, wrong_method

DESCRIPTION = "Folders, items and batches; and POST /api/notify, by which workers say what happens."


class JsonParser(Parser):
    """JSON as the notify doors read it."""

    def parse_body(self, request: HttpRequest) -> Any:
        return parse_json(request.body, limits.BODY_BYTES)


class GalleryAPI(NinjaAPI):
    def get_openapi_schema(self, **options: Any) -> Any:
        """The document, with the notify door in it."""
        document = super().get_openapi_schema(**options)
        add_notify(document, reverse("gallery:notify"))
        return document


api = GalleryAPI(
    title="Darkroom",
    version="3",
    description=DESCRIPTION,
    urls_namespace="gallery:api",
    auth=[TokenAuth(), SessionAuth()],
    parser=JsonParser(),
    docs=Swagger(settings={"validatorUrl": None}),  # it would show the document to a foreign site
)
add_error_handlers(api)
for module in (folders, many, items, batches, commands, uploads):
    api.add_router("", module.router)


def _in_our_words(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """ninja's own 405 is plain text, and its root a page of Django's, which asks for a CSRF token first."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_program = "Authorization" in request.headers  # which reads one language, whatever the project speaks
        try:
            with override("en") if is_program else nullcontext():
                response = view(request, *args, **kwargs)
        except Http404:
            return unknown_path(request)
        if isinstance(response, HttpResponseNotAllowed):
            return wrong_method(request, response["Allow"].split(", "))
        return response

    return answer


def _urls() -> list[URLPattern]:
    patterns, _, _ = api.urls
    for pattern in patterns:
        pattern.callback = _in_our_words(pattern.callback)
    return [*patterns, re_path(r"^.*$", unknown_path)]


urls = (_urls(), "api", "api")
