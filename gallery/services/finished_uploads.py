"""All bytes of an upload are here: it becomes what it is, or its sender is told why not."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from gallery.access import Sender, require_editor
from gallery.contract.errors import NotifyError
from gallery.contract.events import ItemUpdateEvent
from gallery.media import partial
from gallery.media.recipes import bounded
from gallery.models import Item, PartialUpload
from gallery.services.announced_uploads import add_card
from gallery.services.change import Change
from gallery.services.duplicates import AlreadyHere, require_new
from gallery.services.items import update_item
from gallery.services.media import FILE_FIELDS, put_file
from gallery.services.needs import Needs
from gallery.services.revisions import transact
from gallery.services.stored_files import KeptFile, discarded_on_failure, keep_media, look_into
from gallery.services.uploads import GONE, REMOVED, State, path_of, report, take_back

DAMAGED = _("The file did not arrive as it was sent. Send it again.")
NOT_ALL = _("The file is not here as a whole.")
TRY_AGAIN = ("unavailable", "locked")  # the file is as good as before


def finish_upload(sender: Sender, upload: PartialUpload) -> None:
    """Look into the file and finish its item. Raises ``AlreadyHere``, or what refuses it; said again each time."""
    if upload.state == State.DONE:
        return
    if upload.state == State.REFUSED:
        raise NotifyError("invalid", upload.message)
    if upload.state == State.WAITING:
        require_new(upload.folder_id, upload.content_hash)
        return keep_both(sender, upload)  # what was the same has gone meanwhile
    path = path_of(upload)
    with partial.held(path):
        _read_anew(upload, path)
        if upload.state == State.SENDING:
            return _finish_or_settle(sender, upload, path)
    return finish_upload(sender, upload)  # another request has finished it meanwhile, and says what became of it


def _read_anew(upload: PartialUpload, path: Path) -> None:
    """Under the file's lock; to take that made a file anew, where another request has done with it."""
    try:
        upload.refresh_from_db()
    except PartialUpload.DoesNotExist:
        path.unlink(missing_ok=True)
        raise NotifyError("not_found", GONE) from None
    if upload.state in (State.DONE, State.REFUSED):
        path.unlink(missing_ok=True)


def _finish_or_settle(sender: Sender, upload: PartialUpload, path: Path) -> None:
    try:
        _finish(sender, upload, path)
    except AlreadyHere:
        _settle(upload, State.WAITING)
        raise
    except NotifyError as error:
        if error.code not in TRY_AGAIN:
            _settle(upload, State.REFUSED, error.message)
            path.unlink(missing_ok=True)
        raise
    except FileNotFoundError:
        if PartialUpload.objects.filter(pk=upload.pk).exists():
            raise
        raise NotifyError("not_found", GONE) from None  # cancelled while it was looked into
    path.unlink(missing_ok=True)


def keep_both(sender: Sender, upload: PartialUpload) -> None:
    """Its sender has been told that the file is already here, and wants it all the same."""

    def work(change: Change) -> None:
        require_editor(change.role(sender, upload.folder_id))
        waiting = PartialUpload.objects.filter(pk=upload.pk, state=State.WAITING)
        if waiting.update(asks_about_duplicates=False, state=State.SENDING):  # else somebody pressed it twice
            add_card(change, sender, upload)

    if upload.state == State.SENDING:
        raise NotifyError("conflict", NOT_ALL)
    if upload.state == State.WAITING:
        transact(Needs(folder_ids={upload.folder_id}), work)
        try:
            upload.refresh_from_db()
        except PartialUpload.DoesNotExist:
            raise NotifyError("not_found", GONE) from None
    return finish_upload(sender, upload)


def _finish(sender: Sender, upload: PartialUpload, path: Path) -> None:
    def work(change: Change) -> None:
        if upload.item_id not in change.items:
            raise NotifyError("not_found", REMOVED)
        item = change.item(sender, upload.item_id)
        if upload.asks_about_duplicates:
            require_new(item.folder_id, digest)
        if upload.recipe and not item.metadata:
            item.metadata = bounded(facts.recipe | upload.recipe)
        _put(change, sender, item, kept)
        upload.state = State.DONE
        upload.save(update_fields=["state"])

    report(sender, upload, "Looking into it")
    digest = partial.digest_of(path)
    if upload.content_hash not in ("", digest):
        raise NotifyError("invalid", DAMAGED)
    upload.content_hash = digest
    if upload.asks_about_duplicates:
        require_new(upload.folder_id, digest)
    facts = look_into(path, upload.claimed_type, upload.name)
    kept = keep_media(partial.twin(path), facts, digest)
    with discarded_on_failure(*kept.paths):
        transact(Needs(item_ids={upload.item_id}), work)


def _put(change: Change, sender: Sender, item: Item, kept: KeptFile) -> None:
    put_file(item, kept)
    change.touch_item(item, "card", *FILE_FIELDS)
    update_item(change, sender, ItemUpdateEvent(item_id=item.id, status="complete"))


def _settle(upload: PartialUpload, state: PartialUpload.State, message: str = "") -> None:
    """Nothing becomes of the card for now; whoever asks again hears the same. The row may be gone by now."""
    take_back(upload)
    upload.state, upload.message = state, message[:2000]
    PartialUpload.objects.filter(pk=upload.pk).update(
        state=upload.state, message=upload.message, content_hash=upload.content_hash
    )
