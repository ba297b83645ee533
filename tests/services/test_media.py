from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.utils import timezone

from gallery.access import SITE
from gallery.contract.errors import NotifyError
from gallery.models import Batch, BatchSlot, Folder, Item
from gallery.services import copies, media
from gallery.services.change import Change
from gallery.services.edits import edit_item
from gallery.services.folder_removal import delete_folder
from gallery.services.locks import acquire_lock
from gallery.services.mass_requests import Selection, act_on_selection
from gallery.services.media import Upload, add_uploads, clean_name, store_media, store_preview, store_slot_preview
from gallery.services.stored_files import incoming_directory, look_into
from gallery.views.selection import find_selected
from tests.api.helpers import picture, stored_files
from tests.factories import make_batch, make_item, make_pending_item, person, say, throw_away
from tests.media.samples import gradient, save_picture, save_sound, save_video

# Files follow rows at the commit, so these tests commit.
pytestmark = pytest.mark.django_db(transaction=True)


def received(name: str = "picture.png", make: Any = save_picture, **options: Any) -> Path:
    """A file that has arrived."""
    incoming_directory().mkdir(parents=True, exist_ok=True)
    return make(incoming_directory() / name, **options)


def store(item: Item, temporary: Path | None = None, claimed_type: str = "image/png") -> Item:
    temporary = temporary or received()
    return store_media(SITE, item.id, temporary, look_into(temporary, claimed_type))


def test_media_makes_the_file_the_thumbnail_and_the_facts(folder: Folder, settings: Any) -> None:
    item = make_pending_item(folder, type="file")
    answer = store(item, received(image=gradient(2000, 1000)))
    item.refresh_from_db()
    assert (item.type, item.width, item.height, item.content_type) == ("image", 2000, 1000, "image/png")
    assert item.size == (Path(settings.MEDIA_ROOT) / item.media_file).stat().st_size
    assert stored_files(settings) == sorted([item.media_file, item.thumb_file])
    assert item.media_url == answer.media_url == f"/media/items/{item.id}/{Path(item.media_file).stem}/media"
    assert item.thumb_url.endswith("/thumb")
    assert (item.status, item.is_pending) == ("processing", True)
    assert item.card_revision == item.revision == Folder.objects.get(id=folder.id).revision


def test_video_has_a_poster_and_a_duration(folder: Folder) -> None:
    item = store(make_item(folder), received("clip.mp4", save_video), "video/mp4")
    assert (item.type, item.duration, bool(item.thumb_file)) == ("video", 2.0, True)


def test_sound_keeps_the_workers_own_thumbnail(folder: Folder, settings: Any) -> None:
    item = make_item(folder, thumbUrl="https://example.org/cover.png")
    item = store(item, received("tone.wav", save_sound), "audio/wav")
    assert (item.type, item.thumb_url, item.thumb_file) == ("audio", "https://example.org/cover.png", "")
    assert stored_files(settings) == [item.media_file]


def test_second_file_takes_the_place_of_the_first(folder: Folder, settings: Any) -> None:
    item = make_item(folder)
    first = store(item)
    second = store(item)
    assert first.media_url != second.media_url
    assert stored_files(settings) == sorted([second.media_file, second.thumb_file])


def test_removed_item_leaves_no_file(folder: Folder, settings: Any) -> None:
    item = store(make_item(folder))
    assert stored_files(settings)
    say("item:remove", {"itemId": item.id})
    assert stored_files(settings) == []


def test_refused_transaction_leaves_no_file(folder: Folder, bob: Any, settings: Any) -> None:
    item = make_item(folder)
    temporary = received()
    facts = look_into(temporary, "image/png")
    with pytest.raises(NotifyError) as refused:
        store_media(person(bob), item.id, temporary, facts)
    assert refused.value.code == "forbidden"
    assert stored_files(settings) == []


