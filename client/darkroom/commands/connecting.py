"""What every command is told about the gallery."""

from __future__ import annotations

import argparse
from pathlib import Path

from darkroom.async_gallery import AsyncGallery
from darkroom.errors import DarkroomError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", help="where the gallery is (default: DARKROOM_URL)")
    add_token(parser)
    parser.add_argument("--folder", metavar="ID", help="id of the gallery's folder (default: the token's own)")
    parser.add_argument("--json", action="store_true", help="say everything as lines of JSON, on standard output")


def add_token(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="holds the token (default: DARKROOM_TOKEN)")


def open_gallery(options: argparse.Namespace) -> AsyncGallery:
    """Raises ``DarkroomError`` with a sentence; call it in the loop that uses it."""
    return AsyncGallery(options.url, read_token(options.token_file))


def read_token(path: Path | None) -> str | None:
    """None: it is in the environment."""
    try:
        return None if path is None else path.read_text().strip()
    except OSError as error:
        raise DarkroomError(f"{path} cannot be read: {error.strerror}.") from error
