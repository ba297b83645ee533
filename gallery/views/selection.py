"""What a person has selected: items by their ids, or all that a view of a folder finds."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse, QueryDict

from gallery.access import folder_for
from gallery.folder_page import items_of_view
from gallery.models import Folder, Item
from gallery.views.errors import page
from gallery.views.forms import read_search


@page
def count_selection(request: HttpRequest, folder_id: str) -> JsonResponse:
    """How many "select all" means: ``?all=REVISION`` and what else makes the view."""
    folder = folder_for(request.user, folder_id)
    return JsonResponse({"count": items_selected(request.GET, folder).count()})


def items_selected(said: QueryDict, folder: Folder) -> QuerySet[Item]:
    """All that the view finds, but for what came into the folder after the person had said so, and ``except``."""
    found = items_of_view(folder, query=read_search(said))
    return found.filter(created_revision__lte=_revision(said)).exclude(id__in=said.getlist("except"))


def find_selected(folder: Folder, view: str) -> QuerySet[Item]:
    """The same, where it was kept as one text: the query of the view's address with ``all`` and ``except``."""
    return items_selected(QueryDict(view), folder)


def _revision(said: QueryDict) -> int:
    text = said.get("all", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else 0
