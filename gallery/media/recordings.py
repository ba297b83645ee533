"""Video and sound, opened by exactly the demuxer that their first bytes name."""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
from av.stream import Disposition
from django.utils.translation import gettext

from gallery.contract.errors import NotifyError
from gallery.media.formats import FORMATS, HEAD_BYTES, Format, detect
from gallery.media.incoming import disk_troubles

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

MAX_FRAME_PIXELS = 100_000_000
DECODE_SECONDS = 10.0  # after which a file without a decodable frame is given up
MAX_BOXES = 10_000  # of an MP4 that are looked at
MAX_DURATION = 366 * 24 * 3600.0  # seconds; a header that says more lies

# FFmpeg can follow addresses inside of files (playlists, subtitles in AVI, …) to other files and hosts: never here.
OPEN_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,matroska," + ",".join(known.decoder for known in FORMATS if not known.is_picture),
}
# Titles in whatever encoding: PyAV was told to bear them until it did by itself, from version 19.
TOLERANT: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}

logger = logging.getLogger(__name__)


def format_of(path: Path, kind: str) -> Format:
    """What its first bytes show; raises ``invalid`` where that is no recording. ``kind``: what was expected."""
    with path.open("rb") as file:
        known = detect(file.read(HEAD_BYTES))
    if known is None or known.is_picture:
        raise NotifyError("invalid", f"The file is not a {kind}.")
    return known


@contextlib.contextmanager
def open_recording(path: Path, known: Format) -> Iterator[InputContainer]:
    """An opened video or sound file. What goes wrong inside is ``invalid``."""
    try:
        with (
            disk_troubles(),
            av.open(f"file:{path}", format=known.decoder, options=OPEN_OPTIONS, **TOLERANT) as container,
        ):
            yield container
    except NotifyError:
        raise
    except MemoryError as error:
        raise NotifyError("too_large", gettext("The file needs more memory than there is.")) from error
    except Exception as error:  # decoders raise what they like
        logger.info("A %s file was refused: %r", known.name, error)
        raise NotifyError(
            "invalid", gettext("The %(kind)s file cannot be read: it is damaged or cut off.") % {"kind": known.name}
        ) from error


def find_video(container: InputContainer) -> VideoStream | None:
    """The first stream of moving pictures; the cover of a song is none."""
    pictures = (s for s in container.streams.video if not s.disposition & Disposition.attached_pic)
    return next(pictures, None)


def find_audio(container: InputContainer) -> AudioStream | None:
    """The first stream of sound."""
    return next(iter(container.streams.audio), None)


def first_frame(container: InputContainer, stream: VideoStream | AudioStream) -> Any:
    """The first frame (PyAV's, of that stream's kind) that can be decoded from where the file stands, or None."""
    deadline = time.monotonic() + DECODE_SECONDS
    if not stream.codec_context.is_open:
        stream.codec_context.thread_count = 1  # as many frames in memory as threads, and one is enough
    for packet in container.demux(stream):
        with contextlib.suppress(av.error.InvalidDataError):
            for frame in packet.decode():
                return frame
        if time.monotonic() > deadline:
            break
    return None


def check_frame_size(stream: VideoStream) -> None:
    """Refuse a video by the size that its header tells."""
    width, height = stream.codec_context.width, stream.codec_context.height
    if width * height > MAX_FRAME_PIXELS:
        said = gettext("The video has %(width)s × %(height)s pixels a frame, which is too large.")
        raise NotifyError("too_large", said % {"width": width, "height": height})
    # The header may lie; the decoder obeys this for what it really finds.
    stream.codec_context.options = {"max_pixels": str(MAX_FRAME_PIXELS)}


def displayed_size(stream: VideoStream, frame: VideoFrame) -> tuple[int, int]:
    """Width and height as a player shows them: pixel shape and rotation applied."""
    width, height = frame.width, frame.height
    shape = stream.sample_aspect_ratio
    if shape and 0.1 < shape < 10:
        width = max(1, round(width * shape))
    return (height, width) if round(frame.rotation / 90) % 2 else (width, height)


def duration_of(container: InputContainer, stream: VideoStream | AudioStream) -> float | None:
    """Seconds, from the header, or else from the packets (a browser's recorder writes no duration); None: unknown."""
    if container.duration is not None:
        seconds = container.duration / av.time_base
    elif stream.duration is not None and stream.time_base:
        seconds = float(stream.duration * stream.time_base)
    else:
        seconds = _measured_duration(container, stream)
    return round(seconds, 3) if math.isfinite(seconds) and 0 < seconds < MAX_DURATION else None


def check_whole(path: Path) -> None:
    """Refuse an MP4 whose last box reaches past its end: an upload that was cut off, though its start may play."""
    size = path.stat().st_size
    position = 0
    with path.open("rb") as file:
        for _ in range(MAX_BOXES):
            file.seek(position)
            head = file.read(16)
            length, kind = int.from_bytes(head[:4], "big"), head[4:8]
            if length == 1:
                length = int.from_bytes(head[8:], "big")
            if length < 8:  # its end, or a last box that says "all the rest"
                break
            position += length
            if position > size and kind in (b"moov", b"mdat", b"moof"):
                raise NotifyError("invalid", gettext("The file is cut off: its end is missing."))


def _measured_duration(container: InputContainer, stream: VideoStream | AudioStream) -> float:
    deadline = time.monotonic() + DECODE_SECONDS
    start, end = stream.start_time or 0, 0
    container.seek(0)
    for packet in container.demux(stream):
        if packet.pts is not None:
            end = max(end, packet.pts + (packet.duration or 0))
        if time.monotonic() > deadline:
            return 0.0
    return float((end - start) * (stream.time_base or 0))
