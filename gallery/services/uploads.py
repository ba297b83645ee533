"""Files that a person sends piece by piece: each is an item that develops in front of everybody from its first byte on.

What is here is kept for a day after its last byte, so a connection, a browser or a server may go meanwhile. A file that
is refused, cancelled or already here takes its card along: what is left to say is said to its sender.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gallery.access import Sender, storable
from gallery.contract.errors import NotifyError
from gallery.contract.events import ItemUpdateEvent
from gallery.contract.items import ItemChanges
from gallery.media import partial
from gallery.models import Item, PartialUpload
from gallery.services.change import Change
from gallery.services.items import update_item
from gallery.services.needs import Needs
from gallery.services.revisions import transact
from gallery.services.stored_files import incoming_directory

KEPT_FOR = timedelta(hours=24)  # after the last byte
REPORT_EVERY = timedelta(seconds=0.4)  # of each file, to all who look

GONE = _("There is no such upload: it has ended, or has been removed.")
REMOVED = _("Somebody has removed it meanwhile.")

State = PartialUpload.State


def upload_for(sender: Sender, upload_id: str) -> PartialUpload:
    """One of the sender's own uploads; raises ``not_found``."""
    upload = PartialUpload.objects.filter(id=storable(upload_id), user=sender.user).first()
    if upload is None:
        raise NotifyError("not_found", GONE)
    return upload


def offset_of(upload: PartialUpload) -> int:
    """How many of its bytes are here; raises ``not_found`` where they have been lost."""
    if upload.state in (State.DONE, State.REFUSED):
        return upload.length
    size = partial.size_of(path_of(upload))
    if size is None:
        raise NotifyError("not_found", GONE)
    return size


def append_piece(
    sender: Sender,
    upload: PartialUpload,
    offset: int,
    chunks: Iterable[bytes],
    checksum: partial.Checksum | None = None,
) -> int:
    """Keep the next bytes, and tell everybody how far it is; returns how many are here now."""
    require_item(upload)
    end = partial.append(path_of(upload), offset, chunks, length=upload.length, checksum=checksum)
    if end < upload.length and timezone.now() - upload.heard_at >= REPORT_EVERY:
        report(sender, upload, progress=100 * end / upload.length, seconds=_seconds_left(upload, end))
    return end


def report(
    sender: Sender,
    upload: PartialUpload,
    message: str = "Uploading",
    *,
    progress: float | None = None,
    seconds: float | None = None,
) -> None:
    """A progress tick of the card."""
    changes = ItemChanges(estimated_time_seconds=seconds)
    event = ItemUpdateEvent(
        item_id=upload.item_id, status="processing", progress=progress, message=message, item=changes
    )
    upload.heard_at = timezone.now()

    def work(change: Change) -> None:
        update_item(change, sender, event)
        upload.save(update_fields=["heard_at"])

    transact(Needs(item_ids={upload.item_id}), work)


def cancel_upload(upload: PartialUpload) -> None:
    """Its sender wants it no more: the card goes, and the bytes."""
    take_back(upload)
    _forget(upload)


def take_back(upload: PartialUpload) -> None:
    """Remove the card of what never became an item."""

    def work(change: Change) -> None:
        item = change.items.get(upload.item_id)
        if item is not None and not item.media_file:
            change.remove_item(item)

    transact(Needs(item_ids={upload.item_id}), work)


def require_item(upload: PartialUpload) -> None:
    """Raise ``not_found`` where somebody has removed the card: nobody waits for the file any more."""
    if not Item.objects.living().filter(id=upload.item_id).exists():
        cancel_upload(upload)
        raise NotifyError("not_found", REMOVED)


def forget_uploads(now: datetime) -> None:
    """Those whose last byte came long ago."""
    for upload in PartialUpload.objects.filter(heard_at__lt=now - KEPT_FOR)[:200]:
        if upload.state == State.SENDING:
            take_back(upload)
        _forget(upload)


def _forget(upload: PartialUpload) -> None:
    path = path_of(upload)  # by its id, which the row loses
    upload.delete()
    path.unlink(missing_ok=True)


def path_of(upload: PartialUpload) -> Path:
    """Where its bytes gather; named like all that arrives, so what no row knows of goes like all that was abandoned."""
    return incoming_directory() / f"incoming-upload-{upload.id}"


def _seconds_left(upload: PartialUpload, end: int) -> float:
    passed = (timezone.now() - upload.created_at).total_seconds()
    return min(30 * 24 * 3600.0, passed / end * (upload.length - end))
