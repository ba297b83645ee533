"""JSON files beside pictures, sent together with them: they tell how the pictures were made, and are no items."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Any

from gallery.contract.errors import NotifyError
from gallery.media.recipes import read_sidecar

MEDIA = ("image/", "video/", "audio/")


def find_recipes(names: Sequence[str], read: Callable[[int], bytes]) -> tuple[dict[int, dict[str, Any]], set[int]]:
    """What sidecars say of the files (by their places), and the places of those sidecars.

    ``a.png`` has ``a.png.json``, else ``a.json``; what is no sidecar after all stays a file like any other.
    """
    places = {name: place for place, name in enumerate(names) if name.lower().endswith(".json")}
    recipes: dict[int, dict[str, Any]] = {}
    used = set()
    for place, name in enumerate(names):
        if (mimetypes.guess_type(name)[0] or "").startswith(MEDIA):
            sidecar = places.get(f"{name}.json", places.get(str(PurePosixPath(name).with_suffix(".json"))))
            if sidecar is not None:
                try:
                    recipes[place] = read_sidecar(read(sidecar))
                except NotifyError:
                    continue
                used.add(sidecar)
    return recipes, used
