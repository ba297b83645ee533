"""The home page, a folder's page, and making a folder."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from gallery.access import folder_and_role, may_read_metadata
from gallery.folder_list import list_folders
from gallery.folder_page import FOLDERS, FolderPage, load_page
from gallery.folder_tree import trail_to
from gallery.generators.registry import all_generators
from gallery.models import Folder
from gallery.search.choices import with_batch_label
from gallery.search.view import read_view
from gallery.services.folders import create_folder as make_folder
from gallery.views.errors import action, page
from gallery.views.forms import FolderForm, read_cursor, read_form, read_layout
from gallery.views.navigation import open_page
from gallery.views.own_actions import own_actions
from gallery.views.pages import message_context, not_dismissed, render_page, render_part, wants_part


@page
def home(request: HttpRequest) -> HttpResponse:
    """All folders that this person may see, or those that ``?q=`` finds, from ``?cursor=`` on."""
    context = message_context(request)
    found = list_folders(request.user, q=request.GET.get("q", ""), cursor=read_cursor(request))
    return render_page(
        request,
        "gallery/home.html",
        found=found,
        folders=found.folders,
        own_actions=own_actions(request),
        **context,
    )


@page
def folder(request: HttpRequest, folder_id: str) -> HttpResponse:
    """One folder: all its items or what a view of it finds, from ``?cursor=`` on or up to ``?before=``."""
    folder, role = folder_and_role(request.user, folder_id, FOLDERS)
    shown = asked_page(request, folder)
    shown.system_messages = not_dismissed(request, shown.system_messages)
    if wants_part(request):
        return render_part(request, "gallery/folder/_part.html", page=shown, folder=folder)
    context = {"page": shown, "folder": folder, "role": role, "layout": read_layout(request)}
    context |= {"trail": trail_to(request.user, folder), "generators": all_generators()}
    context["own_actions"] = own_actions(request, folder.id)
    return render_page(request, "gallery/folder.html", **context)


def asked_page(request: HttpRequest, folder: Folder) -> FolderPage:
    """The page of a folder that the address asks for, found by no more than this person may read."""
    view = with_batch_label(folder, read_view(request.GET, folder.sort))
    return load_page(
        folder,
        view,
        reads_metadata=bool(view.q) and may_read_metadata(request.user, folder),
        cursor=read_cursor(request),
        before=read_cursor(request, "before"),
    )


@action
def create_folder(request: HttpRequest) -> HttpResponse:
    """A new folder, and its page."""
    said = read_form(FolderForm, request)
    parent_id = said.pop("parent") or None
    folder = make_folder(request.user, parent_id=parent_id, **said)
    url = reverse("gallery:folder", args=[folder.id])
    return open_page(request, url)
