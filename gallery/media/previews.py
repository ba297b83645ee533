"""Previews: small pictures of how far a work has come. They are many and short-lived, so they are kept as sent."""

from __future__ import annotations

import io

from gallery.contract.errors import NotifyError
from gallery.media import formats, pictures
from gallery.media.incoming import size_in_words

MAX_BYTES = 512 * 1024
MAX_PIXELS = 16_000_000
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WebP": "webp"}


def check_preview(data: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> str:
    """Return the extension of a readable JPEG, PNG or WebP picture, or raise ``invalid`` or ``too_large``."""
    if not data:
        raise NotifyError("invalid", "The preview is empty.")
    if len(data) > max_bytes:
        raise NotifyError("too_large", f"The preview is larger than {size_in_words(max_bytes)}.")
    known = formats.detect(data[: formats.HEAD_BYTES])
    if known is None or known.name not in EXTENSIONS:
        raise NotifyError("invalid", "A preview must be a JPEG, PNG or WebP picture.")
    with pictures.open_picture(io.BytesIO(data), max_pixels=max_pixels) as picture:
        pictures.verify(picture, max_pixels=max_pixels)
    return EXTENSIONS[known.name]
