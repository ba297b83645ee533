"""The folders beside a folder, as a tree: the rows that a script fetches, or without it a page of their own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gallery.access import folder_and_role
from gallery.folder_page import home_folders
from gallery.folder_tree import branches, trail_to
from gallery.views.errors import page
from gallery.views.navigation import is_from_script
from gallery.views.pages import message_context, render_page, render_part


@page
def panel(request: HttpRequest, folder_id: str) -> HttpResponse:
    """All folders that this person may see, with this one marked."""
    folder, role = folder_and_role(request.user, folder_id)
    rows = branches(home_folders(request.user))
    if is_from_script(request):
        return render_part(request, "gallery/panel/_tree.html", branches=rows, folder=folder)
    return render_page(
        request,
        "gallery/panel.html",
        branches=rows,
        folder=folder,
        role=role,
        trail=[*trail_to(request.user, folder), folder],
        here=_("All folders"),
        **message_context(request, folder.id),
    )
