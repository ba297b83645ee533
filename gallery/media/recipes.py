"""How a picture was made, as the generators write it into the file: prompt and parameters, in one shape for all.

What is found comes from whoever made the file: it is bounded, and believed in nothing. A file whose text makes no sense
simply has no recipe.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from PIL.ImageFile import ImageFile

from gallery.contract.errors import NotifyError
from gallery.contract.json_text import parse_json
from gallery.contract.rules import check_metadata
from gallery.media import recipe_formats

TEXT_CHARACTERS = 1_000_000  # of one text in a picture that are looked at
SIDECAR_BYTES = 256 * 1024
STRING_CHARACTERS = 10_000  # of one value
SPARED = ("workflow", "parameters", "negativePrompt", "prompt")  # what is left out first where it is too much
EXIF_IFD, USER_COMMENT, MAKE, MODEL = 0x8769, 0x9286, 0x010F, 0x0110

logger = logging.getLogger(__name__)


def read_recipe(picture: ImageFile) -> dict[str, Any]:
    """What an opened picture says of its making; ``{}`` where it says nothing."""
    try:
        texts = _texts(picture)
        return bounded(recipe_formats.recognise(texts)) if texts else {}
    except Exception as error:  # whatever somebody wrote into a file, it is a good picture all the same
        logger.info("The recipe of a picture was not understood: %r", error)
        return {}


def read_sidecar(text: bytes) -> dict[str, Any]:
    """What a JSON file beside a picture says of its making; raises ``NotifyError`` where it is no JSON object."""
    said = parse_json(text, SIDECAR_BYTES)
    if not isinstance(said, dict):
        raise NotifyError("invalid", "A sidecar must be a JSON object.")
    return bounded(recipe_formats.recognise_object(said))


def bounded(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """As much of it as an item's metadata may hold."""
    kept = {name: _shortened(value) for name, value in recipe.items() if value not in (None, "", {}, [])}
    for spared in ("", *SPARED):
        kept.pop(spared, None)
        try:
            return check_metadata(kept)
        except ValueError:
            continue
    return {}


def _texts(picture: ImageFile) -> dict[str, str]:
    """The texts of PNG chunks, and those of EXIF that generators use, by their names."""
    found = {name: value for name, value in picture.info.items() if isinstance(name, str) and isinstance(value, str)}
    exif = picture.getexif()
    for tag in (MAKE, MODEL):  # ComfyUI in WebP: "workflow:{…}"
        name, colon, value = str(exif.get(tag, "")).partition(":")
        if colon and name.lower() in ("workflow", "prompt"):
            found.setdefault(name.lower(), value)
    if comment := _user_comment(exif.get_ifd(EXIF_IFD).get(USER_COMMENT)):
        found.setdefault("parameters", comment)
    return {name: text for name, text in found.items() if len(text) <= TEXT_CHARACTERS}


def _user_comment(raw: object) -> str:
    """EXIF begins it with eight bytes that name the encoding; writers agree on nothing about the order of bytes."""
    if isinstance(raw, str):
        return raw
    if not isinstance(raw, bytes):
        return ""
    encoding, text = raw[:8], raw[8:]
    if encoding.startswith(b"UNICODE"):
        if text.startswith((b"\xff\xfe", b"\xfe\xff")):
            return text.decode("utf-16", "replace")
        is_little = text[:200:2].count(0) < text[1:200:2].count(0)
        return text.decode("utf-16-le" if is_little else "utf-16-be", "replace")
    return (text if encoding.startswith((b"ASCII", bytes(8))) else raw).decode("utf-8", "replace")


def _shortened(value: Any) -> Any:
    """Text that the database keeps: no NUL, no half characters, not endless."""
    if not isinstance(value, str):
        return value
    text = value.replace("\0", "").encode("utf-8", "replace").decode()
    return text if len(text) <= STRING_CHARACTERS else text[: STRING_CHARACTERS - 1] + "…"
