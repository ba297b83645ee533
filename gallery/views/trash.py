"""The trash of a folder: looked at, taken out of, emptied."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from gallery.access import Sender, folder_and_role, folder_for, require_editor
from gallery.folder_tree import trail_to
from gallery.models import Item
from gallery.services.trash import TRASH_KEPT, empty_trash_of
from gallery.views.errors import action, page
from gallery.views.navigation import done
from gallery.views.pages import message_context, render_page

PAGE_SIZE = 60


@page
def trash(request: HttpRequest, folder_id: str) -> HttpResponse:
    """What was thrown away here, last first, ``?from=`` so many on."""
    folder, role = folder_and_role(request.user, folder_id)
    require_editor(role)
    thrown = Item.objects.trashed().filter(folder=folder).order_by("-trashed_at", "-id").select_related("trashed_by")
    start = _start(request)
    items = list(thrown.defer("metadata")[start : start + PAGE_SIZE + 1])
    for item in items:
        item.goes_at = item.trashed_at + TRASH_KEPT
    return render_page(
        request,
        "gallery/trash.html",
        folder=folder,
        role=role,
        trail=[*trail_to(request.user, folder), folder],
        here=_("Trash"),
        items=items[:PAGE_SIZE],
        count=thrown.count(),
        next_start=start + PAGE_SIZE if len(items) > PAGE_SIZE else None,
        **message_context(request, folder.id),
    )


@action
def empty(request: HttpRequest, folder_id: str) -> HttpResponse:
    """Delete all of it for good."""
    folder = folder_for(request.user, folder_id)
    empty_trash_of(_sender(request), folder.id)
    return done(request, reverse("gallery:trash", args=[folder.id]))


def _sender(request: HttpRequest) -> Sender:
    return Sender(user=request.user, by_hand=True)


def _start(request: HttpRequest) -> int:
    text = request.GET.get("from", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 7 else 0
