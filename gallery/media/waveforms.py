"""The picture that stands for a sound: how loud it is from its beginning to its end."""

from __future__ import annotations

import contextlib
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import av
from PIL import Image, ImageDraw

from gallery.contract.errors import NotifyError
from gallery.media import recordings

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

BARS = 96
RATE = 8_000  # samples a second that are looked at
WHOLE_SECONDS = 300.0  # a longer sound is only listened to at the place of each bar
LISTENED_SECONDS = 0.3  # at each of them
PATIENCE_SECONDS = 8.0
SHARE = 0.42  # of the picture's height
QUIETEST = 0.03  # of the waveform's height: silence is a line, not nothing
INK = (139, 130, 118, 255)  # readable on the paper of the dark and of the light theme; the rest is clear
SCALE = 2  # drawn larger and shrunk, for smooth ends


def make_waveform(path: Path, box: tuple[int, int]) -> Image.Image:
    """Bars on clear ground, as large as ``box``."""
    return _draw(_loudness(path), box)


def _loudness(path: Path) -> list[float]:
    """0–1 for each bar; the loudest is 1."""
    known = recordings.format_of(path, "sound")
    with recordings.open_recording(path, known) as container:
        stream = recordings.find_audio(container)
        if stream is None:
            raise NotifyError("invalid", "The file holds no sound.")
        stream.codec_context.thread_count = 1
        length = recordings.duration_of(container, stream)
        if length is None or length <= WHOLE_SECONDS:
            container.seek(0)
            bars = _whole(container, stream, (length or WHOLE_SECONDS) / BARS)
        else:
            bars = _here_and_there(container, stream, length)
    loudest = max(bars, default=0) or 1
    return [bar / loudest for bar in bars] or [0.0] * BARS


def _whole(container: InputContainer, stream: AudioStream, seconds: float) -> list[float]:
    bars = [0.0] * BARS
    samples = max(1, round(seconds * RATE))
    place = 0
    for piece in _samples(container, stream):
        for start in range(0, len(piece), samples):
            some = piece[start : start + samples]
            bar = min(BARS - 1, (place + start) // samples)
            bars[bar] = max(bars[bar], max(some), -min(some))
        place += len(piece)
    return bars


def _here_and_there(container: InputContainer, stream: AudioStream, length: float) -> list[float]:
    bars = [0.0] * BARS
    deadline = time.monotonic() + PATIENCE_SECONDS
    for bar in range(BARS):
        with contextlib.suppress(av.error.FFmpegError):
            container.seek(int((bar + 0.5) * length / BARS * av.time_base))
            stream.codec_context.flush_buffers()
            heard = 0
            for piece in _samples(container, stream):
                bars[bar] = max(bars[bar], max(piece), -min(piece))
                heard += len(piece)
                if heard >= LISTENED_SECONDS * RATE:
                    break
        if time.monotonic() > deadline:
            break
    return bars


def _samples(container: InputContainer, stream: AudioStream) -> Iterator[array[int]]:
    """Mono, 16 bits, as long as it takes, past damaged packets."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    deadline = time.monotonic() + PATIENCE_SECONDS
    for packet in container.demux(stream):
        with contextlib.suppress(av.error.InvalidDataError):
            for frame in packet.decode():
                frame.pts = None  # holes and jumps in time are none of ours
                for small in resampler.resample(frame):
                    if small.samples:
                        yield array("h", bytes(small.planes[0])[: 2 * small.samples])
        if time.monotonic() > deadline:
            return


def _draw(bars: list[float], box: tuple[int, int]) -> Image.Image:
    width, height = box[0] * SCALE, box[1] * SCALE
    image = Image.new("RGBA", (width, height), (*INK[:3], 0))
    pen = ImageDraw.Draw(image)
    margin = width * 0.08
    step = (width - 2 * margin) / len(bars)
    thickness = step * 0.56
    for number, bar in enumerate(bars):
        half = max(QUIETEST, bar) * SHARE * height / 2
        left = margin + number * step + (step - thickness) / 2
        shape = (left, height / 2 - half, left + thickness, height / 2 + half)
        pen.rounded_rectangle(shape, radius=thickness / 2, fill=INK)
    return image.resize(box, Image.Resampling.BOX)