def test_database_that_is_gone_leaves_no_file(folder: Folder, settings: Any, monkeypatch: Any) -> None:
    item = make_item(folder)

    def gone(*args: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("gallery.services.revisions.take_revision", gone)
    with pytest.raises(NotifyError, match="Nothing was kept"):
        store(item)
    assert stored_files(settings) == []


def copy_selected(alice: Any, item: Item) -> Any:
    to = {"folderId": item.folder_id}
    return act_on_selection(person(alice), item.folder, "copy", to, Selection([item.id]), find_selected)


@pytest.mark.parametrize("broken", [ZeroDivisionError("a mistake"), OperationalError("gone")])
def test_a_copy_that_fails_at_its_end_leaves_no_file(
    folder: Folder, alice: Any, settings: Any, monkeypatch: Any, broken: Exception
) -> None:
    item = store(make_item(folder))
    before = stored_files(settings)
    monkeypatch.setattr(Change, "write", Mock(side_effect=broken))
    with pytest.raises((ZeroDivisionError, NotifyError)):
        copy_selected(alice, item)
    assert stored_files(settings) == before


def test_a_copy_that_is_tried_twice_leaves_the_files_of_one(
    folder: Folder, alice: Any, settings: Any, monkeypatch: Any
) -> None:
    item = store(make_item(folder))
    write = Change.write
    attempts: list[Change] = []

    def write_at_last(change: Change) -> Any:
        attempts.append(change)
        if len(attempts) == 1:
            raise IntegrityError("somebody was quicker")
        return write(change)

    monkeypatch.setattr(Change, "write", write_at_last)
    assert copy_selected(alice, item).done
    copy = Item.objects.exclude(id=item.id).get()
    assert len(attempts) == 2
    files = (item.media_file, item.thumb_file, copy.media_file, copy.thumb_file)
    assert stored_files(settings) == sorted(filter(None, files))


def test_bytes_are_copied_while_others_may_write(folder: Folder, alice: Any, settings: Any, monkeypatch: Any) -> None:
    item = store(make_item(folder))
    written: list[bool] = []

    def write() -> None:
        try:
            edit_item(person(alice), item.id, {"name": f"Name {len(written)}"})
        finally:
            connection.close()

    def copy_slowly(source: Path, target: Path) -> None:
        """Until somebody else has written to the very folder."""
        assert not connection.in_atomic_block
        writer = Thread(target=write)
        writer.start()
        writer.join(10)
        written.append(not writer.is_alive())
        shutil.copyfile(source, target)

    monkeypatch.setattr("gallery.media.incoming._link", copy_slowly)
    assert copy_selected(alice, item).done
    assert written and all(written)
    assert Item.objects.get(id=item.id).name == f"Name {len(written) - 1}"


def test_what_was_copied_for_nothing_leaves_no_file(
    folder: Folder, alice: Any, settings: Any, monkeypatch: Any
) -> None:
    """It is thrown away between the first look and the transaction."""
    item, other = store(make_item(folder)), store(make_item(folder))
    before = stored_files(settings)
    prepare = copies.prepare_copies

    def prepare_and_lose(*said: Any) -> Any:
        prepared = prepare(*said)
        throw_away(person(alice), item.id)
        return prepared

    monkeypatch.setattr(copies, "prepare_copies", prepare_and_lose)
    to = {"folderId": folder.id}
    outcome = act_on_selection(person(alice), folder, "copy", to, Selection([item.id, other.id]), find_selected)
    assert (len(outcome.done), [one.error.code for one in outcome.refused]) == (1, ["not_found"])
    assert len(stored_files(settings)) == 3 * len(before) // 2


def test_what_goes_wrong_after_the_commit_takes_no_file(
    folder: Folder, alice: Any, settings: Any, monkeypatch: Any
) -> None:
    item = store(make_item(folder))
    before = stored_files(settings)
    monkeypatch.setattr("gallery.services.revisions.outages.requests.end", Mock(side_effect=ZeroDivisionError))
    with pytest.raises(ZeroDivisionError):
        copy_selected(alice, item)
    assert len(stored_files(settings)) == 2 * len(before)


def test_foreign_lock_does_not_lose_a_result(folder: Folder, alice: Any, erin: Any) -> None:
    item = make_item(folder)
    acquire_lock(person(alice), item.id)
    temporary = received()
    assert store_media(person(erin), item.id, temporary, look_into(temporary, "")).media_file


def test_media_is_a_word_of_the_worker(folder: Folder) -> None:
    item = make_pending_item(folder)
    long_ago = timezone.now() - timedelta(hours=1)
    Item.objects.filter(id=item.id).update(heard_at=long_ago, stalled_at=long_ago)
    Batch.objects.filter(id=item.batch_id).update(heard_at=long_ago, stalled_at=long_ago)
    item = store(item)
    item.refresh_from_db()
    assert (item.stalled_at, item.batch.stalled_at) == (None, None)
    assert min(item.heard_at, item.batch.heard_at) > long_ago


def test_upload_is_a_finished_item_on_top(folder: Folder, erin: Any, settings: Any) -> None:
    older = make_item(folder)
    item = add_uploads(person(erin), folder.id, [Upload(received(), "C:\\pictures\\Café del mar.png", "image/png")])[0]
    item.refresh_from_db()
    assert (item.name, item.status, item.is_pending, item.batch) == ("Café del mar.png", "complete", False, None)
    assert (item.created_by, item.type) == ("erin", "image")
    assert list(folder.items.order_by("-order_key")) == [item, older]
    assert stored_files(settings) == sorted([item.media_file, item.thumb_file])


def test_uploads_are_all_kept_or_none(folder: Folder, alice: Any, settings: Any) -> None:
    good, bad = received("good.png"), received("bad.png")
    bad.write_bytes(b"not a picture at all")
    uploads = [media.Upload(good, "good.png", "image/png"), media.Upload(bad, "bad.png", "image/png")]
    with pytest.raises(NotifyError):
        add_uploads(person(alice), folder.id, uploads)
    assert not folder.items.exists()
    assert stored_files(settings) == []


def test_uploads_stand_in_the_order_in_which_they_were_chosen(folder: Folder, alice: Any) -> None:
    uploads = [media.Upload(received(name), name) for name in ("a.png", "b.png", "c.png")]
    add_uploads(person(alice), folder.id, uploads)
    assert [item.name for item in folder.items.order_by("-order_key")] == ["a.png", "b.png", "c.png"]


@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_who_may_not_write_uploads_nothing(folder: Folder, who: str, settings: Any, request: Any) -> None:
    with pytest.raises(NotifyError):
        add_uploads(person(request.getfixturevalue(who)), folder.id, [Upload(received(), "a.png", "")])[0]
    assert stored_files(settings) == []


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("<b>bold</b>.png", "b>.png"),
        ("", "Untitled"),
        ("a\0b\n\u202ec.png", "a b c.png"),
        ("x" * 300, "x" * 200),
    ],
)
def test_names_of_uploads(filename: str, name: str) -> None:
    assert clean_name(filename) == name


