"""A file is announced: it is refused unseen, or a card stands for it from now on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from gallery.access import Sender, require_editor
from gallery.conf import conf
from gallery.contract.errors import NotifyError
from gallery.media import partial
from gallery.media.formats import clean_claim
from gallery.media.incoming import size_in_words
from gallery.models import Item, PartialUpload
from gallery.models.fields import new_id
from gallery.services.change import Change
from gallery.services.duplicates import require_new
from gallery.services.media import clean_name, new_item
from gallery.services.needs import Needs
from gallery.services.revisions import transact
from gallery.services.stalls import look_later
from gallery.services.uploads import State, path_of

OPEN_UPLOADS = 500  # that one person may have under way


POSITION_BEFORE = timedelta(hours=24)  # how long ago the first of the files that were chosen together may have begun


TOO_MANY = _("You have too many unfinished uploads. Finish or cancel some of them first.")


@dataclass(frozen=True)
class Announced:
    """What is said of a file before its first byte."""

    filename: str
    length: int
    claimed_type: str = ""
    content_hash: str = ""  # SHA-256 in hex, where the sender knows it
    asks_about_duplicates: bool = False
    position_at: datetime | None = None  # of the first of the files that were chosen together
    place: int = 0


def begin_upload(sender: Sender, folder_id: str, announced: Announced) -> PartialUpload:
    """Show a developing card, and make room for the bytes; raises what refuses the file without having seen it."""

    def work(change: Change) -> PartialUpload:
        require_editor(change.role(sender, folder_id))
        if announced.asks_about_duplicates:
            require_new(folder_id, announced.content_hash)
        upload = PartialUpload(
            id=upload_id,
            item_id=item_id,
            folder_id=folder_id,
            user=sender.user,
            name=clean_name(announced.filename),
            claimed_type=clean_claim(announced.claimed_type),
            length=announced.length,
            content_hash=announced.content_hash,
            asks_about_duplicates=announced.asks_about_duplicates,
            position_at=_position(announced, change.now),
            place=announced.place,
            created_at=change.now,
            heard_at=change.now,
        )
        add_card(change, sender, upload)
        partial.create(path_of(upload))
        upload.save(force_insert=True)
        return upload

    _check_length(announced)
    if PartialUpload.objects.filter(user=sender.user, state=State.SENDING).count() >= OPEN_UPLOADS:
        raise NotifyError("conflict", TOO_MANY)
    upload_id, item_id = new_id(), new_id()
    return transact(Needs(folder_ids={folder_id}), work)


def add_card(change: Change, sender: Sender, upload: PartialUpload) -> Item:
    """The item that develops while its file is on the way."""
    item = new_item(
        change,
        sender,
        upload.folder_id,
        id=upload.item_id,
        name=upload.name,
        type=_guess_type(upload.claimed_type),
        status=Item.Status.PROCESSING,
        is_pending=True,
        progress=0.0,
        message="Uploading",
        position_at=upload.position_at,
        place=upload.place,
    )
    look_later(change, item)
    return item


def _check_length(announced: Announced) -> None:
    if announced.length == 0:
        raise NotifyError("invalid", _("The file is empty."))
    is_picture = announced.claimed_type.startswith("image/")
    limit = min(conf.MAX_IMAGE_BYTES, conf.MAX_FILE_BYTES) if is_picture else conf.MAX_FILE_BYTES
    if announced.length > limit:
        said = _("The picture is larger than %(size)s.") if is_picture else _("The file is larger than %(size)s.")
        raise NotifyError("too_large", said % {"size": size_in_words(limit)})


def _position(announced: Announced, now: datetime) -> datetime:
    said = announced.position_at
    return said if said is not None and now - POSITION_BEFORE < said <= now else now


def _guess_type(claimed_type: str) -> str:
    kind = claimed_type.partition("/")[0]
    return kind if kind in (Item.Type.IMAGE, Item.Type.VIDEO, Item.Type.AUDIO) else Item.Type.FILE
