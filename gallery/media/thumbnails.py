"""The small picture on a card: WebP, no larger than the box below."""

from __future__ import annotations

import logging
from pathlib import Path

from PIL import Image, ImageOps
from PIL.ImageFile import ImageFile

from gallery.contract.errors import NotifyError
from gallery.media import pictures, posters
from gallery.media.incoming import disk_troubles
from gallery.media.probe import MediaFacts

BOX = (960, 720)  # pixels: a card's 4:3, at twice its width
QUALITY = 80
METHOD = 2  # of WebP's 0–6: twice as quick as its default 4, a few percent larger
MAX_PROFILE_BYTES = 16 * 1024  # of a colour profile that is worth carrying along

logger = logging.getLogger(__name__)


def make_thumbnail(path: Path, facts: MediaFacts, destination: Path) -> bool:
    """Write the thumbnail of a probed picture, or the poster of a video, to ``destination``; False when it has none."""
    try:
        if facts.kind == "image":
            with pictures.open_picture(path) as picture:
                thumbnail = _shrink(picture)
        elif facts.kind == "video":
            thumbnail = posters.make_poster(path, BOX)
        else:
            return False
        save_webp(thumbnail, destination)
    except NotifyError as error:
        destination.unlink(missing_ok=True)
        if error.code == "unavailable":
            raise
        logger.warning("No thumbnail could be made of a %s: %s", facts.content_type, error)
        return False
    return True


def save_webp(image: Image.Image, destination: Path) -> None:
    """Write ``image`` (RGB or RGBA) as WebP, with its colour profile."""
    profile = image.info.get("icc_profile") or b""
    with pictures.refusals(), disk_troubles():
        image.save(
            destination,
            "WEBP",
            quality=QUALITY,
            method=METHOD,
            icc_profile=profile if len(profile) <= MAX_PROFILE_BYTES else b"",
            exif=b"",
        )


def _shrink(picture: ImageFile) -> Image.Image:
    turn = pictures.orientation(picture)
    box = BOX[::-1] if turn in pictures.SIDEWAYS else BOX
    if picture.format == "JPEG":
        picture.draft("RGB", (box[0] * 2, box[1] * 2))  # the decoder itself shrinks, by 2, 4 or 8
    image = _in_colour(picture)
    image.thumbnail(box, Image.Resampling.LANCZOS, reducing_gap=2.0)
    if turn != 1:
        image.getexif()[pictures.ORIENTATION_TAG] = turn
        image = ImageOps.exif_transpose(image)
    return image


def _in_colour(picture: ImageFile) -> Image.Image:
    """The first frame as RGB or RGBA, whatever it was."""
    picture.load()
    if picture.mode in ("RGB", "RGBA"):
        image = picture.copy()
    elif picture.mode.startswith("I") or picture.mode == "F":
        # 16 bits a pixel: Pillow's own conversion cuts off instead of scaling.
        image = picture.point(lambda value: value / 256).convert("L").convert("RGB")
    elif picture.has_transparency_data:
        image = picture.convert("RGBA")
    else:
        image = picture.convert("RGB")
    if "transparency" in picture.info and image.mode == "RGB" and picture.mode == "RGB":
        image = picture.convert("RGBA")
    profile = picture.info.get("icc_profile") if picture.mode in ("RGB", "RGBA", "P") else None
    image.info = {"icc_profile": profile} if profile else {}
    return image
