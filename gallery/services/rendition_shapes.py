"""What shape of a version was asked for, beside the file in which it grows.

Whoever takes up what a killed worker has left makes that one, and not another.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from gallery.media.incoming import disk_troubles
from gallery.media.web_videos import PLAIN, Shape
from gallery.models import Item


def remember_shape(destination: Path, item: Item, shape: Shape) -> None:
    """``destination`` is held; what was remembered before is so no more."""
    with disk_troubles():
        _note(destination).write_text(json.dumps({"media_file": item.media_file} | asdict(shape)))


def recall_shape(destination: Path, item: Item) -> Shape:
    """As it was asked for of the file that the item still has; else the plain one."""
    try:
        said = json.loads(_note(destination).read_text())
        return Shape(**said) if said.pop("media_file") == item.media_file else PLAIN
    except (FileNotFoundError, ValueError):  # the latter: killed while it wrote this
        return PLAIN


def forget_shape(destination: Path) -> None:
    """It is made, or nobody wants it any more."""
    _note(destination).unlink(missing_ok=True)


def _note(destination: Path) -> Path:
    return destination.with_name(f"{destination.name}.json")
