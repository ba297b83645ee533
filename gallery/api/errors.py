"""Whatever goes wrong in the API, in the contract's shape and with its status."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from gallery import outages
from gallery.contract.errors import FieldError, NotifyError
from gallery.contract.sentences import SENTENCES
from gallery.http_errors import UNKNOWN_PATH, error_response, plain_error
from gallery.services.revisions import RETRY_AFTER_SECONDS

logger = logging.getLogger("gallery.api")

SIGN_IN = "Send a token as 'Authorization: Bearer TOKEN', or sign in."
MORE_SENTENCES = {
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "extra_forbidden": "is not a field here",
}


def add_error_handlers(api: NinjaAPI) -> None:
    """Answer every exception of the API's views."""
    api.add_exception_handler(NotifyError, lambda request, error: error_response(error))
    api.add_exception_handler(ValidationError, _wrong_fields)
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(Http404, lambda request, error: error_response(NotifyError("not_found", UNKNOWN_PATH)))
    for kind in (RequestDataTooBig, TooManyFilesSent):
        api.add_exception_handler(kind, lambda request, error: error_response(_too_large()))
    for kind in (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        api.add_exception_handler(kind, lambda request, error: error_response(_malformed()))
    for kind in (OperationalError, InterfaceError):
        api.add_exception_handler(kind, _database_gone)
    api.add_exception_handler(Exception, _broken)


def _wrong_fields(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [FieldError(_field(details["loc"]), _sentence(details)) for details in error.errors]
    sentence = f"{errors[0].field} {errors[0].message}."
    if len(errors) > 1:
        sentence = f"{len(errors)} fields are wrong; the first: {sentence}"
    return error_response(NotifyError("invalid", sentence, errors))


def _field(location: tuple[Any, ...]) -> str:
    # ninja puts first whence it read ("query", "body") and, for a body, the argument's name.
    parts = location[2:] if location[0] == "body" else location[1:]
    return ".".join(str(part) for part in parts) or str(location[0])


def _sentence(details: dict[str, Any]) -> str:
    sentence = (SENTENCES | MORE_SENTENCES).get(details["type"], "is not valid")
    return sentence.format(**details.get("ctx", {}))


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error, AuthenticationError):
        return error_response(NotifyError("unauthenticated", SIGN_IN))
    if isinstance(error.__cause__, NotifyError):  # why a body could not be read
        return error_response(error.__cause__)
    return error_response(_malformed())


def _database_gone(request: HttpRequest, error: Exception) -> HttpResponse:
    outages.requests.report(error)
    sentence = "The database does not answer at the moment. Try again."
    return error_response(NotifyError("unavailable", sentence, retry_after=RETRY_AFTER_SECONDS))


def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    got_request_exception.send(sender=NinjaAPI, request=request)
    logger.exception("%s %s failed", request.method, request.path)
    return plain_error("internal", "Something went wrong on the server; its log says what.", 500)


def _too_large() -> NotifyError:
    return NotifyError("too_large", "The body is larger than this address accepts.")


def _malformed() -> NotifyError:
    return NotifyError("malformed", "The body cannot be read.")
