"""A folder copied: how much that is, under which name and where, and then it is done."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from gallery.access import NOT_FOUND, by_hand, folder_and_role
from gallery.contract import limits
from gallery.contract.errors import NotifyError
from gallery.folder_tree import editable_tree, trail_to
from gallery.services.folder_copies import copy_folder, folders_to_copy
from gallery.views.errors import action, page
from gallery.views.forms import FolderCopyForm, read_form
from gallery.views.navigation import open_page
from gallery.views.pages import message_context, render_page


@page
def ask_to_copy(request: HttpRequest, folder_id: str) -> HttpResponse:
    """How much is copied. For whoever may see it and has an account, to whom the copy will belong."""
    folder, role = folder_and_role(request.user, folder_id)
    if not request.user.is_authenticated:
        raise NotifyError("not_found", NOT_FOUND["folder"])
    sources = folders_to_copy(by_hand(request.user), folder)
    places = editable_tree(request.user)
    return render_page(
        request,
        "gallery/folder_copy.html",
        folder=folder,
        role=role,
        trail=[*trail_to(request.user, folder), folder],
        here=_("Copy"),
        folder_count=len(sources) - 1,
        item_count=sum(one.item_count for one in sources),
        places=places,
        name=_("%(name)s (copy)") % {"name": folder.name[: limits.NAME_LENGTH - 20]},
        **message_context(request, folder.id),
    )


@action
def copy(request: HttpRequest, folder_id: str) -> HttpResponse:
    """The copy, whose page shows how far it is."""
    said = read_form(FolderCopyForm, request)
    made = copy_folder(by_hand(request.user), folder_id, name=said["name"], parent_id=said["parent"] or None)
    return open_page(request, reverse("gallery:folder", args=[made.id]))
