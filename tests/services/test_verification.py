"""``verify`` finds what must not be, believes nothing that it saw once, and mends counters and orphan files only."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from gallery.models import Batch, BatchSlot, Command, EventReceipt, Folder, Item, ItemLock, SiteRevision, Tombstone
from gallery.services import integrity
from gallery.services.files import media_root
from gallery.services.integrity import Looked
from gallery.services.stored_files import keep_preview
from gallery.services.verification import verify
from tests.checks import check_all
from tests.factories import make_batch, make_folder, make_item, make_pending_item, person, say
from tests.media.samples import save_picture

pytestmark = pytest.mark.django_db

OLD = 2 * 3600.0  # seconds: past every grace


def sentences() -> list[str]:
    return [finding.sentence for finding in verify(Looked())]


def run(**options: Any) -> str:
    out = StringIO()
    call_command("verify", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def busy(folder: Folder, alice: Any) -> Item:
    """A folder with a bit of everything in it; returns a pending item."""
    for status in ("complete", "error"):
        say("item:update", {"itemId": make_pending_item(folder).id, "status": status})
    say("item:remove", {"itemId": make_item(folder).id})
    batch = make_batch(folder, 3)
    say("batch:progress", {"batchId": batch.id, "index": 2, "progress": 5})
    say("batch:progress", {"batchId": batch.id, "index": 1, "item": {"name": "Second", "type": "image"}})
    item = make_pending_item(folder, batch=batch)
    say("item:lock", {"itemId": item.id}, person(alice))
    return Item.objects.get(id=item.id)


def test_a_gallery_at_work_is_well(busy: Item) -> None:
    assert sentences() == []
    assert run().startswith("All is well: 1 folders, 4 items, 4 batches")


def _older(name: str, **time: float) -> dict[str, Any]:
    return {name: timezone.now() - timedelta(**time)}


FAULTS: list[tuple[str, Any, dict[str, Any], str]] = [
    ("a row above its folder", Folder, {"revision": F("revision") - 1}, "above the revision of its folder"),
    ("a floor above the folder", Folder, {"memory_floor": F("revision") + 1}, "remembers only from"),
    ("a part newer than its item", Item, {"lock_revision": 1}, "not the newest of its parts"),
    ("an item that came after its card", Item, {"created_revision": F("card_revision") + 1}, "came at revision"),
    ("pending and complete", Item, {"is_pending": True, "status": "complete"}, "marked as pending"),
    ("a batch above its folder", Batch, {"revision": 999}, "Batch {batch} is stamped 999, above"),
    ("placeholders newer than the batch", Batch, {"placeholders_revision": F("revision") + 1}, "its placeholders"),
    ("a miscounted batch", Batch, {"done_count": 7}, "counts"),
    ("a slot that nobody had", Batch, {"next_slot": 3}, "a slot below 3"),
    ("a slot above its folder", BatchSlot, {"revision": 999}, "stamped 999"),
    ("a tombstone above its folder", Tombstone, {"revision": 999}, "The tombstone of item"),
    ("a tombstone on a living item", Tombstone, {"item_id": "{item}"}, "has a tombstone there"),
    ("a used slot with another item", BatchSlot, {"used": True, "index": 1, "item_id": "other"}, "and has another one"),
    ("a lease of nobody", ItemLock, {"expires_at": None}, "yet it has a holder"),
    ("a lease that nobody ended", ItemLock, _older("expires_at", minutes=5), "was not freed"),
    ("an item that nobody looks at", Item, _older("stall_at", minutes=5), "was to be looked at"),
    ("a pending item that cannot stall", Item, {"stall_at": None}, "nobody will ever look"),
    ("a running batch that cannot stall", Batch, {"stall_at": None}, "nobody will ever look"),
    ("a strip that stays", Batch, _older("fold_at", minutes=5), "was to leave the page"),
    ("a strip that never goes", Batch, {"status": "complete", "fold_at": None}, "will never leave the page"),
    ("a miscounted folder", Folder, {"item_count": 7}, "counts 7 items; there are 4"),
    ("a cover from elsewhere", Folder, {"cover": "{elsewhere}"}, "which is in another folder"),
    ("a folder in itself", Folder, {"parent": F("id")}, "stands within itself"),
    ("a trash that nobody empties", Item, _older("trashed_at", days=31), "was thrown away at"),
    ("an old tombstone", Tombstone, _older("buried_at", hours=25), "older than a day"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "values", "said"), [fault[1:] for fault in FAULTS], ids=[f[0] for f in FAULTS])
def test_what_must_not_be_is_found_and_left_alone(busy: Item, model: Any, values: Any, said: str) -> None:
    elsewhere = make_item(make_folder(busy.folder.owner)).id
    names = {"item": busy.id, "batch": busy.batch_id, "elsewhere": elsewhere}
    values = {key: value.format(**names) if isinstance(value, str) else value for key, value in values.items()}
    rows = model.objects.all()
    if model is BatchSlot:
        rows = rows.filter(batch=busy.batch_id)
    elif keys := {Item: busy.id, Batch: busy.batch_id, Folder: busy.folder_id}.get(model):
        rows = rows.filter(pk=keys)
    elif model is not ItemLock:
        rows = rows.filter(folder=busy.folder_id)
    assert rows.update(**values) == 1
    found = sentences()
    assert any(said.format(**names) in sentence for sentence in found), found
    if not values.keys() & {"done_count", "item_count", "trashed_at"}:  # mended, or what the folder counts
        before = list(model.objects.order_by("pk").values())
        with pytest.raises(CommandError, match="^Wrong: ") as refused:
            run(repair=True)
        assert refused.value.returncode == 1
        assert list(model.objects.order_by("pk").values()) == before


def test_a_cancellation_of_what_has_ended_is_found(busy: Item, token: Any) -> None:
    Batch.objects.filter(id=busy.batch_id).update(token=token, status="complete", fold_at=timezone.now(), stall_at=None)
    Command.objects.create(token=token, type="batch:cancel", batch_id=busy.batch_id)
    assert [sentence for sentence in sentences() if "is asked to cancel" in sentence]


def test_an_acknowledged_revision_that_is_gone_is_found(folder: Folder) -> None:
    make_batch(folder)
    EventReceipt.objects.create(scope="site", event_id="e", receipt=f'{{"folder_id":"{folder.id}","revision":9}}')
    assert sentences() == [f"Revision 9 of folder {folder.id} was acknowledged, and it is at 1."]
    EventReceipt.objects.update(receipt="{}", **_older("created_at", hours=25))
    assert sentences() == ["1 receipts are older than a day, and were not forgotten."]


def test_a_revision_that_goes_back_meanwhile_is_found(busy: Item) -> None:
    SiteRevision.objects.create(id=1, messages=5)
    looking = verify(Looked())
    Item.objects.filter(id=busy.id).update(is_pending=False)
    next(looking)  # it has had its first look
    Folder.objects.update(revision=F("revision") + 100)
    first = Folder.objects.get().revision
    assert not [finding for finding in looking if "went back" in finding.sentence]
    looking = verify(Looked())
    next(looking)
    Folder.objects.update(revision=F("revision") - 50)
    SiteRevision.objects.update(messages=4)
    said = [finding.sentence for finding in looking if "went back" in finding.sentence]
    assert said == [
        f"The revision of folder {busy.folder_id} went back from {first} to {first - 50}.",
        "The messages' revision went back from 5 to 4.",
    ]


def test_what_is_right_again_at_the_second_look_is_not_believed(busy: Item, monkeypatch: Any) -> None:
    Batch.objects.filter(id=busy.batch_id).update(item_count=9)
    find = integrity.find_rows

    def heal(checks: Any) -> Any:
        for check in checks:

            def wrong(rows: Any, check: Any = check) -> Any:
                found = check.wrong(rows)
                if "real_item_count" in found.query.annotations:
                    seen.append(1)
                    if len(seen) == 2:
                        Batch.objects.filter(id=busy.batch_id).update(item_count=2)
                return found

            yield from find([integrity.RowCheck(check.rows, wrong, check.say, check.remedy, check.mend)])

    seen: list[int] = []
    monkeypatch.setattr("gallery.services.verification.find_rows", heal)
    assert sentences() == [] and len(seen) == 2


def test_counters_are_mended_and_pages_hear_of_it(busy: Item) -> None:
    Batch.objects.filter(id=busy.batch_id).update(item_count=9, done_count=9, failed_count=9)
    with pytest.raises(CommandError, match=r"Wrong: 1\. --repair would mend 1\."):
        run()
    before = Folder.objects.get().revision
    assert "Mended." in run(repair=True)
    batch, folder = Batch.objects.get(id=busy.batch_id), Folder.objects.get()
    assert (batch.item_count, batch.done_count, batch.failed_count) == (2, 1, 0)
    assert batch.revision == folder.revision == before + 1
    check_all()
    assert sentences() == []


def test_a_folders_counter_is_mended_and_pages_hear_of_it(busy: Item) -> None:
    Folder.objects.update(item_count=9)
    before = Folder.objects.get().revision
    assert "Mended." in run(repair=True)
    assert (Folder.objects.get().item_count, Folder.objects.get().revision) == (4, before + 1)
    assert sentences() == []


def _stored(tmp_path: Path, age: float = 0) -> str:
    """A preview that the gallery has kept, last written so long ago; its change time cannot be set."""
    path = keep_preview(save_picture(tmp_path / "sample.png").read_bytes())
    moment = time.time() - age
    os.utime(media_root() / path, (moment, moment))
    return path


def test_an_orphan_file_is_deleted_and_others_are_not(busy: Item, tmp_path: Path, monkeypatch: Any) -> None:
    orphan, named = _stored(tmp_path, OLD), _stored(tmp_path, OLD)
    Item.objects.filter(id=busy.id).update(preview_file=named)
    beside = media_root() / "items" / "readme.txt"
    beside.write_text("not ours")
    left = media_root() / "incoming" / "incoming-left"
    left.write_text("half a file")
    assert sentences() == [], "an upload may still be under way"
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + OLD)
    assert sentences() == [f"No row names the file {orphan}."]
    monkeypatch.setattr(time, "time", lambda: real() + 2 * 24 * 3600)
    said = run(repair=True)
    assert f"No row names the file {orphan}. Mended." in said and "incoming/incoming-left" in said
    assert not (media_root() / orphan).exists() and not left.exists()
    assert (media_root() / named).exists() and beside.exists()
    assert sentences() == []


def test_a_file_that_gets_its_row_meanwhile_is_not_deleted(busy: Item, tmp_path: Path, monkeypatch: Any) -> None:
    from gallery.services import integrity_files

    path = _stored(tmp_path, OLD)
    real, is_known = time.time, integrity_files._is_known
    monkeypatch.setattr(time, "time", lambda: real() + OLD)

    def arrive(*arguments: Any) -> bool:
        Item.objects.filter(id=busy.id).update(preview_file=path)
        return is_known(*arguments)

    monkeypatch.setattr(integrity_files, "_is_known", arrive)
    assert sentences() == []


def test_a_missing_file_is_said(busy: Item, tmp_path: Path) -> None:
    path = _stored(tmp_path)
    Item.objects.filter(id=busy.id).update(preview_file=path)
    BatchSlot.objects.filter(batch=busy.batch_id).update(preview_file="items/00/gone.png")
    (media_root() / path).unlink()
    assert [sentence.split(" names ")[1] for sentence in sentences()] == [
        f"{path} as its preview, and there is no such file.",
        "items/00/gone.png as its preview, and there is no such file.",
    ]


def test_tables_are_walked_in_windows(folder: Folder, monkeypatch: Any) -> None:
    monkeypatch.setattr(integrity, "WINDOW", 10)
    for _ in range(25):
        make_item(folder)
    pieces = [list(window.values_list("pk", flat=True)) for window in integrity.windows(Item.objects.all())]
    assert [len(piece) for piece in pieces] == [10, 10, 5]
    assert sum(pieces, []) == sorted(Item.objects.values_list("pk", flat=True))
    assert sentences() == []
    Item.objects.update(is_pending=True)
    assert len([sentence for sentence in sentences() if "is marked as pending" in sentence]) == 25


def test_a_database_that_is_away_is_said(monkeypatch: Any) -> None:
    from django.db import OperationalError

    def refuse(looked: Looked) -> Any:
        raise OperationalError("connection refused")

    monkeypatch.setattr("gallery.management.commands.verify.verify", refuse)
    with pytest.raises(CommandError, match="Could not look: connection refused") as refused:
        run()
    assert refused.value.returncode == 2
