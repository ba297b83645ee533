"""The version of a video for browsers, made again because somebody asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import Mock

import av
import pytest
from django.utils import timezone

from gallery.generators.context import Context
from gallery.generators.runs import do_run
from gallery.media import partial
from gallery.media.web_videos import PLAIN, Shape
from gallery.models import Batch, Folder, Item
from gallery.services import renditions
from gallery.services.batch_ends import cancel_batch
from gallery.services.files import media_root
from gallery.services.media import Upload, add_uploads
from gallery.services.rendition_shapes import recall_shape, remember_shape
from gallery.services.renditions import AT_WORK
from tests.api.helpers import stored_files
from tests.factories import make_folder, make_item, make_pending_item, person
from tests.media.samples import save_video

pytestmark = pytest.mark.django_db(transaction=True)
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def item(folder: Folder, erin: Any, tmp_path: Path) -> Item:
    path = save_video(tmp_path / "film.mp4", size=(1600, 900))
    [item] = add_uploads(person(erin), folder.id, [Upload(path, "film.mp4", "video/mp4")])
    return item


@pytest.fixture
def ask(folder: Folder, erin: Any, signed_in: Any) -> Any:
    """Post the form for these items; returns the answer."""

    def post(*items: Item, size: int = 640) -> Any:
        data = {"items": " ".join(item.id for item in items), "run": "1", "option-size": size, "option-quality": 28}
        return signed_in(erin).post(f"/folders/{folder.id}/generate/web-version/", data, headers=SCRIPT)

    return post


def width_of(item: Item) -> int:
    with av.open(str(media_root() / item.rendition_file)) as film:
        return film.streams.video[0].width


def test_it_takes_the_place_of_the_one_before(item: Item, ask: Any, settings: Any) -> None:
    for size in (1280, 640):
        assert ask(item, size=size).status_code == 204
        batch = Batch.objects.latest("started_at")
        assert not batch.makes_items, "no sheet of paper appears"
        do_run(batch.id)
        batch.refresh_from_db()
        item.refresh_from_db()
        assert (batch.status, batch.done_count, batch.message) == ("complete", 1, "")
        assert (item.status, width_of(item), item.rendition_due_at) == ("complete", size, None)
    assert (item.width, item.content_type) == (1600, "video/mp4"), "the original stays what it is"
    assert sorted(item.stored_files) == [path for path in stored_files(settings) if path in item.stored_files]
    assert len(list(media_root().rglob("*.mp4"))) == 2


def test_the_item_and_the_strip_say_how_far_it_is(item: Item, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def convert(item: Item, destination: Path, report: Any, shape: Any) -> None:
        report(40.0)
        row, batch = Item.objects.get(), Batch.objects.get()
        seen.append((row.is_pending, row.progress, row.message, batch.progress, batch.message))
        destination.write_bytes(b"a film")

    monkeypatch.setattr(renditions, "_convert", convert)
    ask(item)
    do_run(Batch.objects.get().id)
    assert seen == [(True, 40.0, renditions.WORDS, 40.0, "film.mp4")]


def test_cancelled_in_the_midst_the_old_one_stays(
    item: Item, ask: Any, erin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gallery.generators import context

    ask(item)
    do_run(Batch.objects.get().id)
    item.refresh_from_db()
    monkeypatch.setattr(context, "LOOK_SECONDS", 0.0)
    said = Context.notify

    def notify(self: Context, event: str, **payload: Any) -> Any:
        answer = said(self, event, **payload)
        if payload.get("progress") is not None:
            cancel_batch(person(erin), self.batch.id)
        return answer

    monkeypatch.setattr(Context, "notify", notify)
    monkeypatch.setattr("gallery.media.web_videos.REPORT_SECONDS", 0.0)
    ask(item, size=1280)
    batch = Batch.objects.latest("started_at")
    do_run(batch.id)
    batch.refresh_from_db()
    now = Item.objects.get()
    assert batch.status == "cancelled"
    assert (now.status, now.rendition_file, now.rendition_due_at) == ("complete", item.rendition_file, None)
    assert not list(media_root().rglob("incoming-rendition-*"))


def test_what_cannot_be_made_is_said_and_the_rest_is_made(item: Item, ask: Any, folder: Folder) -> None:
    developing = make_pending_item(folder, type="video", name="Not yet")
    ask(item, developing)
    batch = Batch.objects.get(is_repeatable=True)
    do_run(batch.id)
    batch.refresh_from_db()
    assert (batch.status, batch.done_count, batch.failed_count) == ("partial", 1, 1)
    assert batch.message == f"“Not yet”: {AT_WORK}"


def test_what_a_killed_worker_has_left_is_made_unless_somebody_is_at_it(item: Item, ask: Any) -> None:
    Item.objects.update(rendition_due_at=timezone.now())
    renditions._report(item, 40.0)
    ask(item)
    batch = Batch.objects.get()
    with partial.held(renditions._destination(item)):
        do_run(batch.id)
    batch.refresh_from_db()
    assert (batch.status, batch.message) == ("error", f"“film.mp4”: {AT_WORK}")
    assert Item.objects.get().status == "processing", "whoever is at it goes on"
    ask(item)
    batch = Batch.objects.latest("started_at")
    do_run(batch.id)
    batch.refresh_from_db()
    item.refresh_from_db()
    assert (batch.status, item.status, width_of(item)) == ("complete", "complete", 640)


def test_what_the_sweeper_takes_up_has_the_shape_that_was_asked_for(
    item: Item, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Nothing is tidied up after it."""

    with monkeypatch.context() as patched:
        patched.setattr(renditions, "_convert", Mock(side_effect=Killed))
        patched.setattr(renditions, "_finish", lambda *_: None)
        patched.setattr(renditions, "forget_shape", lambda _: None)
        ask(item, size=640)
        with pytest.raises(Killed):
            do_run(Batch.objects.get().id)
    assert Item.objects.get().rendition_due_at is not None
    renditions.render_item(item.id)
    item.refresh_from_db()
    assert (item.status, width_of(item), item.rendition_due_at) == ("complete", 640, None)
    assert not list(media_root().rglob("incoming-rendition-*"))


