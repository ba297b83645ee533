"""The still picture that stands for a video."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import av
from django.utils.translation import gettext as _
from PIL import Image, ImageStat

from gallery.contract.errors import NotifyError
from gallery.media import recordings

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

PLACES = (0.1, 0.3, 0.6, 0.0)  # of the duration, tried in turn until one is not black
DARK = 20.0  # mean brightness, 0–255, below which a frame passes for black


def make_poster(path: Path, box: tuple[int, int]) -> Image.Image:
    """The first frame near a tenth of the video that is not black, rotated as players do, within ``box``."""
    known = recordings.format_of(path, "video")
    with recordings.open_recording(path, known) as container:
        stream = recordings.find_video(container)
        if stream is None:
            raise NotifyError("invalid", _("The file holds no moving pictures."))
        recordings.check_frame_size(stream)
        length = recordings.duration_of(container, stream) or 0.0
        best: Image.Image | None = None
        brightest = -1.0
        for place in PLACES:
            frame = _frame_at(container, stream, place * length)
            if frame is None:
                continue
            image = _as_image(stream, frame, box)
            brightness = ImageStat.Stat(image.convert("L")).mean[0]
            if brightness > brightest:
                best, brightest = image, brightness
            if brightness >= DARK:
                break
    if best is None:
        raise NotifyError("invalid", _("The video holds no frame that can be decoded."))
    return best


def _frame_at(container: InputContainer, stream: VideoStream, seconds: float) -> VideoFrame | None:
    start = (container.start_time or 0) / av.time_base
    try:
        container.seek(int((start + seconds) * av.time_base))  # to the key frame before it
    except av.error.FFmpegError:
        return None
    stream.codec_context.flush_buffers()
    return recordings.first_frame(container, stream)


def _as_image(stream: VideoStream, frame: VideoFrame, box: tuple[int, int]) -> Image.Image:
    width, height = recordings.displayed_size(stream, frame)
    scale = min(1.0, box[0] / width, box[1] / height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    turn = round(frame.rotation / 90) * 90
    if turn % 180:
        size = size[::-1]
    image = frame.reformat(width=size[0], height=size[1], format="rgb24").to_image()
    return image.rotate(turn, expand=True) if turn else image
