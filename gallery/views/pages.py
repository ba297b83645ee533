"""What every page carries besides its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gallery.conf import conf
from gallery.models import SystemMessage
from gallery.services.messages import messages_revision
from gallery.views.errors import take_notice
from gallery.views.messages import dismissed_ids

PART = "Darkroom-Part"  # the header with which static/gallery/js/refetch.js asks


def render_page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """The page, with the notice that waits for it and the ids of the messages which this person put away.

    The stream sends all messages to everybody, so the page has to know which ones to leave out. Where an open page
    fetches itself again the notice goes on waiting: no such answer is shown whole.
    """
    context |= {"notice": None if wants_part(request) else take_notice(request), "dismissed": dismissed_ids(request)}
    return render(request, template, context)


def wants_part(request: HttpRequest) -> bool:
    """Whether an open page fetches itself again: it lays what lives over what it shows, and has the rest.

    No ``Vary`` is needed: pages are ``no-cache``, and the script asks with ``no-store``.
    """
    return request.headers.get(PART) == "live"


def render_part(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """That alone. The notice that waits for the person goes on waiting: no such answer would show it."""
    return render(request, template, context)


def message_context(request: HttpRequest, folder_id: str | None = None) -> dict[str, Any]:
    """``system_messages`` and ``messages_revision``; the revision is read first, as everywhere."""
    revision = messages_revision()
    current = SystemMessage.objects.current().shown_on(folder_id)[: conf.MESSAGE_MAX]
    return {"messages_revision": revision, "system_messages": not_dismissed(request, current)}


def not_dismissed(request: HttpRequest, messages: Iterable[SystemMessage]) -> list[SystemMessage]:
    """Those that this person has not put away."""
    dismissed = set(dismissed_ids(request))
    return [message for message in messages if message.id not in dismissed or not message.dismissible]
