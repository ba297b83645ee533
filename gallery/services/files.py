"""Stored files follow the rows: one that no row names any more goes once that is committed."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import transaction

from gallery.media.incoming import discard

INCOMING = "incoming"  # below MEDIA_ROOT: what is still being received


def media_root() -> Path:
    """Where all files lie."""
    return Path(settings.MEDIA_ROOT)


def discard_on_commit(*paths: str) -> None:
    """Delete these files (paths below MEDIA_ROOT) once their rows are gone for good."""
    if kept := [path for path in paths if path]:
        transaction.on_commit(lambda: [discard(media_root(), path) for path in kept])
