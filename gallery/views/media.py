"""Stored files, for whoever may see the item. Each version has an address of its own, so browsers keep it for good."""

from __future__ import annotations

from pathlib import PurePosixPath

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from gallery.access import batch_for, item_for
from gallery.contract.errors import NotifyError
from gallery.media.serving import media_response
from gallery.models import BatchSlot, Item
from gallery.models.batch import Placeholder
from gallery.models.item import file_url
from gallery.services.files import media_root
from gallery.services.smaller_thumbnails import smaller_thumbnail

KEPT_FOR_GOOD = "private, max-age=31536000, immutable"  # a year; private, for others may not see it
NOTHING = "There is no such file, or you may not see it."
MADE_HERE = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".mp4": "video/mp4"}


@require_safe
def item_file(request: HttpRequest, item_id: str, version: str, kind: str) -> HttpResponseBase:
    """The item's file, thumbnail or preview; an old version's address leads to what is there now."""
    try:
        item = item_for(request.user, item_id, with_trash=True)
    except NotifyError as error:
        raise Http404(NOTHING) from error
    path = getattr(item, f"{kind.rstrip('24')}_file")
    current = file_url(item.id, path, kind)
    if request.path != current:
        return _moved(current or _in_place_of(item, kind))
    if kind.startswith("thumb") and kind != "thumb":
        path = smaller_thumbnail(path, int(kind.removeprefix("thumb")))
    content_type = item.content_type if kind == "media" else _type_of(path)
    return _kept(request, path, content_type, item.name)


@require_safe
def slot_preview(request: HttpRequest, batch_id: str, index: int, version: str) -> HttpResponseBase:
    """What a placeholder's picture looks like so far."""
    try:
        batch = batch_for(request.user, batch_id)
    except NotifyError as error:
        raise Http404(NOTHING) from error
    slot = BatchSlot.objects.filter(batch=batch, index=index).first()
    if slot is None:
        raise Http404(NOTHING)
    current = Placeholder(batch, index, slot).preview_url
    if request.path != current:
        return _moved(current)
    return _kept(request, slot.preview_file, _type_of(slot.preview_file), f"{batch.label} {index + 1}")


def _in_place_of(item: Item, kind: str) -> str:
    """A page that is a moment behind asks for the preview of a picture which is finished by now."""
    return file_url(item.id, item.thumb_file, "thumb") if kind == "preview" else ""


def _moved(url: str) -> HttpResponseRedirect:
    if not url:
        raise Http404(NOTHING)
    return HttpResponseRedirect(url, headers={"Cache-Control": "no-store"})


def _kept(request: HttpRequest, path: str, content_type: str, name: str) -> HttpResponseBase:
    file = media_root() / path
    return media_response(request, file, content_type=content_type, download_name=name, cache=KEPT_FOR_GOOD)


def _type_of(path: str) -> str:
    return MADE_HERE.get(PurePosixPath(path).suffix, "application/octet-stream")
