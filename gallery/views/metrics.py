"""``GET /metrics``: what this process counts, for Prometheus."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from gallery.authentication import secret_in_header
from gallery.conf import conf
from gallery.contract.errors import NotifyError
from gallery.http_errors import error_response, wrong_method
from gallery.live.figures import observe, observe_tasks
from gallery.live.switchboard import switchboard
from gallery.live.threads import ACTIONS, in_thread

REFUSED = "Only with METRICS_TOKEN as 'Authorization: Bearer TOKEN', or signed in as staff."


async def metrics(request: HttpRequest) -> HttpResponse:
    """The text format. The token works while the database is away; a session does not."""
    if request.method not in ("GET", "HEAD"):
        return wrong_method(request, ["GET"])
    if not (_has_token(request) or await _is_staff(request)):
        return error_response(NotifyError("unauthenticated", REFUSED))
    observe(switchboard())
    await in_thread(ACTIONS, observe_tasks)
    response = HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)
    response["Cache-Control"] = "no-store"
    return response


def _has_token(request: HttpRequest) -> bool:
    said = secret_in_header(request.headers.get("Authorization", ""))
    return bool(conf.METRICS_TOKEN) and constant_time_compare(said, conf.METRICS_TOKEN)


async def _is_staff(request: HttpRequest) -> bool:
    user = await request.auser()
    return user.is_active and user.is_staff
