"""What has to be known before a selection is moved, copied or tagged: asked over the folder, or on its own page."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from gallery.access import NOT_FOUND, folder_for, role_in
from gallery.contract import limits
from gallery.contract.errors import NotifyError
from gallery.folder_tree import FOLDERS_LISTED, editable_tree
from gallery.models import Folder, Item, ItemTag
from gallery.services.mass_requests import Selection
from gallery.views.downloads import ITEMS_AT_MOST, items_to_download
from gallery.views.errors import action, page
from gallery.views.mass_actions import read_selection
from gallery.views.navigation import is_from_script
from gallery.views.pages import message_context, render_page, render_part
from gallery.views.selection import find_selected

QUESTIONS = {
    "move": gettext_lazy("Move to"),
    "copy": gettext_lazy("Copy to"),
    "tag": gettext_lazy("Tags"),
    "download": gettext_lazy("Download"),
}
TAGS_OFFERED = 200
NOTHING = gettext_lazy("Nothing is selected, or it is not here any more.")


@action
def ask(request: HttpRequest, folder_id: str, kind: str) -> HttpResponse:
    """The form that does ``kind`` to the selection once it is answered (see ``mass_actions.act``)."""
    folder = folder_for(request.user, folder_id)
    if kind not in QUESTIONS:
        raise NotifyError("invalid", gettext("There is nothing to ask about “%(kind)s”.") % {"kind": kind})
    selection = read_selection(request.POST)
    found = find_selected(request.user, folder, selection.view) if selection.view else Item.objects.living().none()
    number = len(selection.item_ids) + found.exclude(id__in=selection.item_ids).count()
    if not number:
        raise NotifyError("invalid", NOTHING)
    context: dict[str, Any] = {
        "folder": folder,
        "kind": kind,
        "title": QUESTIONS[kind],
        "selection": selection,
        "number": number,
        "role": role_in(request.user, folder.id),
    }
    if kind == "tag":
        context |= _tags(folder, selection, found)
    elif kind == "download":
        context |= _sizes(request, folder, selection)
    else:
        context["places"] = editable_tree(request.user)
        context["has_more_places"] = len(context["places"]) >= FOLDERS_LISTED
    if is_from_script(request):
        return render(request, "gallery/ask/_dialog.html", context)
    back = reverse("gallery:folder", args=[folder.id])
    return render_page(request, "gallery/ask.html", back=back, **context, **message_context(request, folder.id))


@page
def places(request: HttpRequest, folder_id: str, kind: str) -> HttpResponse:
    """Those whose name holds ``?q=``, where there are more than the question lists."""
    folder = folder_for(request.user, folder_id)
    if not request.user.is_authenticated:
        raise NotifyError("not_found", NOT_FOUND["folder"])
    found = editable_tree(request.user, q=request.GET.get("q", "").replace("\0", "").strip()[: limits.NAME_LENGTH])
    return render_part(request, "gallery/ask/_places.html", folder=folder, kind=kind, places=found)


def _sizes(request: HttpRequest, folder: Folder, selection: Selection) -> dict[str, Any]:
    """How much an archive of these would be."""
    newest = items_to_download(request.user, folder, selection).order_by("-order_key")[:ITEMS_AT_MOST]
    with_file = Q(media_file__gt="")
    sums = newest.aggregate(files=Count("pk", filter=with_file), bytes=Sum("size", filter=with_file))
    return {"files": sums["files"], "bytes": sums["bytes"] or 0, "files_at_most": ITEMS_AT_MOST}


def _tags(folder: Folder, selection: Selection, found: QuerySet[Item]) -> dict[str, Any]:
    """Those that the selection has, and those that are used in the folder."""
    tags = ItemTag.objects.filter(item__folder=folder, item__trashed_at=None).order_by("name")
    of_selected = tags.filter(item__in=selection.item_ids)
    if selection.view:
        of_selected |= tags.filter(item__in=found.values("id"))
    return {
        "tags": list(of_selected.values_list("name", flat=True).distinct()[:TAGS_OFFERED]),
        "known_tags": list(tags.values_list("name", flat=True).distinct()[:TAGS_OFFERED]),
    }