def test_a_shape_is_remembered_of_one_file_alone(item: Item) -> None:
    destination = renditions._destination(item)
    remember_shape(destination, item, Shape(640, 28, may_copy=False))
    assert recall_shape(destination, item) == Shape(640, 28, may_copy=False)
    item.media_file = "items/another.mp4"
    assert recall_shape(destination, item) == PLAIN
    destination.with_name(f"{destination.name}.json").write_text('{"media_')
    assert recall_shape(destination, item) == PLAIN


def test_a_broken_file_leaves_the_version_that_was_there(item: Item, ask: Any) -> None:
    ask(item)
    do_run(Batch.objects.get().id)
    item.refresh_from_db()
    (media_root() / item.media_file).write_bytes(b"\0\0\0\x18ftypmp42 broken")
    ask(item, size=1280)
    batch = Batch.objects.latest("started_at")
    do_run(batch.id)
    batch.refresh_from_db()
    now = Item.objects.get()
    assert (batch.status, now.status, now.rendition_file) == ("error", "complete", item.rendition_file)
    assert "film.mp4" in batch.message


def test_only_videos_and_only_where_one_may_write(
    folder: Folder, ask: Any, alice: Any, erin: Any, tmp_path: Path
) -> None:
    refused = ask(make_item(folder))
    assert (refused.status_code, "Select only items of the type" in refused.content.decode()) == (422, True)
    elsewhere = make_folder(alice, viewer=erin)
    path = save_video(tmp_path / "film.mp4")
    [item] = add_uploads(person(alice), elsewhere.id, [Upload(path, "film.mp4", "video/mp4")])
    ask(item)
    batch = Batch.objects.get(is_repeatable=True)
    do_run(batch.id)
    batch.refresh_from_db()
    item.refresh_from_db()
    assert (batch.status, item.rendition_file) == ("error", "")
    assert "You may look at this folder, but not change it." in batch.message
