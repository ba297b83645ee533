"""Serving one stored file. Who may have it is asked before; this only answers well: ranges, caching, safety."""

from __future__ import annotations

import asyncio
import os
import unicodedata
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO

from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date, parse_http_date_safe

from gallery.media.ranges import UnsatisfiableRangeError, parse_range

READ_BYTES = 256 * 1024  # in memory at a time, for each reader
MAX_NAME_LENGTH = 150

# What browsers show as pictures, video and sound and never run. All else is a download without a telling type,
# so that no page can use it as a script or a style sheet either.
INLINE_TYPES = {
    "image/jpeg", "image/png", "image/webp", "image/avif", "image/gif",
    "video/mp4", "video/webm", "video/ogg", "video/quicktime", "video/x-matroska",
    "audio/mpeg", "audio/mp4", "audio/aac", "audio/ogg", "audio/wav", "audio/flac", "audio/webm", "audio/x-matroska",
}  # fmt: skip
# A video or sound opened by its own address is a page that loads itself: Chromium refuses that to a sandbox.
PLAYER_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"
POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"


def media_response(
    request: HttpRequest, path: Path, *, content_type: str, download_name: str, cache: str
) -> HttpResponseBase:
    """Answer a GET or HEAD with the file, or the range of it that is asked for. ``cache`` is the Cache-Control.

    Raises Http404 when the file is not there.
    """
    try:
        file = path.open("rb")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise Http404("The file is gone.") from error
    facts = os.fstat(file.fileno())
    etag = f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'
    response = _answer(request, file, facts, etag)
    is_inline = content_type in INLINE_TYPES
    response["Cache-Control"] = cache
    response["ETag"] = etag
    response["Last-Modified"] = http_date(facts.st_mtime)
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    is_played = is_inline and content_type.startswith(("video/", "audio/"))
    response["Content-Security-Policy"] = PLAYER_POLICY if is_played else POLICY
    if response.status_code in (200, 206):
        response["Content-Type"] = content_type if is_inline else "application/octet-stream"
        name = safe_name(download_name, path.suffix)
        response["Content-Disposition"] = content_disposition_header(not is_inline, name) or ""
    if response.status_code == 304:
        del response["Content-Type"]
    return response


def safe_name(name: str, suffix: str = "") -> str:
    """A file name without anything that means something to a file system or hides what it is."""
    kept = ("_" if c in '/\\:*?"<>|' or unicodedata.category(c).startswith("C") else c for c in name)
    name = "".join(kept).strip(" .") or "file"
    if suffix in ("", ".bin") or name.lower().endswith(suffix.lower()):
        stem, dot, extension = name.rpartition(".")
        suffix = dot + extension if stem and len(extension) <= 8 else ""
        name = name.removesuffix(suffix)
    return name[: MAX_NAME_LENGTH - len(suffix)] + suffix


def _answer(request: HttpRequest, file: BinaryIO, facts: os.stat_result, etag: str) -> HttpResponseBase:
    response: HttpResponseBase
    size, modified = facts.st_size, int(facts.st_mtime)
    not_needed = get_conditional_response(request, etag=etag, last_modified=modified)
    if not_needed is not None:
        file.close()
        return not_needed
    if request.method == "HEAD":
        file.close()
        response = HttpResponse()
        response["Content-Length"] = str(size)
        return response

    header = request.headers.get("Range", "")
    try:
        wanted = parse_range(header, size) if header and _range_holds(request, etag, modified) else None
    except UnsatisfiableRangeError:
        file.close()
        response = HttpResponse("There are no such bytes in the file.", status=416, content_type="text/plain")
        response["Content-Range"] = f"bytes */{size}"
        return response
    start, stop = wanted or (0, size)
    reader = AsyncReader if isinstance(request, ASGIRequest) else Reader
    response = StreamingHttpResponse(reader(file, start, stop), status=206 if wanted else 200)
    response["Content-Length"] = str(stop - start)
    if wanted:
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return response


def _range_holds(request: HttpRequest, etag: str, modified: int) -> bool:
    """Whether If-Range, if there is one, means the file as it is now."""
    condition = request.headers.get("If-Range", "").strip()
    if not condition:
        return True
    if condition.startswith(('"', "W/")):
        return condition == etag
    return parse_http_date_safe(condition) == modified


class PartialFile:
    """The bytes ``start`` to ``stop`` of an open file, read piece by piece; closed with the response."""

    def __init__(self, file: BinaryIO, start: int, stop: int) -> None:
        self.file = file
        self.remaining = stop - start
        file.seek(start)

    def read(self) -> bytes:
        piece = self.file.read(min(READ_BYTES, self.remaining))
        self.remaining -= len(piece)
        return piece

    def close(self) -> None:
        self.file.close()


class Reader(PartialFile):
    """For WSGI and Django's synchronous test client."""

    def __iter__(self) -> Iterator[bytes]:
        with self.file:
            while piece := self.read():
                yield piece


class AsyncReader(PartialFile):
    """For ASGI, where Django would gather a synchronous iterator in memory before the first byte goes out."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with self.file:
            while piece := await asyncio.to_thread(self.read):
                yield piece
