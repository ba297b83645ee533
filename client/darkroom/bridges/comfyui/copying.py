"""A file's way from ComfyUI's output folder into the gallery: whole, and not while somebody is still writing it."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from darkroom.async_gallery import AsyncGallery
from darkroom.bridges.comfyui.outputs import Output
from darkroom.bridges.comfyui.pull import UNKNOWN_SIZE, Away, ComfyUI, Stamp
from darkroom.errors import Refused
from darkroom.pauses import Pauses

WRITING_SECONDS = (0.3, 0.6, 1.2, 2.5, 5.0, 10.0)  # pauses while a file is not there, or changes
HALF_WRITTEN_SECONDS = 6.0  # that a broken file has, to become whole
LOOK_SECONDS = 0.5
SETTLE_SECONDS = 1.0  # without a change, for a file of which the gallery cannot tell whether it is whole


class NotCopied(Exception):
    """It stays where it is; says why."""


async def copy(comfyui: ComfyUI, gallery: AsyncGallery, output: Output, item_id: str) -> None:
    """Give the item its file. Waits while either side is away; raises ``NotCopied`` where it cannot be had."""
    with tempfile.TemporaryDirectory(prefix="darkroom-") as folder:
        path = Path(folder) / "output"
        pauses = Pauses()
        while True:
            try:
                return await _copy(comfyui, gallery, output, item_id, path)
            except Away:
                await pauses.wait()


async def _copy(comfyui: ComfyUI, gallery: AsyncGallery, output: Output, item_id: str, path: Path) -> None:
    while True:
        stamp = await _fetch(comfyui, output, path, gallery.max_media_bytes)
        try:
            await gallery.put_media(item_id, path, output.content_type, output.filename)
            return
        except Refused as refusal:
            # Half a picture is no picture yet.
            if refusal.code != "invalid" or not await _has_changed(comfyui, output, stamp):
                raise NotCopied(f"{output.filename} was not taken by the gallery: {refusal}") from None


async def _fetch(comfyui: ComfyUI, output: Output, path: Path, max_bytes: int) -> Stamp:
    """Into ``path``, once two looks found the same file and all of it has come."""
    was_there = False
    for pause in WRITING_SECONDS:
        stamp = await comfyui.stamp(output)
        if stamp is not None:
            was_there = True
            if stamp.size > max_bytes:
                sizes = f"has {_in_words(stamp.size)}, and the gallery takes {_in_words(max_bytes)} at most"
                raise NotCopied(f"{output.filename} {sizes}; it stays in ComfyUI's output folder.")
            if output.item_type == "file":
                await asyncio.sleep(SETTLE_SECONDS)
            size = await comfyui.download(output, path)
            if size and stamp.size in (size, UNKNOWN_SIZE) and await comfyui.stamp(output) == stamp:
                return stamp
        await asyncio.sleep(pause)
    reason = "is still being written, or empty" if was_there else "is not there any more"
    raise NotCopied(f"{output.filename} {reason}: ComfyUI has nothing of it that could be copied.")


async def _has_changed(comfyui: ComfyUI, output: Output, stamp: Stamp) -> bool:
    loop = asyncio.get_running_loop()
    end = loop.time() + HALF_WRITTEN_SECONDS
    while loop.time() < end:
        await asyncio.sleep(LOOK_SECONDS)
        if await comfyui.stamp(output) not in (None, stamp):
            return True
    return False


def _in_words(size: int) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.0f} MiB"
