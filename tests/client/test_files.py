"""Files on their way to the gallery: whole, in time, and not while somebody is still writing them."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from darkroom import AsyncGallery, Refused
from darkroom.files import PREVIEW_BYTES, content_type_of, item_type_of
from tests.client.conftest import Place
from tests.client.test_delivery import PATIENCE, add, finish, start


def png(side: int = 32) -> bytes:
    file = io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(3 * side * side)).save(file, "PNG")
    return file.getvalue()


async def test_paths_bytes_and_streams_arrive_whole(worker: AsyncGallery, place: Place, tmp_path: Path) -> None:
    data = png(700)
    assert len(data) > 2**20
    (tmp_path / "there.png").write_bytes(data)

    async def chunks() -> AsyncIterator[bytes]:
        for begin in range(0, len(data), 100_000):
            yield data[begin : begin + 100_000]
            await asyncio.sleep(0)

    start(worker, "sources", 3)
    for name, source in (("path", tmp_path / "there.png"), ("bytes", data), ("stream", chunks())):
        add(worker, "sources", name)
        item = await asyncio.wait_for(worker.put_media(name, source, "image/png"), PATIENCE)
        assert (item["size"], item["width"]) == (len(data), 700)
        finish(worker, name)
    await worker.flush(PATIENCE)
    assert {item["status"] for item in place.items.values()} == {"complete"}


async def test_an_upload_waits_for_its_item_and_for_the_gallery(place: Place) -> None:
    server = place.gallery.new_server("daphne")
    async with AsyncGallery(server.http, place.room.secret) as worker:
        start(worker, "early", 1)
        add(worker, "early", "early-bird")
        upload = asyncio.ensure_future(worker.put_media("early-bird", png(), "image/png"))
        try:
            await asyncio.to_thread(server.start)
            assert (await asyncio.wait_for(upload, PATIENCE))["mediaUrl"]
        finally:
            await worker.close()
            server.kill()


async def test_a_file_that_is_still_written_is_not_taken_for_whole(worker: AsyncGallery, tmp_path: Path) -> None:
    path = tmp_path / "growing.bin"
    path.write_bytes(b"x" * 1000)
    start(worker, "growing", 2)
    await asyncio.wait_for(add(worker, "growing", "grows", type="file"), PATIENCE)

    async def write() -> None:
        while True:
            with path.open("ab") as file:
                file.write(b"y" * 1000)
            await asyncio.sleep(0.001)

    writing = asyncio.ensure_future(write())
    with pytest.raises(Refused, match="growing.bin is still being written"):
        await asyncio.wait_for(worker.put_media("grows", path), PATIENCE)
    writing.cancel()
    item = await asyncio.wait_for(worker.put_media("grows", path), PATIENCE)
    assert item["size"] == path.stat().st_size


async def test_what_cannot_be_sent_is_a_sentence(worker: AsyncGallery, tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    with (tmp_path / "large.mp4").open("wb") as file:
        file.truncate(2 * 2**30)
    sentences = {
        "empty.png": "empty.png is empty.",
        "large.mp4": "large.mp4 has 2,048 MiB; the gallery takes 1,024 MiB at most.",
        "absent.png": "absent.png cannot be read: No such file or directory.",
        ".": f"{tmp_path.name} cannot be read: Is a directory.",
    }
    for name, sentence in sentences.items():
        with pytest.raises(Refused) as refusal:
            await asyncio.wait_for(worker.put_media("whoever", tmp_path / name), 5)
        assert str(refusal.value) == sentence

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 2**20

    small = AsyncGallery("http://127.0.0.1:1", "token", max_media_bytes=3 * 2**20)
    with pytest.raises(Refused, match="takes 3 MiB at most"):
        await small.put_media("whoever", endless(), name="endless.bin")
    await small.close(0)
    with pytest.raises(Refused) as refusal:
        await asyncio.wait_for(worker.put_media("whoever", b"x"), PATIENCE)
    assert refusal.value.code == "not_found"


async def test_previews_are_shown_and_what_is_none_is_said(worker: AsyncGallery, place: Place) -> None:
    start(worker, "previews", 2)
    await asyncio.wait_for(add(worker, "previews", "previewed"), PATIENCE)
    assert await worker.put_preview("previewed", png())
    assert await worker.put_preview(("previews", 1), png())
    assert place.items["previewed"]["previewUrl"]
    for data, sentence in ((b"GIF89a", "no picture"), (png(500), "512 KiB")):
        with pytest.raises(Refused, match=sentence):
            await worker.put_preview("previewed", data)
    with pytest.raises(Refused):
        await worker.put_preview("previewed", b"\xff\xd8\xff and nothing behind it")
    assert len(png(500)) > PREVIEW_BYTES


async def test_a_preview_for_a_gallery_that_is_away_is_dropped() -> None:
    worker = AsyncGallery("http://127.0.0.1:1", "token")
    assert not await asyncio.wait_for(worker.put_preview("7", png()), 5)
    await worker.close(0)


@pytest.mark.parametrize(
    ("name", "content_type", "item_type"),
    [
        ("a.PNG", "image/png", "image"),
        ("a.webp", "image/webp", "image"),
        ("a.mkv", "video/x-matroska", "video"),
        ("a.flac", "audio/flac", "audio"),
        ("a.svg", "image/svg+xml", "file"),
        ("a.safetensors", "application/octet-stream", "file"),
        ("no suffix", "application/octet-stream", "file"),
    ],
)
def test_a_name_says_what_it_is(name: str, content_type: str, item_type: str) -> None:
    assert (content_type_of(name), item_type_of(content_type)) == (content_type, item_type)
