"""A file that arrives in pieces. Its size says how much of it is there, so no process that dies takes that along."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from gallery.contract.errors import NotifyError
from gallery.media.incoming import disk_troubles

BUSY = _("Another request is sending this very file at the moment.")


class ChecksumMismatch(Exception):
    """A piece is not what its sender's checksum says; nothing of it was kept."""


@dataclass(frozen=True)
class Checksum:
    """What a piece must add up to."""

    algorithm: str  # of hashlib's
    digest: bytes


def create(path: Path) -> None:
    """An empty file for the first piece."""
    with disk_troubles():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)


def size_of(path: Path) -> int | None:
    """How many bytes are there; None: the file is gone."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


@contextmanager
def held(path: Path) -> Iterator[BinaryIO]:
    """The file, for one request in all processes; the kernel lets go of it when a process dies."""
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NotifyError("locked", BUSY) from error
        yield file


def append(path: Path, offset: int, chunks: Iterable[bytes], *, length: int, checksum: Checksum | None = None) -> int:
    """Write a piece where the last one ended; returns where this one ends. A bad piece leaves the file as it was."""
    with held(path) as file:
        end = os.fstat(file.fileno()).st_size
        if offset != end:
            raise NotifyError("conflict", f"The file stands at {end} bytes, not at {offset}.")
        digest = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
        try:
            for chunk in chunks:
                end += len(chunk)
                if end > length:
                    raise NotifyError("too_large", f"The file was said to have {length} bytes, and there are more.")
                if digest:
                    digest.update(chunk)
                with disk_troubles():
                    file.write(chunk)
            with disk_troubles():
                file.flush()
            if checksum and digest and digest.digest() != checksum.digest:
                raise ChecksumMismatch
        except (NotifyError, ChecksumMismatch):
            file.truncate(offset)
            raise
    return end


def digest_of(path: Path) -> str:
    """SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def twin(path: Path) -> Path:
    """The same bytes under another name beside it, so that they are still here if what follows fails."""
    other = path.with_name(f"incoming-{secrets.token_hex(8)}")
    with disk_troubles():
        try:
            os.link(path, other)
        except OSError:  # a file system without hard links
            shutil.copyfile(path, other)
    return other