def test_preview_is_shown_on_the_developing_card(folder: Folder, tmp_path: Path, settings: Any) -> None:
    item = make_pending_item(folder)
    receipt = store_preview(SITE, item.id, picture(tmp_path))
    before = Item.objects.get(id=item.id)
    assert before.card_revision == receipt.revision == Folder.objects.get(id=folder.id).revision
    assert before.preview_url.endswith("/preview")
    store_preview(SITE, item.id, picture(tmp_path, "WEBP"))
    after = Item.objects.get(id=item.id)
    assert after.preview_file != before.preview_file
    assert stored_files(settings) == [after.preview_file]


def test_preview_stays_until_the_finished_picture_is_there(folder: Folder, tmp_path: Path, settings: Any) -> None:
    for first in ("media", "complete"):
        item = make_pending_item(folder)
        store_preview(SITE, item.id, picture(tmp_path))
        for step in (first, "complete" if first == "media" else "media"):
            assert Item.objects.get(id=item.id).preview_file, step
            if step == "media":
                store(item)
            else:
                say("item:update", {"itemId": item.id, "status": "complete"})
        item.refresh_from_db()
        assert item.preview_file == ""
        assert {item.media_file, item.thumb_file} <= set(stored_files(settings))
    assert len(stored_files(settings)) == 4


def test_late_preview_is_accepted_and_dropped(folder: Folder, tmp_path: Path, settings: Any) -> None:
    item = store(make_item(folder))
    receipt = store_preview(SITE, item.id, picture(tmp_path))
    assert (receipt.item_id, receipt.revision) == (item.id, None)
    assert stored_files(settings) == sorted([item.media_file, item.thumb_file])


