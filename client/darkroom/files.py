"""Files on their way out: whole, not too large, and not while somebody is still writing them."""

from __future__ import annotations

import asyncio
import mimetypes
import os
import tempfile
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from darkroom.errors import Refused

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | AsyncIterable[bytes]

CHUNK_BYTES = 256 * 1024
PREVIEW_BYTES = 512 * 1024
SPARE_MEMORY_BYTES = 1024 * 1024  # of chunks whose number is not known; beyond that they go to a temporary file
UNKNOWN_TYPE = "application/octet-stream"

# What Python's own list does not know everywhere.
TYPES = {
    ".webp": "image/webp", ".avif": "image/avif", ".apng": "image/apng",
    ".webm": "video/webm", ".mkv": "video/x-matroska", ".m4v": "video/x-m4v",
    ".opus": "audio/ogg", ".flac": "audio/flac", ".m4a": "audio/mp4", ".wav": "audio/wav",
}  # fmt: skip


@dataclass(frozen=True)
class Upload:
    """A file that can be sent, and sent again."""

    file: IO[bytes]
    size: int
    name: str
    path: Path | None = None
    state: tuple[int, int] | None = None  # of the path, when it was opened

    async def chunks(self) -> AsyncIterator[bytes]:
        await asyncio.to_thread(self.file.seek, 0)
        left = self.size
        while left:
            chunk = await asyncio.to_thread(self.file.read, min(CHUNK_BYTES, left))
            if not chunk:
                raise Refused("invalid", f"{self.name} became shorter while it was sent.")
            left -= len(chunk)
            yield chunk

    @property
    def has_changed(self) -> bool:
        """Somebody is still writing it."""
        return self.path is not None and _state(self.path) != self.state


@asynccontextmanager
async def as_upload(source: Source, max_bytes: int, name: str = "") -> AsyncIterator[Upload]:
    """Whatever it is, as a file; raises ``Refused`` with a sentence."""
    if isinstance(source, bytes | bytearray | memoryview):
        with tempfile.SpooledTemporaryFile(max(SPARE_MEMORY_BYTES, len(source))) as file:
            file.write(source)
            yield Upload(file, _checked(len(source), max_bytes, name or "The file"), name)
    elif isinstance(source, AsyncIterable):
        with tempfile.SpooledTemporaryFile(SPARE_MEMORY_BYTES) as file:
            size = 0
            async for chunk in source:
                size += len(chunk)
                _checked(size, max_bytes, name or "The file")
                await asyncio.to_thread(file.write, chunk)
            yield Upload(file, _checked(size, max_bytes, name or "The file"), name)
    else:
        path = Path(source)
        try:
            found = path.open("rb")
        except OSError as error:
            raise _unreadable(path, error) from error
        with found:
            state = _state(found.fileno())
            size = _checked(state[0] if state else 0, max_bytes, path.name)
            yield Upload(found, size, name or path.name, path, state)


def check_source(source: Path | bytes, max_bytes: int) -> None:
    """Raises ``Refused`` where ``as_upload`` would."""
    if isinstance(source, bytes):
        _checked(len(source), max_bytes, "The file")
        return
    try:
        with source.open("rb") as file:
            _checked(os.fstat(file.fileno()).st_size, max_bytes, source.name)
    except OSError as error:
        raise _unreadable(source, error) from error


def content_type_of(name: str) -> str:
    """As the file's name says."""
    suffix = Path(name).suffix.lower()
    return TYPES.get(suffix) or mimetypes.types_map.get(suffix) or UNKNOWN_TYPE


def item_type_of(content_type: str) -> str:
    """``image``, ``video``, ``audio`` or ``file``, as the contract names them."""
    kind = content_type.split("/", 1)[0]
    return kind if kind in ("image", "video", "audio") and content_type != "image/svg+xml" else "file"


def check_preview(data: bytes) -> str:
    """The preview's content type; raises ``Refused`` where it is none that the gallery takes."""
    if len(data) > PREVIEW_BYTES:
        raise Refused("too_large", f"A preview may have {PREVIEW_BYTES // 1024} KiB; this one has {len(data) // 1024}.")
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    raise Refused("invalid", "The preview is no picture: it must be JPEG, PNG or WebP.")


def _checked(size: int, max_bytes: int, name: str) -> int:
    if not size:
        raise Refused("invalid", f"{name} is empty.")
    if size > max_bytes:
        raise Refused("too_large", f"{name} has {_mebibytes(size)}; the gallery takes {_mebibytes(max_bytes)} at most.")
    return size


def _unreadable(path: Path, error: OSError) -> Refused:
    return Refused("invalid", f"{path.name or path} cannot be read: {error.strerror or error}.")


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB"


def _state(file: Path | int) -> tuple[int, int] | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
