"""What is changed of a folder: name, order, place and visibility; its cover; and whether it goes, after a question."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from gallery.access import Role, by_hand, folder_and_role, folder_for, item_for, require_editor
from gallery.contract.errors import NotifyError
from gallery.folder_tree import editable_tree, trail_to
from gallery.models import Folder, Item
from gallery.services.folder_removal import contents_of, delete_folder
from gallery.services.folders import OWNERS_ONLY, edit_folder
from gallery.views.errors import action, page
from gallery.views.forms import FolderChangesForm, read_form
from gallery.views.navigation import done, open_page
from gallery.views.own_actions import HAS_OWN
from gallery.views.pages import message_context, render_page

STAYS = "(stays)"  # in place of a folder's id, which no id can be


@page
def settings(request: HttpRequest, folder_id: str) -> HttpResponse:
    """The form with what can be changed."""
    folder, role = folder_and_role(request.user, folder_id)
    require_editor(role)
    places = editable_tree(request.user, without=folder)
    offered = {None, *(branch.folder.id for branch in places)}
    return render_page(
        request,
        "gallery/folder_settings.html",
        folder=folder,
        role=role,
        trail=[*trail_to(request.user, folder), folder],
        here=_("Settings"),
        places=places,
        stays="" if folder.parent_id in offered else STAYS,
        sorts=Folder.Sort.choices,
        visibilities=Folder.Visibility.choices,
        **message_context(request, folder.id),
    )


@action
def change(request: HttpRequest, folder_id: str) -> HttpResponse:
    """Keep what the form says."""
    folder = folder_for(request.user, folder_id)
    said = read_form(FolderChangesForm, request)
    changes = {"name": said["name"], "sort": said["sort"]}
    if said["parent"] != STAYS and "parent" in request.POST and (said["parent"] or None) != folder.parent_id:
        changes["parent_id"] = said["parent"] or None
    if said["visibility"] and said["visibility"] != folder.visibility:
        changes["visibility"] = said["visibility"]
    edit_folder(by_hand(request.user), folder_id, changes)
    return open_page(request, reverse("gallery:folder", args=[folder_id]))


@page
def ask_to_delete(request: HttpRequest, folder_id: str) -> HttpResponse:
    """How much goes with it."""
    folder, role = folder_and_role(request.user, folder_id)
    require_editor(role)
    contents = contents_of(by_hand(request.user), folder)
    return render_page(
        request,
        "gallery/folder_delete.html",
        folder=folder,
        role=role,
        trail=[*trail_to(request.user, folder), folder],
        here=_("Delete"),
        contents=contents,
        trashed_count=Item.objects.trashed().filter(folder__in=[one.id for one in contents.going]).count(),
        may_delete=role == Role.OWNER,
        owners_only=OWNERS_ONLY,
        **message_context(request, folder.id),
    )


@action
def delete(request: HttpRequest, folder_id: str) -> HttpResponse:
    """The folder goes, with what is in it; the person goes to where it stood."""
    folder = folder_for(request.user, folder_id)
    delete_folder(by_hand(request.user), folder_id)
    request.session[HAS_OWN] = True
    around = trail_to(request.user, folder)
    return open_page(request, reverse("gallery:folder", args=[around[-1].id]) if around else reverse("gallery:home"))


@action
def choose_cover(request: HttpRequest, item_id: str) -> HttpResponse:
    """Let this item stand for its folder; said again, the newest one does."""
    item = item_for(request.user, item_id)
    if not item.thumb_url:
        raise NotifyError("conflict", _("Only an item with a picture can be a cover."))
    cover_id = None if item.folder.cover_id == item.id else item.id
    edit_folder(by_hand(request.user), item.folder_id, {"cover_id": cover_id})
    return done(request, reverse("gallery:item", args=[item_id]))
