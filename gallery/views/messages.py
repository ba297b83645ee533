"""Putting a system message away: for this session only, everybody else still sees it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from gallery.views.navigation import done

DISMISSED = "gallery_dismissed"  # the session's key for the ids
REMEMBERED = 100  # the oldest is forgotten first


@require_POST
def dismiss_message(request: HttpRequest, message_id: str) -> HttpResponse:
    """Anybody may, signed in or not. What cannot be dismissed is shown all the same."""
    others = [known for known in dismissed_ids(request) if known != message_id]
    request.session[DISMISSED] = [*others, message_id][-REMEMBERED:]
    return done(request, reverse("gallery:home"))


def dismissed_ids(request: HttpRequest) -> list[str]:
    return request.session.get(DISMISSED, [])
