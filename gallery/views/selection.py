"""What a person has selected: items by their ids, or all that a view of a folder finds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse, QueryDict

from gallery.access import User, folder_for, may_edit, may_read_metadata, role_of, storable
from gallery.models import Folder, Item
from gallery.search.find import items_of_view
from gallery.search.view import read_view
from gallery.services.search_index import catch_up
from gallery.views.errors import page

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@page
def count_selection(request: HttpRequest, folder_id: str) -> JsonResponse:
    """How many "select all" means: ``?all=REVISION`` and what else makes the view."""
    folder = folder_for(request.user, folder_id)
    return JsonResponse({"count": _items_selected(request.user, folder, request.GET).count()})


def microseconds(moment: datetime) -> int:
    """Since 1970."""
    return (moment - EPOCH) // MICROSECOND


def thrown_at(moment: int) -> str:
    """The view of a folder that finds what was thrown away together at that moment, and still lies in its trash."""
    return f"thrown={moment}"


def thrown_until(moment: int) -> str:
    """The view of a folder that finds what lay in its trash at that moment."""
    return f"thrown-until={moment}"


def arrived_at(revisions: Iterable[int]) -> str:
    """The view of a folder that finds what came into it at those revisions, and has not left it since."""
    return f"arrived={'+'.join(map(str, revisions))}"


def find_selected(user: User, folder: Folder, view: str) -> QuerySet[Item]:
    """What was counted, where it is kept as one text: the query of the view's address with ``all`` and ``except``.

    Read here, as Django refuses an address with more than a thousand parts; ``VIEW_LENGTH`` bounds the text.
    """
    said = QueryDict(mutable=True)
    for name, value in parse_qsl(view, keep_blank_values=True):
        said.appendlist(name, value)
    return _items_selected(user, folder, said)


def _items_selected(user: User, folder: Folder, said: QueryDict) -> QuerySet[Item]:
    """All that the view finds, but for what came into the folder after the person had said so, and ``except``.

    Whoever may not read the metadata must not find by it either: a number is enough to guess a prompt word by word.
    Nor is anything found in the trash for who may not look into it.
    """
    if "thrown" in said or "thrown-until" in said:
        trash = Item.objects.trashed().filter(folder=folder)
        if not may_edit(role_of(user, folder)):
            return trash.none()
        if "thrown" in said:
            return trash.filter(trashed_at=_moment(said["thrown"]))
        return trash.filter(trashed_at__lte=_moment(said["thrown-until"]))
    if "arrived" in said:
        revisions = [int(text) for text in said["arrived"].split() if is_number(text)]
        came = Item.objects.living().filter(folder=folder, created_revision__in=revisions)
        return came.filter(revision__gte=min(revisions, default=0))  # what the index can be asked for
    view = read_view(said)
    if view.is_filtered:
        catch_up(folder)
    found = items_of_view(folder, view, reads_metadata=may_read_metadata(user, folder))
    spared = [storable(item_id) for item_id in said.getlist("except")]
    return found.filter(created_revision__lte=_revision(said)).exclude(id__in=spared)


def _revision(said: QueryDict) -> int:
    text = said.get("all", "")
    return int(text) if is_number(text) else 0


def is_number(text: str) -> bool:
    """Of such a length that either database can compare with it."""
    return text.isascii() and text.isdecimal() and len(text) <= 18


def _moment(text: str) -> datetime:
    try:
        return EPOCH + int(text) * MICROSECOND if is_number(text) else EPOCH
    except OverflowError:
        return EPOCH
