"""The people of a folder: who is in, let in and let out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from gallery.access import Role, by_hand, folder_and_role, folder_for
from gallery.contract.errors import NotifyError
from gallery.folder_tree import trail_to
from gallery.models import Folder
from gallery.services.folders import OWNERS_ONLY
from gallery.services.members import put_member, remove_member
from gallery.views.errors import action, page
from gallery.views.navigation import open_page
from gallery.views.pages import message_context, render_page


@page
def members(request: HttpRequest, folder_id: str) -> HttpResponse:
    """Everybody who may do more than the public, with what they may do. For owners."""
    folder, role = folder_and_role(request.user, folder_id)
    if role != Role.OWNER:
        raise NotifyError("forbidden", OWNERS_ONLY)
    return render_page(
        request,
        "gallery/folder_members.html",
        folder=folder,
        role=role,
        trail=[*trail_to(request.user, folder), folder],
        here=_("People"),
        memberships=folder.memberships.select_related("user").order_by("id"),
        roles=Role.choices,
        is_shared=folder.visibility != Folder.Visibility.PRIVATE,
        **message_context(request, folder.id),
    )


@action
def put(request: HttpRequest, folder_id: str) -> HttpResponse:
    """Let somebody in, or change what they may do."""
    put_member(by_hand(request.user), folder_id, request.POST.get("username", ""), request.POST.get("role", ""))
    return open_page(request, reverse("gallery:members", args=[folder_id]))


@action
def remove(request: HttpRequest, folder_id: str, user_id: int) -> HttpResponse:
    """Let somebody out; whoever leaves a folder goes home."""
    folder_for(request.user, folder_id)
    remove_member(by_hand(request.user), folder_id, user_id)
    is_leaving = user_id == request.user.pk
    return open_page(request, reverse("gallery:home") if is_leaving else reverse("gallery:members", args=[folder_id]))
