"""The HTTP door: ``POST /api/notify`` with one event, or an array of them, and a worker's token."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

from gallery import metrics
from gallery.access import Sender
from gallery.authentication import worker_of_request
from gallery.contract import limits
from gallery.contract.errors import NotifyError
from gallery.contract.parse import parse_json
from gallery.http_errors import error_response, wrong_method
from gallery.ingest.receive import Answer, answer_as_json, receive
from gallery.rate_limits import token_events


@csrf_exempt  # a token is no cookie: no browser sends it along by itself
def notify_view(request: HttpRequest) -> HttpResponse:
    """One event → its receipt, or its error with its status; an array → 200 with an array of both, in order."""
    with override("en"):
        if request.method != "POST":
            return wrong_method(request, ["POST"])
        with metrics.INGEST_SECONDS.labels("http").time():
            return _take(request)


def _take(request: HttpRequest) -> HttpResponse:
    try:
        sender = worker_of_request(request)
        token_events.check(sender.token.pk)
        raw = parse_json(read_body(request), limits.BODY_BYTES)
        return _answer(sender, raw)
    except NotifyError as error:  # of all that was sent, before any of it was read
        metrics.count_refused(error.code)
        return error_response(error)


def read_body(request: HttpRequest) -> bytes:
    """The body, of which no more is read than is allowed."""
    announced = request.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > limits.BODY_BYTES:
        message = f"This is {int(announced):,} bytes of JSON; at most {limits.BODY_BYTES:,} are accepted."
        raise NotifyError("too_large", message)
    try:
        return request.read(limits.BODY_BYTES + 1)
    except UnreadablePostError as error:
        raise NotifyError("malformed", "The body broke off.") from error


def _answer(sender: Sender, raw: object) -> HttpResponse:
    if not isinstance(raw, list):
        token_events.spend(sender.token.pk)
        [answer] = receive(sender, [raw], "http")
        return error_response(answer) if isinstance(answer, NotifyError) else JsonResponse(answer.as_json())
    if len(raw) > limits.EVENTS_PER_ARRAY:
        message = f"This array has {len(raw):,} events; at most {limits.EVENTS_PER_ARRAY:,} are accepted."
        raise NotifyError("too_large", message)
    token_events.spend(sender.token.pk, len(raw))
    answers = receive(sender, raw, "http")
    response = JsonResponse([_as_json(answer) for answer in answers], safe=False)
    if waits := [answer.retry_after for answer in answers if isinstance(answer, NotifyError) and answer.retry_after]:
        response["Retry-After"] = str(max(waits))
    return response


def _as_json(answer: Answer) -> dict[str, Any]:
    return answer_as_json(answer)
