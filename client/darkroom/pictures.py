"""Whatever somebody has for a picture, as a file: Pillow images, arrays, tensors, paths and bytes."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from darkroom.errors import DarkroomError, Refused
from darkroom.files import PREVIEW_BYTES, UNKNOWN_TYPE, check_preview, check_source, content_type_of

if TYPE_CHECKING:
    from PIL.Image import Image

PREVIEW_SIDE = 512  # pixels
QUALITIES = (80, 60, 35)
NEEDS_PILLOW = "That needs Pillow: pip install 'darkroom-client[images]'."
NO_PICTURE = "{} is no picture: give a Pillow image, an array, a path or bytes."

# What a file begins with, where its name does not say what it is.
BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"),
    (b"\x1aE\xdf\xa3", "video/webm"), (b"OggS", "audio/ogg"), (b"fLaC", "audio/flac"), (b"ID3", "audio/mpeg"),
)  # fmt: skip


@dataclass(frozen=True)
class Product:
    """A file that is to be uploaded."""

    source: bytes | Path
    content_type: str
    name: str = ""


def as_product(value: Any, max_bytes: int, content_type: str = "") -> Product:
    """For ``put_media``; raises ``Refused`` where the gallery would not take it."""
    if isinstance(value, str | os.PathLike):
        path = Path(value)
        check_source(path, max_bytes)
        return Product(path, content_type or content_type_of(path.name), path.name)
    if isinstance(value, bytes | bytearray | memoryview):
        data = bytes(value)
        check_source(data, max_bytes)
        return Product(data, content_type or _type_of(data))
    file = io.BytesIO()
    image = as_image(value)
    try:
        image.save(file, "PNG")
    except OSError:  # CMYK and the like
        file = io.BytesIO()
        image.convert("RGB").save(file, "PNG")
    return Product(file.getvalue(), "image/png")


def as_preview(value: Any) -> bytes:
    """Small enough to be sent again and again; raises ``Refused`` where it is no picture."""
    if isinstance(value, str | os.PathLike):
        try:
            value = Path(value).read_bytes()
        except OSError as error:
            raise Refused("invalid", f"{Path(value).name} cannot be read: {error.strerror}.") from error
    if isinstance(value, bytes | bytearray | memoryview):
        data = bytes(value)
        if len(data) <= PREVIEW_BYTES:
            check_preview(data)
            return data
        value = _opened(data)
    image = as_image(value)
    if max(image.size) > PREVIEW_SIDE:
        image = image.reduce(max(1, max(image.size) // (2 * PREVIEW_SIDE)))
        image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    if image.mode not in ("RGB", "L"):
        image = image.convert("RGB")
    for quality in QUALITIES:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        if file.tell() <= PREVIEW_BYTES:
            break
    return file.getvalue()


def as_image(value: Any) -> Image:
    """A Pillow image, or what numpy and torch have: height × width (× 1, 3 or 4), bytes or 0–1; channels first too."""
    try:
        from PIL import Image
    except ImportError as error:
        raise DarkroomError(NEEDS_PILLOW) from error
    if isinstance(value, Image.Image):
        return value
    if hasattr(value, "detach"):
        value = value.detach().float().cpu().numpy()
    if not hasattr(value, "__array_interface__"):
        raise Refused("invalid", NO_PICTURE.format(f"A {type(value).__name__}"))
    return Image.fromarray(_as_bytes(value))


def _as_bytes(array: Any) -> Any:
    while array.ndim > 3 and array.shape[0] == 1:
        array = array[0]
    if array.ndim == 3 and array.shape[2] not in (1, 3, 4) and array.shape[0] in (1, 3, 4):
        array = array.transpose(1, 2, 0)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if not array.size or array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        shape = " × ".join(str(side) for side in array.shape)
        raise Refused("invalid", NO_PICTURE.format(f"An array of {shape}"))
    if array.dtype.kind == "f":
        # Not a number is black: a picture that went wrong shall be seen, and not stop the loop.
        array = array.clip(0, 1) * 255 + 0.5
        array[array != array] = 0
    elif array.dtype.kind == "b":
        array = array * 255
    elif array.dtype.itemsize > 1:
        array = array.clip(0, 255)
    return array.astype("uint8")


def _opened(data: bytes) -> Image:
    try:
        from PIL import Image
    except ImportError as error:
        raise DarkroomError(NEEDS_PILLOW) from error
    try:
        image = Image.open(io.BytesIO(data))
        image.load()
        return image
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise Refused("invalid", "The preview is no picture that can be read.") from error


def _type_of(data: bytes) -> str:
    for beginning, content_type in BEGINNINGS:
        if data.startswith(beginning):
            return content_type
    if data[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(data[8:12], UNKNOWN_TYPE)
    if data[4:8] == b"ftyp":
        return "image/avif" if data[8:12] in (b"avif", b"avis") else "video/mp4"
    return UNKNOWN_TYPE
