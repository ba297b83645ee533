"""Batches and items as context managers, from ordinary code: what happens inside is what the gallery shows."""

from __future__ import annotations

import io
import logging
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from darkroom import AsyncGallery, Cancelled, DarkroomError, Gallery, OutboxFull, Refused, TokenRefused
from tests.client.conftest import Place
from tests.servers import wait_until

SIDE = 48  # pixels
KINDS = ("image", "array", "floats", "channels first", "grey", "path", "text path", "bytes", "cmyk")
NO_PICTURES = (b"no picture", b"", b"\x89PNG\r\n\x1a\n broken" * 60_000, object(), np.zeros((2, 3, 4, 5)))


@pytest.fixture
def gallery(place: Place) -> Iterator[Gallery]:
    with Gallery(place.server.http, place.room.secret) as gallery:
        yield gallery


def picture(red: int = 200) -> Image.Image:
    return Image.new("RGB", (SIDE, SIDE), (red, 80, 40))


def png() -> bytes:
    file = io.BytesIO()
    picture().save(file, "PNG")
    return file.getvalue()


def batch_of(place: Place) -> dict[str, Any]:
    [batch] = place.state["batches"]
    return batch


def test_the_five_lines(place: Place, gallery: Gallery) -> None:
    with gallery.batch("Sunsets", total=2) as batch:
        for name in ("sunset 1", "sunset 2"):
            with batch.item(name, metadata={"seed": 7}) as item:
                for _ in item.track(range(20)):
                    item.preview(picture())
                item.finish(picture())
    assert gallery.flush(30)
    assert [(name, item["status"], item["width"]) for name, item in sorted(place.items.items())] == [
        ("sunset 1", "complete", SIDE), ("sunset 2", "complete", SIDE),
    ]  # fmt: skip
    assert place.items["sunset 1"]["metadata"] == {"seed": 7}
    assert batch_of(place)["status"] == "complete"


@pytest.mark.parametrize(
    "kind", ["image", "array", "floats", "channels first", "grey", "path", "text path", "bytes", "cmyk"]
)
def test_pictures_of_every_kind_are_taken(kind: str, place: Place, gallery: Gallery, tmp_path: Path) -> None:
    array = np.asarray(picture())
    path = tmp_path / "there.png"
    path.write_bytes(png())
    made = {
        "image": picture(), "array": array, "floats": array / 255.0, "grey": array[:, :, 0],
        "channels first": (array / 255.0).transpose(2, 0, 1),
        "path": path, "text path": str(path), "bytes": png(), "cmyk": picture().convert("CMYK"),
    }[kind]  # fmt: skip
    with gallery.batch(kind) as batch, batch.item(kind) as item:
        item.preview(made)
        item.finish(made)
    assert gallery.flush(30)
    stored = place.items[kind]
    assert (stored["width"], stored["height"], stored["contentType"]) == (SIDE, SIDE, "image/png")


def test_an_exception_fails_the_item_and_the_batch_with_its_message(place: Place, gallery: Gallery) -> None:
    with pytest.raises(ZeroDivisionError), gallery.batch("Broken") as batch, batch.item("one"):
        1 / 0  # noqa: B018
    gallery.flush(30)
    assert place.items["one"]["status"] == "error"
    assert place.items["one"]["message"] == "ZeroDivisionError: division by zero"
    assert (batch_of(place)["status"], batch_of(place)["message"]) == ("error", "ZeroDivisionError: division by zero")


def test_who_catches_goes_on_and_the_batch_is_partial(place: Place, gallery: Gallery) -> None:
    with gallery.batch("Half", total=2) as batch:
        for name in ("good", "bad"):
            try:
                with batch.item(name) as item:
                    item.finish(png() if name == "good" else Path("is-not-there.png"))
            except Refused as refusal:
                assert str(refusal) == "is-not-there.png cannot be read: No such file or directory."
    gallery.flush(30)
    assert {name: item["status"] for name, item in place.items.items()} == {"good": "complete", "bad": "error"}
    assert batch_of(place)["status"] == "partial"
    assert batch_of(place)["message"] == "1 of 2 failed. is-not-there.png cannot be read: No such file or directory."


