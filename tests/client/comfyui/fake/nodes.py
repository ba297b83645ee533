"""What the fake's nodes do: of their inputs and the output folder they make what ``executed`` shows, if anything."""

from __future__ import annotations

import asyncio
import io
import math
import wave
from array import array
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from PIL import Image

from tests.media.samples import save_animation, save_video

Files = list[dict[str, str]]
Shown = dict[str, Any] | None


def picture(seed: int = 0, side: int = 96) -> Image.Image:
    """A soft landscape: enough to see a difference, and to look well in a screenshot."""
    small = Image.new("RGB", (24, 24))
    for x in range(24):
        for y in range(24):
            wave_height = math.sin(x / 4 + seed) * 4 + math.cos(x / 7 - seed) * 3
            light = (y - 12 + wave_height) / 12
            hue = (seed * 47) % 120
            small.putpixel((x, y), (120 + hue - int(50 * light), 90 + int(40 * light), 60 + int(80 * abs(light))))
    return small.resize((side, side), Image.Resampling.BICUBIC)


def as_bytes(image: Image.Image, format: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format)
    return buffer.getvalue()


def next_names(
    folder: Path, inputs: dict[str, Any], extension: str, count: int = 1
) -> list[tuple[Path, dict[str, str]]]:
    """New names, counted up as ComfyUI's are; a prefix may name a subfolder."""
    *subfolders, prefix = str(inputs.get("filename_prefix", "ComfyUI")).split("/")
    subfolder = "/".join(subfolders)
    directory = folder / inputs.get("type", "output") / subfolder
    directory.mkdir(parents=True, exist_ok=True)
    first = len(list(directory.glob(f"{prefix}_*"))) + 1
    names = [f"{prefix}_{first + index:05}_.{extension}" for index in range(count)]
    kind = inputs.get("type", "output")
    return [(directory / name, {"filename": name, "subfolder": subfolder, "type": kind}) for name in names]


async def save_image(inputs: dict[str, Any], folder: Path) -> Shown:
    files = next_names(folder, inputs, "png", int(inputs.get("batch_size", 1)))
    for index, (path, _) in enumerate(files):
        picture(int(inputs.get("seed", 0)) + index, int(inputs.get("side", 96))).save(path)
        await asyncio.sleep(0)
    return {"images": [file for _, file in files]}


async def preview_image(inputs: dict[str, Any], folder: Path) -> Shown:
    return await save_image(inputs | {"type": "temp"}, folder)


async def save_animated(inputs: dict[str, Any], folder: Path) -> Shown:
    [(path, file)] = next_names(folder, inputs, "webp")
    save_animation(path, "WEBP")
    return {"images": [file], "animated": [True]}


async def save_film(inputs: dict[str, Any], folder: Path) -> Shown:
    [(path, file)] = next_names(folder, inputs, "mp4")
    await asyncio.to_thread(save_video, path, seconds=1)
    return {"images": [file], "animated": [True]}


async def combine_video(inputs: dict[str, Any], folder: Path) -> Shown:
    """A custom node's spelling of the same."""
    [(path, file)] = next_names(folder, inputs, "mp4")
    await asyncio.to_thread(save_video, path, seconds=1)
    return {"gifs": [file | {"format": "video/h264-mp4", "frame_rate": 10.0}]}


async def save_audio(inputs: dict[str, Any], folder: Path) -> Shown:
    [(path, file)] = next_names(folder, inputs, "wav")
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(array("h", (int(9000 * math.sin(step / 3)) for step in range(4000))).tobytes())
    return {"audio": [file]}


async def save_model(inputs: dict[str, Any], folder: Path) -> Shown:
    [(path, file)] = next_names(folder, inputs, "glb")
    path.write_bytes(b"glTF" + bytes(60))
    return {"3d": [file]}


async def show_text(inputs: dict[str, Any], folder: Path) -> Shown:
    return {"text": [str(inputs.get("text", "a line"))]}


async def save_twice(inputs: dict[str, Any], folder: Path) -> Shown:
    shown = await save_image(inputs, folder) or {}
    return {"images": shown["images"] * 2}


async def save_huge(inputs: dict[str, Any], folder: Path) -> Shown:
    """2 GB that lie nowhere: a file with a hole."""
    [(path, file)] = next_names(folder, inputs, "mp4")
    with path.open("wb") as hole:
        hole.truncate(2_000_000_000)
    return {"images": [file]}


_writing: set[asyncio.Task[None]] = set()


async def save_slowly(inputs: dict[str, Any], folder: Path) -> Shown:
    """Said to be there when half of it is."""
    [(path, file)] = next_names(folder, inputs, "png")
    whole = as_bytes(picture(3, 256), "PNG")
    path.write_bytes(whole[: len(whole) // 2])

    async def write_the_rest() -> None:
        await asyncio.sleep(float(inputs.get("late", 0.8)))
        path.write_bytes(whole)

    _writing.add(task := asyncio.ensure_future(write_the_rest()))
    task.add_done_callback(_writing.discard)
    return {"images": [file]}


async def save_path(inputs: dict[str, Any], folder: Path) -> Shown:
    """Names that are paths, beside one that is a name."""
    shown = await save_image(inputs, folder) or {}
    bad = [
        ("../../etc/passwd", "", "output"),
        ("ok.png", "../..", "output"),
        ("/etc/passwd", "", "output"),
        (7, "", "output"),
    ]
    return {"images": [*({"filename": a, "subfolder": b, "type": c} for a, b, c in bad), *shown["images"]]}


async def explode(inputs: dict[str, Any], folder: Path) -> Shown:
    raise RuntimeError(inputs.get("text", "CUDA out of memory <b>really</b>"))


async def wait(inputs: dict[str, Any], folder: Path) -> Shown:
    return None


NODES: dict[str, Callable[[dict[str, Any], Path], Awaitable[Shown]]] = {
    "SaveImage": save_image,
    "PreviewImage": preview_image,
    "SaveAnimatedWEBP": save_animated,
    "SaveVideo": save_film,
    "VHS_VideoCombine": combine_video,
    "SaveAudio": save_audio,
    "SaveGLB": save_model,
    "ShowText": show_text,
    "SaveTwice": save_twice,
    "SaveHuge": save_huge,
    "SaveSlowly": save_slowly,
    "SavePath": save_path,
    "Explode": explode,
}
