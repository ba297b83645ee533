"""The trash, of a folder or of all that one may change: looked at, searched, taken out of, emptied."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from gallery.access import NOT_FOUND, by_hand, folder_and_role, require_editor
from gallery.contract.errors import NotifyError
from gallery.folder_tree import trail_to
from gallery.models import Folder, Item
from gallery.search.trash import find_trash
from gallery.services.mass_requests import Selection, act_on_selection
from gallery.services.trash import TRASH_KEPT
from gallery.trash_list import mark_of, trash_of
from gallery.views.errors import action, page
from gallery.views.forms import read_cursor
from gallery.views.navigation import done
from gallery.views.pages import message_context, render_page
from gallery.views.selection import find_selected, microseconds, thrown_until

PAGE_SIZE = 60
QUERY_LENGTH = 200
NAMED = 5  # of the folders whose trash could not be emptied


@page
def trash(request: HttpRequest, folder_id: str) -> HttpResponse:
    """What was thrown away here, last first, after ``?cursor=``; ``?q=`` finds by name."""
    folder, role = folder_and_role(request.user, folder_id)
    require_editor(role)
    trail = [*trail_to(request.user, folder), folder]
    return _show(request, trash_of(request.user, folder.id), folder=folder, role=role, trail=trail)


@page
def all_trash(request: HttpRequest) -> HttpResponse:
    """The same of all folders that this person may change."""
    if not request.user.is_authenticated:
        raise NotifyError("not_found", NOT_FOUND["folder"])
    return _show(request, trash_of(request.user), trail=[])


def _show(request: HttpRequest, items: QuerySet[Item], **context: Any) -> HttpResponse:
    mark = mark_of(items)  # before they are read: what comes meanwhile is fetched once more
    thrown = items.select_related("trashed_by", "folder").defer("metadata")
    if q := request.GET.get("q", "").replace("\0", "").strip()[:QUERY_LENGTH]:
        thrown = thrown.filter(name__icontains=q)
    try:
        shown, next_cursor = find_trash(thrown, cursor=read_cursor(request), limit=PAGE_SIZE)
    except NotifyError:  # nonsense is the beginning, for addresses are passed on and shortened
        shown, next_cursor = find_trash(thrown, cursor="", limit=PAGE_SIZE)
    for item in shown:
        item.goes_at = item.trashed_at + TRASH_KEPT
        item.place = f"{microseconds(item.trashed_at):017d}!{item.id}"  # what is newer stands further up
    context |= {"here": _("Trash"), "mark": mark, "items": shown, "count": thrown.count(), "q": q}
    context["next_cursor"] = next_cursor
    folder = context.get("folder")
    return render_page(request, "gallery/trash.html", **context, **message_context(request, folder and folder.id))


@action
def empty(request: HttpRequest, folder_id: str) -> HttpResponse:
    """Delete all of it for good: in the background, where it is very much."""
    folder, role = folder_and_role(request.user, folder_id)
    require_editor(role)
    if _empty(request, [folder]):
        raise NotifyError("conflict", _("Too much is at work in this folder: empty its trash in a while."))
    return done(request, reverse("gallery:trash", args=[folder.id]))


@action
def empty_all(request: HttpRequest) -> HttpResponse:
    """The same in all folders that this person may change."""
    thrown = trash_of(request.user)
    kept = _empty(request, list(Folder.objects.filter(id__in=thrown.values("folder")).order_by("id")))
    if kept:
        said = {"folders": ", ".join(kept[:NAMED]), "more": " …" if len(kept) > NAMED else ""}
        message = _("All but that of %(folders)s%(more)s, where too much is at work: empty it again in a while.")
        raise NotifyError("conflict", message % said)
    return done(request, reverse("gallery:all_trash"))


def _empty(request: HttpRequest, folders: list[Folder]) -> list[str]:
    """Empties what can be; returns the names of the folders in which it cannot be asked for now."""
    view = thrown_until(microseconds(timezone.now()))
    sender, kept = by_hand(request.user), []
    for folder in folders:
        if not find_selected(request.user, folder, view).exists():
            continue
        try:
            act_on_selection(sender, folder, "purge", {}, Selection(view=view), find_selected)
        except NotifyError as error:
            if error.code != "conflict":
                raise
            kept.append(folder.name)
    return kept
