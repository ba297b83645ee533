"""Versions of videos for browsers that do not play the original: made by the task worker, in front of everybody."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from django.utils import timezone

from gallery.access import SITE, Sender
from gallery.contract.errors import NotifyError
from gallery.contract.events import ItemUpdateEvent
from gallery.media import partial
from gallery.media.incoming import keep
from gallery.media.web_videos import Shape, make_web_video
from gallery.models import Item
from gallery.services.change import Change
from gallery.services.files import discard_on_commit, media_root
from gallery.services.items import update_item
from gallery.services.needs import Needs
from gallery.services.rendition_queue import BEGUN_FOR
from gallery.services.rendition_shapes import forget_shape, recall_shape, remember_shape
from gallery.services.revisions import transact
from gallery.services.stored_files import discarded_on_failure, incoming_directory

WORDS = "Making a version for browsers"
NO_FILM = "There is no video file of this item here."
AT_WORK = "This is still at work; wait until it is finished."

logger = logging.getLogger(__name__)


def render_item(item_id: str) -> None:
    """Make the version, unless it is there or somebody is at it. Begun anew where a worker was killed."""
    item = Item.objects.with_trash().filter(id=item_id, rendition_due_at__isnull=False).first()
    if item is None:
        return
    destination = _destination(item)
    with suppress(FileNotFoundError):
        try:
            with partial.held(destination):
                _render(item, destination, recall_shape(destination, item))
        except NotifyError as error:
            if error.code != "locked":
                raise
            return
        destination.unlink(missing_ok=True)
        forget_shape(destination)


def render_again(sender: Sender, item_id: str, shape: Shape, report: Callable[[float | None], None]) -> None:
    """Make another version, of this shape; the one that is there serves until then, and stays where this fails.

    ``report`` is told how far it is (0–100, None: nobody knows), and ends it by raising. Raises ``NotifyError``.
    """
    item = transact(Needs(item_ids={item_id}), lambda change: _ask_again(change, sender, item_id))
    destination = _destination(item)

    def tell(progress: float | None) -> None:
        report(progress)
        _report(item, progress)

    try:
        with partial.held(destination):
            remember_shape(destination, item, shape)
            tell(None)
            _convert(item, destination, tell, shape)
            path = keep(destination, media_root(), "mp4")
    except BaseException as error:
        if isinstance(error, NotifyError) and error.code == "locked":  # whoever is at it goes on
            raise NotifyError("conflict", AT_WORK) from error
        destination.unlink(missing_ok=True)
        forget_shape(destination)
        _finish(item, None)
        raise
    with discarded_on_failure(path):
        _finish(item, path)
    forget_shape(destination)


def _ask_again(change: Change, sender: Sender, item_id: str) -> Item:
    item = change.item(sender, item_id)
    if item.is_pending and not _is_ours(item):  # else the lock on its file says whether anybody is at it
        raise NotifyError("conflict", AT_WORK)
    if item.type != Item.Type.VIDEO or not item.media_file:
        raise NotifyError("invalid", NO_FILM)
    item.rendition_due_at = timezone.now() + BEGUN_FOR  # should this worker be killed, another one makes it
    change.touch(item, "rendition_due_at")
    return item


def _destination(item: Item) -> Path:
    """The file in which it grows; a lock on it says that somebody is at it."""
    destination = incoming_directory() / f"incoming-rendition-{item.id}"
    partial.create(destination)
    return destination


def _render(item: Item, destination: Path, shape: Shape) -> None:
    _report(item, None)
    try:
        _convert(item, destination, lambda progress: _report(item, progress), shape)
    except (NotifyError, FileNotFoundError) as error:  # the latter: removed meanwhile, or replaced
        if isinstance(error, NotifyError) and error.code == "unavailable":
            raise
        logger.warning("No version for browsers could be made of item %s: %s", item.id, error)
        return _finish(item, None)
    path = keep(destination, media_root(), "mp4")
    with discarded_on_failure(path):
        _finish(item, path)


class _Ended(Exception):
    """Whoever wanted it does not any more."""


def _convert(item: Item, destination: Path, report: Callable[[float | None], None], shape: Shape) -> None:
    """In a thread of its own, which steps back behind those that serve pages. What ``report`` raises ends it."""
    progress: list[float] = []
    failures: list[BaseException] = []
    ended = Event()

    def hear(fraction: float) -> None:
        if ended.is_set():
            raise _Ended
        progress.append(fraction)

    def work() -> None:
        try:
            make_web_video(media_root() / item.media_file, destination, hear, shape)
        except BaseException as error:
            failures.append(error)

    thread = Thread(target=work, name="rendition")
    thread.start()
    said = None
    try:
        while thread.is_alive():
            thread.join(1.0)
            if progress and progress[-1] != said:
                said = progress[-1]
                report(100 * said)
    finally:
        ended.set()
        thread.join()
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


def _finish(item: Item, path: str | None) -> None:
    """``path``: the version; None where there is none, and an older one stays."""

    def work(change: Change) -> None:
        row = _still(change, item)
        if row is None:
            return discard_on_commit(path or "")
        if path is not None:
            discard_on_commit(row.rendition_file)
            row.rendition_file = path
        row.rendition_due_at = None
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
