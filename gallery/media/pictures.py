"""Pictures, opened by exactly the decoder that their first bytes name, and measured before they are decoded."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from gallery.contract.errors import NotifyError
from gallery.media.formats import HEAD_BYTES, detect
from gallery.media.incoming import disk_troubles

try:
    import pillow_heif
except ImportError:  # an extra of its own: its wheels are under the GPL
    pillow_heif = None  # type: ignore[assignment]

MAX_PIXELS = 100_000_000
MAX_FRAMES = 5_000  # of an animation
FRAME_PIXELS_CHECKED = 200_000_000  # of an animation; what follows is believed

ORIENTATION_TAG = 0x0112
SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that swap width and height
# Not Image.open(): it tries one decoder after the other, and warns where we refuse with a sentence.
DECODERS: dict[str, type[ImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WEBP": WebPImageFile,
    "AVIF": AvifImageFile,
    "GIF": GifImageFile,
}
if pillow_heif is not None:
    DECODERS["HEIF"] = pillow_heif.HeifImageFile
    pillow_heif.options.DECODE_THREADS = 1  # as for all other pictures
    for unseen in ("THUMBNAILS", "DEPTH_IMAGES", "AUX_IMAGES"):
        setattr(pillow_heif.options, unseen, False)

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def open_picture(source: Path | IO[bytes], *, max_pixels: int = MAX_PIXELS) -> Iterator[ImageFile]:
    """A picture that is not decoded yet and no larger than ``max_pixels``. What goes wrong inside is ``invalid``."""
    with contextlib.ExitStack() as stack, refusals():
        file = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        file.seek(0)
        known = detect(file.read(HEAD_BYTES))
        if known is None or not known.is_picture:
            raise NotifyError("invalid", _("The file is not a JPEG, PNG, WebP, AVIF, GIF or HEIC picture."))
        if known.decoder not in DECODERS:
            raise NotifyError("invalid", _("This gallery is not set up for HEIC pictures. Send it as a JPEG."))
        file.seek(0)
        picture = stack.enter_context(DECODERS[known.decoder](file))
        check_pixels(picture, max_pixels)
        yield picture


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Whatever a decoder raises, said as one plain sentence."""
    try:
        with disk_troubles():
            yield
    except NotifyError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise NotifyError("too_large", _("The picture is too large to be decoded.")) from error
    except ValueError as error:
        if "MAX_TEXT_" not in str(error):  # Pillow has no error of its own for it
            raise _damaged(error) from error
        said = _("The picture carries a text that is too long to be unpacked. Save it without its metadata.")
        raise NotifyError("too_large", said) from error
    except Exception as error:  # decoders raise what they like: OSError, SyntaxError, struct.error, …
        raise _damaged(error) from error


def _damaged(error: Exception) -> NotifyError:
    logger.info("A picture was refused: %r", error)
    return NotifyError("invalid", _("The picture cannot be read: it is damaged or cut off."))


def check_pixels(picture: Image.Image, max_pixels: int) -> None:
    """Refuse a picture by the size that its header tells."""
    width, height = picture.size
    if width < 1 or height < 1:
        raise NotifyError("invalid", _("The picture has no size."))
    if width * height > max_pixels:
        most = round(max_pixels / 1_000_000, 1)
        said = _("The picture has %(width)s × %(height)s pixels; at most %(most)s megapixels are allowed.")
        allowed = number_format(most, 0 if most == int(most) else 1)
        raise NotifyError("too_large", said % {"width": width, "height": height, "most": allowed})


def verify(picture: ImageFile, *, max_pixels: int = MAX_PIXELS) -> None:
    """Decode a picture to its end, an animation frame by frame within bounds; raises what the decoder raises."""
    if isinstance(picture, JpegImageFile):
        picture.draft("RGB", (1, 1))  # reads every byte all the same, in a fraction of the time and memory
        picture.load()
    elif isinstance(picture, GifImageFile):
        _verify_gif(picture, max_pixels)
    else:
        frames = getattr(picture, "n_frames", 1)
        if frames > MAX_FRAMES:
            raise _too_many_frames()
        for index in range(min(frames, _frames_checked(picture))):
            picture.seek(index)
            picture.load()


def orientation(picture: ImageFile) -> int:
    """The EXIF orientation, 1–8; 1 when there is none or it cannot be read."""
    try:
        value = picture.getexif().get(ORIENTATION_TAG, 1)
    except Exception:  # damaged EXIF does not make the picture unreadable
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def displayed_size(picture: ImageFile, size: tuple[int, int]) -> tuple[int, int]:
    """``size`` as it is shown, after the EXIF orientation."""
    width, height = size
    return (height, width) if orientation(picture) in SIDEWAYS else (width, height)


def _verify_gif(picture: GifImageFile, max_pixels: int) -> None:
    # A GIF does not say how many frames it has, and a later frame may enlarge it.
    index = 0
    picture.load()
    while index < _frames_checked(picture):
        index += 1
        try:
            picture.seek(index)
        except EOFError:
            break
        if index >= MAX_FRAMES:
            raise _too_many_frames()
        check_pixels(picture, max_pixels)
        picture.load()


def _frames_checked(picture: Image.Image) -> int:
    return max(1, FRAME_PIXELS_CHECKED // (picture.width * picture.height))


def _too_many_frames() -> NotifyError:
    return NotifyError(
        "too_large",
        _("The animation has more than %(count)s frames.") % {"count": number_format(MAX_FRAMES, force_grouping=True)},
    )
