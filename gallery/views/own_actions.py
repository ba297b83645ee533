"""What a person has asked for that others do not see where they are: copies from this folder, folders that go."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gallery.access import folder_for, own_mass_actions, storable
from gallery.models import MassAction
from gallery.views.errors import page

HAS_OWN = "gallery_own_actions"  # the session's key for whether there may be strips for this person alone


@page
def show_own(request: HttpRequest) -> HttpResponse:
    """The strips of what this person has asked for that others do not see in the folder ``?folder=``, or at home."""
    folder_id = request.GET.get("folder", "")
    context: dict[str, Any] = {"own_actions": own_actions(request, folder_id)}
    if folder_id:
        context["folder"] = folder_for(request.user, folder_id)
    return render(request, "gallery/folder/_own_actions.html", context)


def own_actions(request: HttpRequest, folder_id: str = "") -> list[MassAction]:
    """As they are shown in this folder, or at home, also where a program of theirs has asked for it.

    For a folder's page it is asked only in a session in which there were some: these shall not cost it.
    """
    if folder_id and not request.session.get(HAS_OWN):
        return []
    actions = list(own_mass_actions(request.user, storable(folder_id)))
    for one in actions:
        one.is_shown_at_source = True
    return actions
