"""Thumbnails in the smaller sizes that pages ask for: made of the large one when first asked for, and kept beside it.

They are gone with it (``gallery.media.incoming.discard``), so no row needs to know them.
"""

from __future__ import annotations

import secrets
from threading import BoundedSemaphore

from django.http import Http404

from gallery.contract.errors import NotifyError
from gallery.media.incoming import smaller_name
from gallery.media.thumbnails import shrink_thumbnail
from gallery.services.files import INCOMING, media_root

_at_work = BoundedSemaphore(2)  # a page of 60 asks for all of them at once


def smaller_thumbnail(path: str, divisor: int) -> str:
    """The path of ``path`` with each side divided; raises Http404 where there is no such thumbnail."""
    smaller = smaller_name(path, divisor)
    target = media_root() / smaller
    if not target.exists():
        temporary = media_root() / INCOMING / f"incoming-{secrets.token_hex(8)}.webp"
        temporary.parent.mkdir(parents=True, exist_ok=True)
        try:
            with _at_work:
                if not target.exists():
                    shrink_thumbnail(media_root() / path, divisor, temporary)
                    temporary.replace(target)
        except (NotifyError, FileNotFoundError) as error:
            raise Http404("The thumbnail is gone.") from error
        finally:
            temporary.unlink(missing_ok=True)
    return smaller