def test_ctrl_c_ends_it_as_cancelled_and_keeps_what_was_finished(place: Place, gallery: Gallery) -> None:
    with pytest.raises(KeyboardInterrupt), gallery.batch("Stopped", total=2) as batch:
        with batch.item("finished") as item:
            item.finish(png())
        with batch.item("under way") as item:
            for step in item.track(range(100)):
                if step == 50:
                    raise KeyboardInterrupt
    gallery.flush(30)
    assert place.items["finished"]["status"] == "complete" and place.items["finished"]["mediaUrl"]
    assert (place.items["under way"]["status"], place.items["under way"]["message"]) == (
        "error", "Stopped from the keyboard.",
    )  # fmt: skip
    assert batch_of(place)["status"] == "cancelled"


def test_cancel_in_the_gallery_stops_the_loop_and_the_program_goes_on(place: Place, gallery: Gallery) -> None:
    reached = 0
    with gallery.batch("Unwanted", total=3) as batch:
        for number in range(3):
            with batch.item(f"unwanted {number}") as item:
                for reached in item.track(range(100_000)):
                    if reached == 1:
                        gallery.flush(30)
                        place.gallery.call("ask_to_cancel", batch.id)
                    time.sleep(0.002)
    assert batch.cancelled and 1 < reached < 99_999
    gallery.flush(30)
    assert list(place.items) == ["unwanted 0"]
    assert (place.items["unwanted 0"]["status"], batch_of(place)["status"]) == ("error", "cancelled")
    with pytest.raises(Cancelled):
        batch.item("one more")


def test_who_wants_to_can_look_at_cancelled_alone(place: Place, gallery: Gallery) -> None:
    with gallery.batch("Looks", stop_on_cancel=False) as batch, batch.item("until told") as item:
        gallery.flush(30)
        place.gallery.call("ask_to_cancel", batch.id)
        for _ in item.track(iter(int, 1)):  # without end, and so without a percentage
            if batch.cancelled:
                break
        item.finish(png())
    gallery.flush(30)
    assert place.items["until told"]["mediaUrl"] and batch_of(place)["status"] == "cancelled"


def test_what_is_refused_of_a_file_is_on_its_card(
    place: Place, gallery: Gallery, caplog: pytest.LogCaptureFixture
) -> None:
    with gallery.batch("Not what it says") as batch, batch.item("liar") as item:
        item.finish(b"this is no PNG", content_type="image/png")
    gallery.flush(30)
    liar = place.items["liar"]
    assert liar["status"] == "error" and "image/png" in liar["message"] and liar["message"] in caplog.text
    assert batch_of(place)["status"] == "error"


@pytest.mark.parametrize(
    "nothing", [b"no picture", b"", b"\x89PNG\r\n\x1a\n broken" * 60_000, object(), np.zeros((2, 3, 4, 5))]
)
def test_a_preview_that_is_no_picture_is_a_sentence_in_the_log(
    nothing: Any, place: Place, gallery: Gallery, caplog: pytest.LogCaptureFixture
) -> None:
    gallery.say("batch:start", {"batchId": f"preview-{id(nothing)}", "total": 1, "label": "connects"})
    with gallery.batch("Goes on") as batch, batch.item("fine") as item:
        item.preview(nothing)
        item.finish(png())
    gallery.flush(30)
    assert "no picture" in caplog.text
    assert place.items["fine"]["status"] == "complete"


def test_a_file_of_two_gigabytes_is_refused_before_it_is_sent(place: Place, gallery: Gallery, tmp_path: Path) -> None:
    large = tmp_path / "large.mp4"
    with large.open("wb") as file:
        file.truncate(2 * 2**30)
    began = time.monotonic()
    sentence = r"large.mp4 has 2,048 MiB; the gallery takes 1,024 MiB at most."
    with pytest.raises(Refused, match=sentence), gallery.batch("Large") as batch, batch.item("large") as item:
        item.finish(large)
    assert time.monotonic() - began < 10
    gallery.flush(30)
    assert "2,048 MiB" in place.items["large"]["message"]


