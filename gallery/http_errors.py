"""The contract's errors as HTTP responses."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from gallery.contract.errors import NotifyError

UNKNOWN_PATH = "There is nothing at this address; /api/docs lists what there is."
WRONG_METHOD = "This address does not answer to {method}; it does to: {allowed}."


def error_response(error: NotifyError) -> JsonResponse:
    """The error with its code's status."""
    response = JsonResponse(error.as_json(), status=error.status)
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def plain_error(code: str, message: str, status: int) -> JsonResponse:
    """What no event can cause, in the same shape."""
    return JsonResponse({"type": "error", "code": code, "message": message}, status=status)


def wrong_method(request: HttpRequest, allowed: list[str]) -> JsonResponse:
    """405 and what is allowed instead."""
    names = ", ".join(sorted(allowed))
    response = plain_error("method_not_allowed", WRONG_METHOD.format(method=request.method, allowed=names), 405)
    response["Allow"] = names
    return response


@csrf_exempt  # there is nothing to protect, and a worker with a typing error in its address shall hear of that
def unknown_path(request: HttpRequest, **_: Any) -> HttpResponse:
    """404 for an API path that does not exist."""
    return error_response(NotifyError("not_found", UNKNOWN_PATH))
