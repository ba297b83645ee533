"""What a received file is, and whether it is what its sender says."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from django.utils.translation import gettext as _

from gallery.contract.errors import NotifyError
from gallery.media import formats, pictures, recordings
from gallery.media.formats import Format
from gallery.media.incoming import disk_troubles, size_in_words
from gallery.media.recipes import read_recipe
from gallery.media.web_videos import plays_in_browsers

MAX_IMAGE_BYTES = 64 * 1024 * 1024
MAX_FILE_BYTES = 1024 * 1024 * 1024
PLAIN_TYPE = "application/octet-stream"

# Extensions of what browsers run: never on our disk, should somebody serve the media folder by a plain web server.
ACTIVE_EXTENSIONS = {
    "asp", "aspx", "cgi", "css", "hta", "htm", "html", "js", "jsp", "mht", "mhtml", "mjs", "php", "pl", "py", "shtml",
    "svg", "svgz", "swf", "wasm", "xht", "xhtml", "xml", "xsl", "xslt",
}  # fmt: skip
EXTENSIONS = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/avif": "avif", "image/gif": "gif",
    "image/heic": "heic",
    "video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm", "video/x-matroska": "mkv", "video/ogg": "ogv",
    "audio/mp4": "m4a", "audio/webm": "weba", "audio/x-matroska": "mka", "audio/ogg": "ogg", "audio/wav": "wav",
    "audio/flac": "flac", "audio/mpeg": "mp3", "audio/aac": "aac",
}  # fmt: skip


@dataclass(frozen=True)
class MediaFacts:
    """What a file truly is. Sizes in pixels as they are shown (rotation applied), ``duration`` in seconds."""

    kind: Literal["image", "video", "audio", "file"]
    content_type: str
    extension: str  # without a dot
    size: int  # bytes
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    plays: bool = True  # in browsers, as it is
    recipe: dict[str, Any] = field(default_factory=dict)  # how it was made, as the file says it


def probe(
    path: Path,
    claimed_type: str,
    filename: str = "",
    *,
    max_image_bytes: int = MAX_IMAGE_BYTES,
    max_image_pixels: int = pictures.MAX_PIXELS,
    max_file_bytes: int = MAX_FILE_BYTES,
) -> MediaFacts:
    """Look into a file. Raises ``NotifyError``: ``invalid`` (unreadable, or not what it claims) or ``too_large``.

    A claim of ``""`` or ``application/octet-stream`` says nothing: the file's own bytes decide.
    """
    with disk_troubles():
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(formats.HEAD_BYTES)
    if size == 0:
        raise NotifyError("invalid", _("The file is empty."))
    claim = formats.clean_claim(claimed_type)
    known = formats.detect(head)
    _check_claim(claim, known)
    is_picture = known is not None and known.is_picture
    limit = max_image_bytes if is_picture else max_file_bytes
    if size > limit:
        said = _("The picture is larger than %(size)s.") if is_picture else _("The file is larger than %(size)s.")
        raise NotifyError("too_large", said % {"size": size_in_words(limit)})

    if known is not None and known.is_picture:
        return _probe_picture(path, known, size, max_image_pixels)
    if known is not None and (known.is_certain or formats.is_claim_of_media(claim)):
        return _probe_recording(path, known, claim, head, size)
    if known is not None and not claim:
        try:
            return _probe_recording(path, known, claim, head, size)
        except NotifyError:
            pass  # two bytes in common with a sound file are no promise
    return MediaFacts("file", claim or PLAIN_TYPE, _plain_extension(claim, filename), size)


def _check_claim(claim: str, known: Format | None) -> None:
    # A claim that names no format we know is believed: such a file is kept unseen and only ever downloaded.
    if (
        known is not None
        and claim
        and claim not in known.claims
        and (known.is_certain or formats.is_claim_of_media(claim))
    ):
        said = _("The file says that it is %(claim)s, but it is %(kind)s.")
        raise NotifyError("invalid", said % {"claim": claim, "kind": known.name})
    if known is None and formats.is_claim_of_media(claim):
        raise NotifyError("invalid", _("The file says that it is %(claim)s, but it is not.") % {"claim": claim})


def _probe_picture(path: Path, known: Format, size: int, max_pixels: int) -> MediaFacts:
    with pictures.open_picture(path, max_pixels=max_pixels) as picture:
        shown = picture.size
        pictures.verify(picture, max_pixels=max_pixels)
        width, height = pictures.displayed_size(picture, shown)
        recipe = read_recipe(picture)
    content_type = known.claims[0]
    return MediaFacts("image", content_type, EXTENSIONS[content_type], size, width, height, recipe=recipe)


def _probe_recording(path: Path, known: Format, claim: str, head: bytes, size: int) -> MediaFacts:
    with recordings.open_recording(path, known) as container:
        video, audio = recordings.find_video(container), recordings.find_audio(container)
        stream = video or audio
        kind: Literal["video", "audio"] = "video" if video else "audio"
        if stream is None:
            raise NotifyError("invalid", _("The %(kind)s file holds neither video nor sound.") % {"kind": known.name})
        if claim.startswith(("video/", "audio/")) and not claim.startswith(kind):
            said = _("The file says that it is %(claim)s, but it holds %(kind)s.")
            raise NotifyError("invalid", said % {"claim": claim, "kind": _said(kind)})
        width = height = None
        if known is formats.MP4:
            recordings.check_whole(path)
        if video:
            recordings.check_frame_size(video)
        frame = recordings.first_frame(container, stream)
        if frame is None:
            raise NotifyError(
                "invalid", _("The %(kind)s file holds nothing that can be decoded.") % {"kind": known.name}
            )
        if video:
            width, height = recordings.displayed_size(video, frame)
        duration = recordings.duration_of(container, stream)
        content_type = _recording_type(known, kind, head)
        plays = plays_in_browsers(content_type, container)
    return MediaFacts(kind, content_type, EXTENSIONS[content_type], size, width, height, duration, plays)


def _said(kind: str) -> str:
    return _("moving pictures") if kind == "video" else _("only sound")


def _recording_type(known: Format, kind: str, head: bytes) -> str:
    if known is formats.MP4:
        is_quicktime = kind == "video" and (head[4:8] != b"ftyp" or head[8:12] == b"qt  ")
        return "video/quicktime" if is_quicktime else f"{kind}/mp4"
    if known is formats.MATROSKA:
        return f"{kind}/webm" if b"webm" in head[:64] else f"{kind}/x-matroska"
    if known is formats.OGG:
        return f"{kind}/ogg"
    return known.claims[0]


def _plain_extension(claim: str, filename: str) -> str:
    extension = Path(filename).suffix or mimetypes.guess_extension(claim) or ""
    extension = extension.removeprefix(".").lower()
    return extension if re.fullmatch(r"[a-z0-9]{1,8}", extension) and extension not in ACTIVE_EXTENSIONS else "bin"
