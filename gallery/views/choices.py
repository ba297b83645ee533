"""What the filter's menu offers to choose from, fetched when it is opened: most pages are never filtered."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from gallery.access import folder_for
from gallery.search.choices import choices_in
from gallery.search.view import read_view
from gallery.views.errors import page
from gallery.views.pages import render_part


@page
def choices(request: HttpRequest, folder_id: str) -> HttpResponse:
    """Tags, people and batches of this folder, for the fields of the form ``find``."""
    folder = folder_for(request.user, folder_id)
    view = read_view(request.GET)
    return render_part(request, "gallery/folder/_choices.html", choices=choices_in(folder, view.batch), view=view)
