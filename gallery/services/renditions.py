"""Versions of videos for browsers that do not play the original: made by the task worker, in front of everybody."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from threading import Thread

from django.utils import timezone

from gallery.access import SITE
from gallery.contract.errors import NotifyError
from gallery.contract.events import ItemUpdateEvent
from gallery.media import partial
from gallery.media.incoming import keep
from gallery.media.web_videos import make_web_video
from gallery.models import Item
from gallery.services.change import Change
from gallery.services.files import discard_on_commit, media_root
from gallery.services.items import update_item
from gallery.services.needs import Needs
from gallery.services.rendition_queue import BEGUN_FOR
from gallery.services.revisions import transact
from gallery.services.stored_files import discarded_on_failure, incoming_directory

WORDS = "Making a version for browsers"

logger = logging.getLogger(__name__)


def render_item(item_id: str) -> None:
    """Make the version, unless it is there or somebody is at it. Begun anew where a worker was killed."""
    item = Item.objects.with_trash().filter(id=item_id, rendition_due_at__isnull=False).first()
    if item is None:
        return
    destination = incoming_directory() / f"incoming-rendition-{item_id}"
    partial.create(destination)
    with suppress(FileNotFoundError):
        try:
            with partial.held(destination):
                _render(item, destination)
        except NotifyError as error:
            if error.code != "locked":
                raise
            return
        destination.unlink(missing_ok=True)


def _render(item: Item, destination: Path) -> None:
    _report(item, None)
    try:
        _convert(item, destination)
    except (NotifyError, FileNotFoundError) as error:  # the latter: removed meanwhile, or replaced
        if isinstance(error, NotifyError) and error.code == "unavailable":
            raise
        logger.warning("No version for browsers could be made of item %s: %s", item.id, error)
        return _finish(item, "")
    path = keep(destination, media_root(), "mp4")
    with discarded_on_failure(path):
        _finish(item, path)


def _convert(item: Item, destination: Path) -> None:
    """In a thread of its own, which steps back behind those that serve pages."""
    progress: list[float] = []
    failures: list[BaseException] = []

    def work() -> None:
        try:
            make_web_video(media_root() / item.media_file, destination, progress.append)
        except BaseException as error:
            failures.append(error)

    thread = Thread(target=work, name="rendition")
    thread.start()
    said = None
    while thread.is_alive():
        thread.join(1.0)
        if progress and progress[-1] != said:
            said = progress[-1]
            _report(item, 100 * said)
    if failures:
        raise failures[0]


def _report(item: Item, progress: float | None) -> None:
    """It is at work, which everybody sees; and the sweeper knows that nobody needs to be asked again."""

    def work(change: Change) -> None:
        row = _still(change, item)
        if row is not None:
            if row.status == Item.Status.COMPLETE or _is_ours(row):
                event = ItemUpdateEvent(item_id=item.id, status="processing", progress=progress, message=WORDS)
                update_item(change, SITE, event)
            row.rendition_due_at = timezone.now() + BEGUN_FOR
            change.touch(row, "rendition_due_at")

    transact(Needs(item_ids={item.id}), work)


def _finish(item: Item, path: str) -> None:
    def work(change: Change) -> None:
        row = _still(change, item)
        if row is None:
            return discard_on_commit(path)
        discard_on_commit(row.rendition_file)
        row.rendition_file, row.rendition_due_at = path, None
        change.touch_item(row, "card", "rendition_file", "rendition_due_at")
        if _is_ours(row):
            update_item(change, SITE, ItemUpdateEvent(item_id=item.id, status="complete"))

    transact(Needs(item_ids={item.id}), work)


def _is_ours(row: Item) -> bool:
    """Pending because of this, or given up in the midst of it; else its worker says itself when it is finished."""
    return row.message == WORDS if row.is_pending else row.status == Item.Status.ERROR and row.stalled_at is not None


def _still(change: Change, item: Item) -> Item | None:
    """The item, if it still has the file that this is about."""
    row = change.items.get(item.id)
    return row if row is not None and row.media_file == item.media_file and row.rendition_due_at else None