def test_a_name_that_is_a_path_or_worse_is_only_a_name(place: Place, gallery: Gallery) -> None:
    half = os.fsdecode(b"half \xff")
    names = ["../../etc/passwd", "<b>bold</b>", "x" * 500, "a\0b", "   ", half]
    with gallery.batch("Names", total=len(names)) as batch:
        for name in names:
            with batch.item(name) as item:
                item.finish(png())
    gallery.flush(30)
    assert set(place.items) == {"../../etc/passwd", "<b>bold</b>", "x" * 199 + "…", "ab", "Untitled", "half ?"}


def test_a_token_that_may_not_write_ends_the_loop_with_a_sentence(place: Place) -> None:
    _, bobs = place.gallery.call("make_token", "bob")
    with Gallery(place.server.http, bobs) as gallery:
        mine = gallery.batch("Mine", folder=place.room.folder_id)
        with pytest.raises(Refused) as refusal, mine as batch, batch.item("one") as item:
            for _ in item.track(iter(int, 1)):
                time.sleep(0.01)
        assert refusal.value.code == "forbidden"


def test_a_token_that_is_unknown_ends_the_loop_with_a_sentence(place: Place) -> None:
    with pytest.raises(TokenRefused), Gallery(place.server.http, "nobody's") as gallery:
        for _ in range(1000):
            with gallery.batch("Mine"):
                time.sleep(0.01)


def test_a_loop_goes_on_while_the_gallery_is_away(caplog: pytest.LogCaptureFixture) -> None:
    with Gallery("http://127.0.0.1:1", "token", max_waiting=10) as gallery:
        batch = gallery.batch("Away", total=3).__enter__()
        for number in range(3):
            with batch.item(str(number)) as item:
                for _ in item.track(range(1000)):
                    item.preview(picture())
        assert gallery.waiting == 1 + 3 * 3
        waits = threading.Thread(target=_expect_closed, args=(batch,))
        waits.start()
        with pytest.raises(OutboxFull):
            gallery.say("batch:start", {"batchId": "b", "total": 1, "label": "b"})
        gallery.close(0)
        waits.join(20)
        assert not waits.is_alive()
    assert "no more are kept" in caplog.text


def _expect_closed(batch: Any) -> None:
    with pytest.raises((DarkroomError, CancelledError)):
        batch.item("waits").__enter__()


def test_progress_from_a_fast_loop_is_merged_and_its_last_word_arrives(place: Place, gallery: Gallery) -> None:
    with gallery.batch("Fast") as batch, batch.item("fast") as item:
        gallery.flush(30)
        before = place.state["revision"]
        began = time.monotonic()
        for number in range(20_000):
            item.progress(number / 200, f"{number} of 20,000")
        took = time.monotonic() - began
        wait_until(lambda: place.items["fast"]["message"] == "19999 of 20,000", 30)
        assert place.state["revision"] - before <= took * 10 + 5


async def test_the_same_for_asynchronous_code(place: Place, worker: AsyncGallery) -> None:
    async with worker.batch("Async") as batch:
        async with batch.item("moon") as item:
            for _ in item.track(range(3)):
                await item.preview(picture())
            await item.finish(png())
        with pytest.raises(Refused):
            async with batch.item("dark") as item:
                await item.finish(b"\x89PNG\r\n\x1a\n broken", content_type="image/png")
    await worker.flush(30)
    assert {name: item["status"] for name, item in place.items.items()} == {"moon": "complete", "dark": "error"}
    assert batch_of(place)["status"] == "partial"


def test_a_gallery_is_not_carried_into_a_fork(place: Place, gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getpid", lambda: -1)
    with pytest.raises(DarkroomError, match="in another process"):
        gallery.flush(1)
    monkeypatch.undo()


def test_a_closed_gallery_says_so(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    gallery = Gallery(place.server.http, place.room.secret)
    gallery.close()
    gallery.close()
    with pytest.raises(DarkroomError, match="was closed"):
        gallery.say("batch:end", {"batchId": "b", "status": "complete"})
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