def test_preview_revives_what_was_given_up(folder: Folder, tmp_path: Path) -> None:
    item = make_pending_item(folder)
    Item.objects.filter(id=item.id).update(status="error", is_pending=False, stalled_at=timezone.now())
    Batch.objects.filter(id=item.batch_id).update(status="error", stalled_at=timezone.now(), failed_count=1)
    store_preview(SITE, item.id, picture(tmp_path))
    item.refresh_from_db()
    assert (item.status, item.is_pending, item.stalled_at) == ("processing", True, None)
    assert (item.batch.status, item.batch.stalled_at, item.batch.failed_count) == ("running", None, 0)


def test_preview_does_not_revive_what_failed_by_itself(folder: Folder, tmp_path: Path) -> None:
    item = make_pending_item(folder)
    say("item:update", {"itemId": item.id, "status": "error", "message": "too dark"})
    store_preview(SITE, item.id, picture(tmp_path))
    item.refresh_from_db()
    assert (item.status, item.message) == ("error", "too dark")


@pytest.mark.parametrize("data", [b"", b"GIF89a....", b"\x89PNG\r\n\x1a\n broken", b"x" * (512 * 1024 + 1)])
def test_what_is_no_preview_is_refused(folder: Folder, data: bytes, settings: Any) -> None:
    item = make_pending_item(folder)
    with pytest.raises(NotifyError):
        store_preview(SITE, item.id, data)
    assert stored_files(settings) == []


def test_preview_of_a_placeholder(folder: Folder, tmp_path: Path, settings: Any) -> None:
    batch = make_batch(folder, 3)
    receipt = store_slot_preview(SITE, batch.id, 1, picture(tmp_path))
    slot = BatchSlot.objects.get(batch=batch, index=1)
    assert slot.revision == receipt.revision
    store_slot_preview(SITE, batch.id, 1, picture(tmp_path))
    slot.refresh_from_db()
    assert stored_files(settings) == [slot.preview_file]


def test_preview_of_a_slot_that_there_is_not(folder: Folder, tmp_path: Path, settings: Any) -> None:
    batch = make_batch(folder, 2)
    make_item(folder, batch=batch)
    codes = []
    for index in (0, 2):
        with pytest.raises(NotifyError) as refused:
            store_slot_preview(SITE, batch.id, index, picture(tmp_path))
        codes.append(refused.value.code)
    assert codes == ["conflict", "invalid"]
    assert stored_files(settings) == []


def test_preview_of_an_ended_batch_is_dropped(folder: Folder, tmp_path: Path, settings: Any) -> None:
    batch = make_batch(folder, 2)
    say("batch:end", {"batchId": batch.id, "status": "complete"})
    assert store_slot_preview(SITE, batch.id, 1, picture(tmp_path)).revision is None
    assert not BatchSlot.objects.exists()
    assert stored_files(settings) == []


def test_item_goes_on_from_the_preview_of_its_placeholder(folder: Folder, tmp_path: Path, settings: Any) -> None:
    batch = make_batch(folder, 3)
    for index in range(3):
        store_slot_preview(SITE, batch.id, index, picture(tmp_path))
    before = dict(BatchSlot.objects.values_list("index", "preview_file"))
    developing = make_pending_item(folder, batch=batch)
    done = make_item(folder, batch=batch, mediaUrl="https://example.org/done.png")
    assert (developing.preview_file, done.preview_file) == (before[0], "")
    assert stored_files(settings) == sorted([before[0], before[2]])
    assert dict(BatchSlot.objects.values_list("index", "preview_file")) == {0: "", 1: "", 2: before[2]}


def test_deleted_folder_leaves_no_file(folder: Folder, alice: Any, tmp_path: Path, settings: Any) -> None:
    store(make_item(folder))
    store_slot_preview(SITE, make_batch(folder).id, 0, picture(tmp_path))
    assert len(stored_files(settings)) == 3
    delete_folder(person(alice), folder.id)
    assert stored_files(settings) == []
