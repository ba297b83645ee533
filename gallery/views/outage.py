"""What a page says while the database is away: 503, when to come back, and nothing that needs the database."""

from __future__ import annotations

import sys
from typing import Any

from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils.deprecation import MiddlewareMixin
from django.views.defaults import server_error as django_server_error

from gallery import outages
from gallery.services.revisions import RETRY_AFTER_SECONDS

RELOAD_SECONDS = 5


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 with a sentence. A page that was only looked at loads itself again."""
    is_only_looked_at = request.method in ("GET", "HEAD")
    text = get_template("gallery/unavailable.html").render({"is_only_looked_at": is_only_looked_at})
    response = HttpResponse(text, status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    response["Cache-Control"] = "no-store"
    if is_only_looked_at:
        response["Refresh"] = str(RELOAD_SECONDS)
    return response


class DatabaseOutageMiddleware(MiddlewareMixin):
    """Answers for views that met the database's absence."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, InterfaceError | InternalError | OperationalError):
            return None
        outages.requests.report(exception)
        return unavailable(request)


def server_error(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """For ``handler500``: middleware met the database's absence (the session's, say), or something is broken."""
    error = sys.exc_info()[1]
    if isinstance(error, InterfaceError | InternalError | OperationalError):
        outages.requests.report(error)
        return unavailable(request)
    return django_server_error(request, *args, **kwargs)
