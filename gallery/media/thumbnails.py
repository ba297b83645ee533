"""The small picture on a card: WebP, no larger than the box below."""

from __future__ import annotations

import logging
from pathlib import Path

from PIL import Image
from PIL.ImageFile import ImageFile

from gallery.contract.errors import NotifyError
from gallery.media import pictures, posters, waveforms
from gallery.media.incoming import disk_troubles
from gallery.media.probe import MediaFacts

BOX = (960, 720)  # pixels: a card's 4:3, at twice its width
QUALITY = 80
METHOD = 1  # of WebP's 0–6: three times as quick as its default 4, a sixth larger
UNSHOWN = ("image/heic",)  # pictures that only Apple's browsers show
RENDITION_BOX = (4096, 4096)  # pixels
RENDITION_QUALITY = 90
TURNS = {  # what each EXIF orientation asks for
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
MAX_PROFILE_BYTES = 16 * 1024  # of a colour profile that is worth carrying along

logger = logging.getLogger(__name__)


def make_thumbnail(path: Path, facts: MediaFacts, destination: Path) -> bool:
    """Write what stands for a probed picture, video or sound to ``destination``; False when there is nothing."""
    try:
        if facts.kind == "image":
            with pictures.open_picture(path) as picture:
                thumbnail = _shrink(picture)
        elif facts.kind == "video":
            thumbnail = posters.make_poster(path, BOX)
        elif facts.kind == "audio":
            thumbnail = waveforms.make_waveform(path, BOX)
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


def shrink_thumbnail(path: Path, divisor: int, destination: Path) -> None:
    """Write a thumbnail of ours with each side divided."""
    with pictures.open_picture(path) as picture:
        profile = picture.info.get("icc_profile")
        size = max(1, picture.width // divisor), max(1, picture.height // divisor)
        small = picture.resize(size, Image.Resampling.BOX)
        small.info = {"icc_profile": profile} if profile else {}
        save_webp(small, destination)


def make_rendition(path: Path, facts: MediaFacts, destination: Path) -> bool:
    """Write a picture that browsers show in place of one that they do not; False where none is needed."""
    if facts.content_type not in UNSHOWN:
        return False
    with pictures.open_picture(path) as picture:
        save_webp(_shrink(picture, RENDITION_BOX), destination, quality=RENDITION_QUALITY)
    return True


def save_webp(image: Image.Image, destination: Path, *, quality: int = QUALITY) -> None:
    """Write ``image`` (RGB or RGBA) as WebP, with its colour profile."""
    profile = image.info.get("icc_profile") or b""
    with pictures.refusals(), disk_troubles():
        image.save(
            destination,
            "WEBP",
            quality=quality,
            method=METHOD,
            icc_profile=profile if len(profile) <= MAX_PROFILE_BYTES else b"",
            exif=b"",
        )


def _shrink(picture: ImageFile, largest: tuple[int, int] = BOX) -> Image.Image:
    turn = pictures.orientation(picture)
    profile = picture.info.get("icc_profile") if picture.mode in ("RGB", "RGBA", "P") else None
    box = largest[::-1] if turn in pictures.SIDEWAYS else largest
    if picture.format == "JPEG":
        picture.draft("RGB", (box[0] * 2, box[1] * 2))  # the decoder itself shrinks, by 2, 4 or 8
    image = _resizable(picture)
    image.thumbnail(box, Image.Resampling.HAMMING, reducing_gap=2.0)
    if image.mode not in ("RGB", "RGBA"):
        image = image.convert("RGBA" if image.mode == "LA" else "RGB")
    if turn != 1:
        image = image.transpose(TURNS[turn])
    image.info = {"icc_profile": profile} if profile else {}
    return image


def _resizable(picture: ImageFile) -> Image.Image:
    """The first frame in a mode that can be resized as it is; turned into colour only when it is small."""
    picture.load()
    if picture.mode.startswith("I") or picture.mode == "F":
        # 16 bits a pixel: Pillow's own conversion cuts off instead of scaling.
        return picture.point(lambda value: value / 256).convert("L")
    if picture.mode == "P" or "transparency" in picture.info:
        return picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    return picture if picture.mode in ("L", "LA", "RGB", "RGBA", "CMYK") else picture.convert("RGB")
