"""One short text for all static files as they are now, so that browsers may keep them for good."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("django", "django-htmx", "django-ninja")  # whose own static files are served beside ours
LENGTH = 12


def static_version(folder: Path) -> str:
    """Another text whenever a file in ``folder``, or a package with static files, changes.

    It stands in front of the files' names, so that what they import by relative addresses is new with them.
    """
    digest = hashlib.sha256(" ".join(version(package) for package in PACKAGES).encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:LENGTH]
