"""Files at their final place, before a row names them: looked into, made small, and gone again if no row ever does."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from threading import BoundedSemaphore

from django.db import Error as DatabaseFailure
from django.db.models import Q

from gallery.conf import conf
from gallery.contract import limits
from gallery.contract.errors import NotifyError
from gallery.media.incoming import discard, keep, receive
from gallery.media.partial import digest_of
from gallery.media.previews import check_preview
from gallery.media.probe import MediaFacts, probe
from gallery.media.thumbnails import make_rendition, make_thumbnail
from gallery.models import BatchSlot, Item
from gallery.models.item import STORED_FILES
from gallery.services.files import media_root

# Files that are decoded at a time, in each process: a hundred megapixels are 400 MB, however many people send some.
_at_work = BoundedSemaphore(2)


@dataclass(frozen=True)
class KeptFile:
    """A file at its place below the media folder, with its thumbnail ('' where it has none)."""

    facts: MediaFacts
    media_file: str
    thumb_file: str
    content_hash: str  # SHA-256, hex
    rendition_file: str = ""  # what browsers show in its place, where they need that

    @property
    def paths(self) -> tuple[str, ...]:
        """All of them."""
        return self.media_file, self.thumb_file, self.rendition_file


def incoming_directory() -> Path:
    """Where files lie while they arrive: beside their final place, so that they move there in one step."""
    return media_root() / "incoming"


def look_into(temporary: Path, claimed_type: str, filename: str = "") -> MediaFacts:
    """What the received file is; raises ``invalid`` or ``too_large``."""
    with _at_work:
        return probe(
            temporary,
            claimed_type,
            filename,
            max_image_bytes=conf.MAX_IMAGE_BYTES,
            max_image_pixels=conf.MAX_IMAGE_PIXELS,
            max_file_bytes=conf.MAX_FILE_BYTES,
        )


def keep_media(temporary: Path, facts: MediaFacts, content_hash: str = "") -> KeptFile:
    """Move a received file to its place and make its thumbnail; ``temporary`` is gone afterwards, come what may."""
    thumbnail, rendition = (temporary.with_name(f"incoming-{secrets.token_hex(8)}.webp") for _ in range(2))
    try:
        with _at_work:
            has_thumbnail = make_thumbnail(temporary, facts, thumbnail)
            has_rendition = make_rendition(temporary, facts, rendition)
            content_hash = content_hash or digest_of(temporary)
        media_file = keep(temporary, media_root(), facts.extension)
        with discarded_on_failure(media_file) as discarded:
            thumb_file = keep(thumbnail, media_root(), "webp") if has_thumbnail else ""
            discarded.append(thumb_file)
            rendition_file = keep(rendition, media_root(), "webp") if has_rendition else ""
            return KeptFile(facts, media_file, thumb_file, content_hash, rendition_file)
    finally:
        temporary.unlink(missing_ok=True)
        thumbnail.unlink(missing_ok=True)
        rendition.unlink(missing_ok=True)


def keep_preview(data: bytes) -> str:
    """Check and keep a preview; returns its path below the media folder."""
    extension = check_preview(data, max_bytes=limits.PREVIEW_BYTES)
    return keep(receive([data], incoming_directory(), limit=limits.PREVIEW_BYTES), media_root(), extension)


@contextmanager
def discarded_on_failure(*paths: str) -> Iterator[list[str]]:
    """Leave no file behind that no row names; more paths may be added to what this yields."""
    discarded = list(paths)
    try:
        yield discarded
    except BaseException as error:
        # A connection that broke at the commit may have committed all the same.
        in_doubt = isinstance(error, NotifyError) and error.code == "unavailable"
        for path in discarded:
            if path and not (in_doubt and _may_be_named(path)):
                discard(media_root(), path)
        raise


def _may_be_named(path: str) -> bool:
    try:
        named = Item.objects.filter(reduce(or_, (Q(**{column: path}) for column in STORED_FILES))).exists()
        return named or BatchSlot.objects.filter(preview_file=path).exists()
    except DatabaseFailure:
        return True
