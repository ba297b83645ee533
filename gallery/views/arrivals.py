"""How much came into a folder of what a view finds, for the pill "3 new" on pages that show such a view."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse

from gallery.access import folder_for, may_read_metadata
from gallery.search.find import items_of_view
from gallery.search.view import read_view
from gallery.services.search_index import catch_up
from gallery.views.errors import page
from gallery.views.forms import read_revision

MOST_COUNTED = 1_000  # whoever was away for so long is told "1,000+"


@page
def count_arrivals(request: HttpRequest, folder_id: str) -> JsonResponse:
    """``?since=REVISION`` and what else makes the view: how many of what it finds came after that."""
    folder = folder_for(request.user, folder_id)
    view = read_view(request.GET, folder.sort)
    if view.is_filtered:
        catch_up(folder)
    # Whoever may not read the metadata must not find by it: a number is enough to guess a prompt word by word.
    found = items_of_view(folder, view, reads_metadata=may_read_metadata(request.user, folder))
    since = read_revision(request.GET, "since")
    # What came after that has changed after it, and of changes there is an index.
    found = found.filter(revision__gt=since, created_revision__gt=since)
    return JsonResponse({"count": found.order_by()[:MOST_COUNTED].count()})
