from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gallery.media import partial
from gallery.media.web_videos import PLAIN
from gallery.models import Folder, Item
from gallery.services import rendition_queue, renditions
from gallery.services.forgetting import forget
from gallery.services.media import Upload, add_uploads, store_media
from gallery.services.stored_files import incoming_directory, look_into
from tests.api.helpers import stored_files
from tests.factories import make_pending_item, person, worker
from tests.media.samples import save_video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the task worker is asked for."""
    asked: list[str] = []
    monkeypatch.setattr(rendition_queue, "enqueue_on_commit", lambda task, item_id: asked.append(item_id))
    return asked


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return save_video(tmp_path / "film.mkv", "mpeg4")


@pytest.fixture
def item(asked: list[str], film: Path, folder: Folder, erin: Any) -> Item:
    return add_uploads(person(erin), folder.id, [Upload(film, "film.mkv", "video/x-matroska")])[0]


def test_a_video_that_browsers_do_not_play_gets_a_version(item: Item, asked: list[str], settings: Any) -> None:
    assert asked == [item.id]
    assert (item.status, item.shown_url) == ("complete", item.media_url)
    renditions.render_item(item.id)
    item.refresh_from_db()
    assert (item.status, item.is_pending, item.rendition_due_at) == ("complete", False, None)
    assert item.shown_url == item.rendition_url != item.media_url
    assert item.content_type == "video/x-matroska", "the original stays what it is"
    assert sorted(item.stored_files) == stored_files(settings)
    renditions.render_item(item.id)
    assert len(stored_files(settings)) == 3


def test_one_that_they_play_gets_none(asked: list[str], tmp_path: Path, folder: Folder, erin: Any) -> None:
    path = save_video(tmp_path / "a.mp4")
    add_uploads(person(erin), folder.id, [Upload(path, "a.mp4", "video/mp4")])
    assert asked == []


def test_everybody_sees_how_far_it_is(item: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[bool, str, float | None]] = []

    def convert(item: Item, destination: Path, report: Any, shape: Any) -> None:
        for fraction in (None, 40.0):
            renditions._report(item, fraction)
            row = Item.objects.get(id=item.id)
            seen.append((row.is_pending, row.message, row.progress))
        destination.write_bytes(b"a film")

    monkeypatch.setattr(renditions, "_convert", convert)
    renditions.render_item(item.id)
    assert seen == [(True, renditions.WORDS, None), (True, renditions.WORDS, 40.0)]
    assert Item.objects.get().status == "complete"


def test_what_cannot_be_converted_stays_as_it_is(item: Item, settings: Any) -> None:
    (Path(settings.MEDIA_ROOT) / item.media_file).write_bytes(b"\x1a\x45\xdf\xa3 broken")
    renditions.render_item(item.id)
    item.refresh_from_db()
    assert (item.status, item.rendition_file, item.rendition_due_at) == ("complete", "", None)
    assert sorted(path for path in item.stored_files if path) == stored_files(settings)


def test_a_killed_worker_is_noticed_and_another_is_asked(item: Item, asked: list[str], clock: Any) -> None:
    renditions._report(item, 30)  # it had begun
    clock.move(minutes=1)
    forget()
    assert asked == [item.id]
    clock.move(minutes=2)
    forget()
    forget()
    assert asked == [item.id, item.id]
    renditions.render_item(item.id)
    item.refresh_from_db()
    assert (item.status, bool(item.rendition_file)) == ("complete", True)


def test_two_workers_do_not_make_it_at_once(item: Item) -> None:
    path = incoming_directory() / f"incoming-rendition-{item.id}"
    partial.create(path)
    with partial.held(path):
        renditions.render_item(item.id)
    item.refresh_from_db()
    assert (item.rendition_file, item.status) == ("", "complete")


def test_a_new_file_meanwhile_makes_it_needless(item: Item, tmp_path: Path, alice: Any, settings: Any) -> None:
    old = Item.objects.get()
    path = save_video(tmp_path / "new.mp4")
    store_media(person(alice), item.id, path, look_into(path, "video/mp4"))
    renditions._render(old, save_video(tmp_path / "late.mp4"), PLAIN)
    item.refresh_from_db()
    assert (item.rendition_file, item.rendition_due_at) == ("", None)
    assert len(stored_files(settings)) == 2


def test_a_workers_own_item_is_finished_by_its_worker(asked: list[str], film: Path, folder: Folder, token: Any) -> None:
    item = make_pending_item(folder, type="video", message="Rendering")
    store_media(worker(token), item.id, film, look_into(film, ""))
    renditions.render_item(item.id)
    item.refresh_from_db()
    assert (item.is_pending, item.message, bool(item.rendition_file)) == (True, "Rendering", True)
