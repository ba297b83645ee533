"""Files on their way in: streamed to a temporary file, then moved to their place in one step."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gallery.contract.errors import NotifyError

RETRY_SECONDS = 5  # when the disk did not take it
ABANDONED_SECONDS = 24 * 3600  # a temporary file this old belongs to a process that died
SMALLER = (2, 4)  # what the sides of a thumbnail are divided by, for small cards and plain screens
DISK_TROUBLES = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}

logger = logging.getLogger(__name__)


def receive(chunks: Iterable[bytes], directory: Path, *, limit: int) -> Path:
    """Stream ``chunks`` into a new file in ``directory``, of ``limit`` bytes at most; on any failure nothing is left.

    What ``chunks`` itself raises (a sender that went away) passes through.
    """
    with disk_troubles():
        directory.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="incoming-", dir=directory)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            size = 0
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise NotifyError(
                        "too_large", _("The file is larger than %(size)s.") % {"size": size_in_words(limit)}
                    )
                with disk_troubles():
                    file.write(chunk)
            if size == 0:
                raise NotifyError("invalid", _("The file is empty."))
            with disk_troubles():
                file.flush()
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def keep(temporary: Path, root: Path, name: str) -> str:
    """Move a received file to its place below ``root``, where it survives a power cut; return its path from ``root``.

    Of ``name`` (``"png"`` or ``"sunset.png"``) only the extension is used: the stored name cannot be guessed.
    """
    token = secrets.token_hex(16)
    extension = re.sub(r"[^a-z0-9]", "", name.rsplit(".", 1)[-1].lower())[:8] or "bin"
    directory = root / "items" / token[:2]
    target = directory / f"{token}.{extension}"
    with disk_troubles():
        is_new_directory = not directory.is_dir()
        directory.mkdir(parents=True, exist_ok=True)
        _fsync(temporary)
        os.replace(temporary, target)
        _fsync(directory)
        if is_new_directory:
            _fsync(directory.parent)
            _fsync(root)
    return target.relative_to(root).as_posix()


def duplicate(root: Path, relatives: Collection[str]) -> dict[str, str]:
    """Give these kept files second names, each to be discarded by itself; what is gone is left out.

    The bytes are shared where the file system can (nothing ever writes into a kept file), else copied.
    """
    names: dict[str, str] = {}
    directories: set[Path] = set()
    with disk_troubles():
        for relative in relatives:
            source, token = root / relative, secrets.token_hex(16)
            target = root / "items" / token[:2] / f"{token}{source.suffix}"
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                _link(source, target)
            except FileNotFoundError:
                continue
            directories.add(target.parent)
            names[relative] = target.relative_to(root).as_posix()
        for directory in [*directories, *([root / "items"] if directories else [])]:
            _fsync(directory)
    return names


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # a file system without links, or one that has too many to this file
        shutil.copyfile(source, target)
        _fsync(target)


def discard(root: Path, relative: str) -> None:
    """Delete a kept file, if there is one. A path that leads out of ``root`` is a mistake in the program."""
    if not relative:
        return
    target = (root / relative).resolve()
    if not target.is_relative_to(root.resolve()):
        raise ValueError(f"{relative!r} is not below the media folder")
    try:
        target.unlink(missing_ok=True)
        if target.suffix == ".webp":
            for divisor in SMALLER:
                target.with_name(smaller_name(target.name, divisor)).unlink(missing_ok=True)
    except OSError:
        logger.exception("A file could not be deleted: %s", relative)


def smaller_name(path: str, divisor: int) -> str:
    """Where a thumbnail lies with each of its sides divided: ``ab/cd.webp`` → ``ab/cd-2.webp``."""
    return f"{path.removesuffix('.webp')}-{divisor}.webp"


def discard_abandoned(directory: Path, *, older_than: float = ABANDONED_SECONDS) -> int:
    """Delete what died half-way in ``directory``, untouched for ``older_than`` seconds; return how many files."""
    oldest = time.time() - older_than
    count = 0
    for path in directory.glob("incoming-*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()
                count += 1
    return count


@contextlib.contextmanager
def disk_troubles() -> Iterator[None]:
    """Turn a full or failing disk into ``unavailable``: not the sender's fault, and worth another try."""
    try:
        yield
    except OSError as error:
        if error.errno not in DISK_TROUBLES:
            raise
        logger.error("The disk did not take a file: %s", error)
        raise NotifyError(
            "unavailable",
            _("The server cannot store files at the moment. Send it again later."),
            retry_after=RETRY_SECONDS,
        ) from error


def size_in_words(size: int) -> str:
    """A limit as a person says it: ``64 MiB``, ``1 GiB``, ``1.5 MiB``."""
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= unit:
            tenths = round(size / unit, 1)
            return f"{number_format(tenths, 0 if tenths == int(tenths) else 1)} {name}"
    return ngettext("%(count)s byte", "%(count)s bytes", size) % {"count": size}


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
