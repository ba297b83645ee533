"""The folders beside a folder, as a tree: the rows that a script fetches, or without it a page of their own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gallery.access import folder_and_role
from gallery.folder_list import list_folders, with_covers
from gallery.folder_tree import branches, trail_to
from gallery.views.errors import page
from gallery.views.forms import read_cursor
from gallery.views.navigation import is_from_script
from gallery.views.pages import message_context, render_page, render_part


@page
def panel(request: HttpRequest, folder_id: str) -> HttpResponse:
    """The folders that this person may see, with this one marked, or those that ``?q=`` finds; from ``?cursor=`` on."""
    folder, role = folder_and_role(request.user, folder_id)
    found = list_folders(request.user, q=request.GET.get("q", ""), cursor=read_cursor(request))
    shown = list(found.folders)
    if found.takes_arrivals:  # the way to this one is there, however old it is
        known = {one.id for one in shown}
        shown += with_covers([one for one in (*trail_to(request.user, folder), folder) if one.id not in known])
    rows = branches(shown)
    if is_from_script(request):
        return render_part(request, "gallery/panel/_tree.html", branches=rows, folder=folder, found=found)
    return render_page(
        request,
        "gallery/panel.html",
        branches=rows,
        found=found,
        folder=folder,
        role=role,
        trail=[*trail_to(request.user, folder), folder],
        here=_("All folders"),
        **message_context(request, folder.id),
    )
