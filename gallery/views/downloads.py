"""Downloading: one file under its name, or many as a ZIP that is made while it is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, gettext_lazy

from gallery.access import folder_for, item_for, visible_items
from gallery.contract.errors import NotifyError
from gallery.live.threads import DOWNLOADS, in_thread
from gallery.media.archive import Archive, Entry
from gallery.media.serving import media_response, safe_name
from gallery.models import Folder, Item
from gallery.services.files import media_root
from gallery.services.mass_requests import Selection
from gallery.views.errors import action, page
from gallery.views.mass_actions import read_selection
from gallery.views.selection import find_selected

ITEMS_AT_MOST = 10_000
ELSEWHERE = gettext_lazy("its file lies elsewhere, at %(address)s")
NOT_YET = gettext_lazy("it has no file yet.")
TOO_MANY = gettext_lazy("an archive holds %(count)s files at most. Select these and download them on their own.")
NOTHING_TO_TAKE = gettext_lazy("None of these items is there any more.")


@page
def download_item(request: HttpRequest, item_id: str) -> HttpResponseBase:
    """The item's file, to be kept and not shown."""
    item = item_for(request.user, item_id)
    if not item.media_file:
        raise Http404("There is no file of this item here.")
    file = media_root() / item.media_file
    # As a type that no browser shows: the answer is then an attachment.
    return media_response(
        request, file, content_type="application/octet-stream", download_name=item.name, cache="private, no-cache"
    )


@page
def download_folder(request: HttpRequest, folder_id: str) -> HttpResponseBase:
    """All files of a folder, the newest first; how many did not go in, the archive says."""
    folder = folder_for(request.user, folder_id)
    return _archive_of(request, folder, visible_items(request.user).filter(folder=folder))


@action
def download_selected(request: HttpRequest, folder_id: str) -> HttpResponseBase:
    """All that a view of the folder finds, also what no page shows, and besides what is named."""
    folder = folder_for(request.user, folder_id)
    return _archive_of(request, folder, items_to_download(request.user, folder, read_selection(request.POST)))


def items_to_download(user: Any, folder: Folder, selection: Selection) -> QuerySet[Item]:
    """Those of a selection that this person may see."""
    wanted = visible_items(user).filter(folder=folder)
    named = Q(id__in=selection.item_ids)
    if not selection.view:
        return wanted.filter(named)
    found = find_selected(user, folder, selection.view).order_by().values("id")
    return wanted.filter(named | Q(id__in=found)) if selection.item_ids else wanted.filter(id__in=found)


def _archive_of(request: HttpRequest, folder: Folder, items: QuerySet[Item]) -> StreamingHttpResponse:
    """The newest of them; of the others it says how many they are."""
    ids = items.order_by("-order_key").values_list("id", "name")
    wanted = list(ids[:ITEMS_AT_MOST])
    if not wanted and request.method == "POST":
        raise NotifyError("not_found", NOTHING_TO_TAKE)
    rest = ids.count() - len(wanted) if len(wanted) == ITEMS_AT_MOST else 0
    return _archive(request, wanted, folder.name, rest)


@action
def download_items(request: HttpRequest) -> HttpResponseBase:
    """The files of what is selected: ``item`` (repeated) or ``items`` (ids with blanks between)."""
    wanted = read_selection(request.POST).item_ids
    if len(wanted) > ITEMS_AT_MOST:
        raise NotifyError(
            "too_large",
            gettext("At most %(count)s files at once.") % {"count": number_format(ITEMS_AT_MOST, force_grouping=True)},
        )
    names = dict(visible_items(request.user).filter(id__in=wanted).values_list("id", "name"))
    if not names:
        raise NotifyError("not_found", NOTHING_TO_TAKE)
    return _archive(request, [(item_id, names[item_id]) for item_id in wanted if item_id in names], gettext("Pictures"))


class AsyncArchive:
    """For ASGI, where Django would gather a synchronous iterator in memory. Each piece is made on a thread."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = iter(self._archive)
        while (piece := await in_thread(DOWNLOADS, next, pieces, None)) is not None:
            if piece:
                yield piece


def _archive(
    request: HttpRequest, wanted: Sequence[tuple[str, str]], name: str, rest: int = 0
) -> StreamingHttpResponse:
    left_out = []
    if rest > 0:
        older = gettext("%(count)s older") % {"count": number_format(rest, force_grouping=True)}
        left_out = [
            Entry(older, None, timezone.now(), TOO_MANY % {"count": number_format(ITEMS_AT_MOST, force_grouping=True)})
        ]
    archive = Archive(chain(_entries(request.user, wanted), left_out))
    pieces = AsyncArchive(archive) if isinstance(request, ASGIRequest) else archive
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, f"{safe_name(name)}.zip") or ""
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Accel-Buffering"] = "no"  # a proxy shall not gather it either
    return response


def _entries(user: Any, wanted: Iterable[tuple[str, str]]) -> Iterator[Entry]:
    """What is there when its turn has come, and may still be seen by this person.

    Each is asked for by itself: an archive may take hours, and what is thrown away meanwhile shall not go into it.
    """
    items = visible_items(user).defer("metadata")
    for item_id, name in wanted:
        yield _entry(items.filter(id=item_id).first(), name)


def _entry(item: Item | None, name: str) -> Entry:
    if item is None:
        return Entry(name, None, timezone.now())
    if item.media_file:
        return Entry(item.name, media_root() / item.media_file, item.created_at)
    why = ELSEWHERE % {"address": item.media_url} if item.media_url else str(NOT_YET)
    return Entry(item.name, None, item.created_at, why)
