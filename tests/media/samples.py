"""Real files, made on the spot: pictures by Pillow, video and sound by PyAV."""

from __future__ import annotations

import math
import wave
from array import array
from pathlib import Path
from typing import Any

import av
from PIL import Image

FRAMES_PER_SECOND = 10
UPRIGHT = bytes.fromhex("00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000")
QUARTER_TURN = bytes.fromhex("00000000 00010000 00000000 ffff0000 00000000 00000000 00000000 00000000 40000000")


def gradient(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """A picture with detail enough that its file is not a handful of bytes."""
    grey = Image.linear_gradient("L").resize((width, height))
    noise = Image.effect_noise((width, height), 60)
    return Image.merge("RGB", (grey, noise, grey.transpose(Image.Transpose.ROTATE_180))).convert(mode)


def save_picture(path: Path, image: Image.Image | None = None, format: str = "PNG", **options: Any) -> Path:
    (image or gradient()).save(path, format, **options)
    return path


def save_animation(path: Path, format: str, frames: int = 5, size: tuple[int, int] = (32, 24)) -> Path:
    images = [Image.new("RGB", size, (index * 40 % 256, 90, 200 - index % 200)) for index in range(frames)]
    images[0].save(path, format, save_all=True, append_images=images[1:], duration=50)
    return path


def save_video(
    path: Path, codec: str = "libx264", *, seconds: float = 2, size: tuple[int, int] = (96, 64), black: float = 0
) -> Path:
    """A red left and a blue right half; the first ``black`` seconds are black."""
    picture = Image.new("RGB", size, (20, 30, 220))
    picture.paste((220, 30, 20), (0, 0, size[0] // 2, size[1]))
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=FRAMES_PER_SECOND, options={"g": "5"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for index in range(round(seconds * FRAMES_PER_SECOND)):
            is_black = index < black * FRAMES_PER_SECOND
            frame = av.VideoFrame.from_image(Image.new("RGB", size) if is_black else picture)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def turn_video(path: Path) -> Path:
    """Mark an MP4 as filmed with the camera on its side: players turn it clockwise by 90°."""
    data = path.read_bytes()
    at = data.index(UPRIGHT, data.index(b"tkhd"))
    path.write_bytes(data[:at] + QUARTER_TURN + data[at + len(UPRIGHT) :])
    return path


def save_sound(path: Path, seconds: float = 1.5, rate: int = 8000) -> Path:
    samples = array("h", (int(9000 * math.sin(index / 6)) for index in range(int(seconds * rate))))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


def encode_sound(path: Path, codec: str, rate: int = 48000, format: str | None = None) -> Path:
    wav = save_sound(path.with_suffix(".source.wav"), rate=rate)
    with av.open(str(wav)) as source, av.open(str(path), "w", format=format) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        for frame in source.decode(audio=0):
            frame.pts = None
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    wav.unlink()
    return path
