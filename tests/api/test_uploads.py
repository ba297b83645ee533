"""Uploads piece by piece: the protocol, and what everybody sees of it."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from gallery.contract.errors import NotifyError
from gallery.media import partial
from gallery.models import Folder, Item, PartialUpload, Tombstone
from gallery.services import announced_uploads, finished_uploads, uploads
from gallery.services.finished_uploads import finish_upload
from gallery.services.forgetting import forget
from gallery.services.sweep import sweep
from tests.api.helpers import picture, stored_files
from tests.api.tus_client import TUS, Tus
from tests.factories import person, throw_away

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def erins(erin: Any, signed_in: Any) -> Tus:
    return Tus(signed_in(erin))


@pytest.fixture(autouse=True)
def _report_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "REPORT_EVERY", uploads.timedelta(0))


def test_an_item_develops_from_the_first_byte_on(erins: Tus, folder: Folder, tmp_path: Path) -> None:
    data = picture(tmp_path)
    url = erins.begin(folder.id, len(data), filename="Sunset.png", filetype="image/png")
    item = Item.objects.get()
    assert (item.name, item.type, item.is_pending, item.progress) == ("Sunset.png", "image", True, 0)
    assert item.created_by == "erin"
    half = len(data) // 2
    response = erins.patch(url, 0, data[:half])
    assert (response.status_code, response["Upload-Offset"]) == (204, str(half))
    item.refresh_from_db()
    assert item.progress == pytest.approx(50, abs=1)
    assert (item.message, item.is_pending) == ("Uploading", True)
    assert item.progress_revision > item.card_revision
    response = erins.patch(url, half, data[half:])
    assert (response.status_code, response["Upload-Offset"]) == (204, str(len(data)))
    item.refresh_from_db()
    assert (item.status, item.is_pending, item.width, item.size) == ("complete", False, 64, len(data))
    assert item.content_hash == hashlib.sha256(data).hexdigest()
    assert sorted(path.split("/")[0] for path in stored_files_of(erins)) == ["items", "items"]


def stored_files_of(_: Tus) -> list[str]:
    from django.conf import settings

    return stored_files(settings)


def test_it_goes_on_where_it_was_cut(erins: Tus, folder: Folder, tmp_path: Path) -> None:
    data = picture(tmp_path)
    url = erins.begin(folder.id, len(data), filename="a.png")
    erins.patch(url, 0, data[:50])
    head = erins.head(url)
    assert (head.status_code, head["Upload-Offset"], head["Upload-Length"]) == (200, "50", str(len(data)))
    assert head["Cache-Control"] == "no-store"
    assert (erins.patch(url, 40, data[40:]).status_code, erins.head(url)["Upload-Offset"]) == (409, "50")
    assert erins.patch(url, 50, data[50:]).status_code == 204
    assert Item.objects.get().status == "complete"


def test_the_answer_that_was_lost_is_given_again(erins: Tus, folder: Folder, tmp_path: Path) -> None:
    data = picture(tmp_path)
    url = erins.begin(folder.id, len(data), filename="a.png")
    erins.patch(url, 0, data)
    revision = Item.objects.get().revision
    assert erins.head(url)["Upload-Offset"] == str(len(data))
    assert erins.patch(url, len(data), b"").status_code == 204
    assert Item.objects.get().revision == revision
    bad = erins.begin(folder.id, 5, filename="a.png", filetype="image/png")
    first = erins.patch(bad, 0, b"nopng").json()
    again = erins.patch(bad, 5, b"")
    assert (again.status_code, again.json()["message"]) == (422, first["message"])


def test_a_server_that_died_before_it_looked_into_the_file(erins: Tus, folder: Folder, tmp_path: Path) -> None:
    data = picture(tmp_path)
    url = erins.begin(folder.id, len(data), filename="a.png")
    partial.append(uploads.path_of(PartialUpload.objects.get()), 0, [data], length=len(data))
    assert erins.head(url)["Upload-Offset"] == str(len(data))
    assert erins.patch(url, len(data), b"").status_code == 204
    assert Item.objects.get().status == "complete"


@pytest.mark.parametrize(
    ("data", "claim", "words"),
    [
        (b"<html><script>", "image/png", "it is not"),
        (b"\x89PNG\r\n\x1a\n broken", "image/png", "damaged or cut off"),
        (b"\xff\xd8\xff\xe0 broken", "", "damaged or cut off"),
    ],
)
def test_a_file_that_is_refused_leaves_nothing(
    erins: Tus, folder: Folder, settings: Any, data: bytes, claim: str, words: str
) -> None:
    response = erins.send(folder.id, data, filename="a.png", filetype=claim)
    assert (response.status_code, response.json()["code"]) == (422, "invalid")
    assert words in response.json()["message"]
    assert (Item.objects.count(), stored_files(settings)) == (0, [])
    assert Tombstone.objects.count() == 1, "whoever saw the card develop sees it go"


def test_what_can_be_known_before_is_refused_before(erins: Tus, folder: Folder, settings: Any) -> None:
    settings.GALLERY_MAX_FILE_BYTES, settings.GALLERY_MAX_IMAGE_BYTES = 2048, 1024
    empty = erins.create(folder.id, 0, filename="a.png")
    assert (empty.status_code, empty.json()["message"]) == (422, "The file is empty.")
    large = erins.create(folder.id, 2049, filename="a.bin")
    assert (large.status_code, large.json()["message"]) == (413, "The file is larger than 2 KiB.")
    picture = erins.create(folder.id, 1025, filename="a.png", filetype="image/png")
    assert (picture.status_code, picture.json()["message"]) == (413, "The picture is larger than 1 KiB.")
    assert erins.create(folder.id, 1024, filename="a.png", filetype="image/png").status_code == 201
    assert Item.objects.count() == 1


def test_more_than_was_announced_is_not_kept(erins: Tus, folder: Folder) -> None:
    url = erins.begin(folder.id, 4, filename="a.bin")
    assert erins.patch(url, 0, b"12345").status_code == 413
    assert erins.head(url)["Upload-Offset"] == "0"


def test_a_piece_is_checked(erins: Tus, folder: Folder) -> None:
    url = erins.begin(folder.id, 4, filename="a.bin")
    good = base64.b64encode(hashlib.sha1(b"1234").digest()).decode()
    bad = erins.patch(url, 0, b"1235", **{"Upload-Checksum": f"sha1 {good}"})
    assert (bad.status_code, erins.head(url)["Upload-Offset"]) == (460, "0")
    assert erins.patch(url, 0, b"1234", **{"Upload-Checksum": "md9 AAAA"}).status_code == 400
    assert erins.patch(url, 0, b"1234", **{"Upload-Checksum": f"sha1 {good}"}).status_code == 204


def test_the_whole_is_checked_where_its_hash_is_known(erins: Tus, folder: Folder) -> None:
    said = hashlib.sha256(b"1234").hexdigest()
    damaged = erins.send(folder.id, b"1235", filename="a.bin", sha256=said)
    assert (damaged.status_code, damaged.json()["message"]) == (
        422,
        "The file did not arrive as it was sent. Send it again.",
    )
    assert erins.send(folder.id, b"1234", filename="a.bin", sha256=said).status_code == 204


def test_cancelling_takes_the_card_along(erins: Tus, folder: Folder, settings: Any) -> None:
    url = erins.begin(folder.id, 10, filename="a.bin")
    erins.patch(url, 0, b"12345")
    assert len(stored_files(settings)) == 1
    assert erins.delete(url).status_code == 204
    assert (Item.objects.count(), stored_files(settings)) == (0, [])
    assert (erins.head(url).status_code, erins.patch(url, 5, b"67890").status_code) == (404, 404)


def test_a_card_that_somebody_removed_ends_it(erins: Tus, folder: Folder, alice: Any, settings: Any) -> None:
    url = erins.begin(folder.id, 10, filename="a.bin")
    throw_away(person(alice), Item.objects.get().id)
    response = erins.patch(url, 0, b"12345")
    assert (response.status_code, response.json()["message"]) == (404, "Somebody has removed it meanwhile.")
    assert stored_files(settings) == []


def test_two_requests_do_not_write_at_once(erins: Tus, folder: Folder) -> None:
    url = erins.begin(folder.id, 10, filename="a.bin")
    with partial.held(uploads.path_of(PartialUpload.objects.get())):
        assert erins.patch(url, 0, b"12345").status_code == 423
    assert erins.patch(url, 0, b"12345").status_code == 204


def test_two_requests_that_both_found_it_whole_finish_it_once(
    erins: Tus, folder: Folder, erin: Any, settings: Any, tmp_path: Path
) -> None:
    data = picture(tmp_path)
    erins.begin(folder.id, len(data), filename="a.png")
    first, second, late = (PartialUpload.objects.get() for _ in range(3))
    partial.append(uploads.path_of(first), 0, [data], length=len(data))
    finish_upload(person(erin), first)
    finish_upload(person(erin), second)
    PartialUpload.objects.all().delete()
    with pytest.raises(NotifyError, match="no such upload"):
        finish_upload(person(erin), late)
    assert (Item.objects.get().status, Item.objects.get().size) == ("complete", len(data))
    assert sorted(path.split("/")[0] for path in stored_files(settings)) == ["items", "items"]


def test_what_was_refused_to_one_request_is_refused_to_the_other(
    erins: Tus, folder: Folder, erin: Any, settings: Any
) -> None:
    erins.begin(folder.id, 5, filename="a.png", filetype="image/png")
    both = [PartialUpload.objects.get() for _ in range(2)]
    partial.append(uploads.path_of(both[0]), 0, [b"nopng"], length=5)
    said = []
    for upload in both:
        with pytest.raises(NotifyError) as caught:
            finish_upload(person(erin), upload)
        said.append(caught.value.message)
    assert said[0] == said[1] and "it is not" in said[0]
    assert (Item.objects.count(), stored_files(settings)) == (0, [])


@pytest.mark.parametrize("step", ["digest_of", "look_into", "keep_media"])
def test_it_is_cancelled_while_it_is_looked_into(
    erins: Tus, folder: Folder, settings: Any, tmp_path: Path, monkeypatch: Any, step: str
) -> None:
    data = picture(tmp_path)
    url = erins.begin(folder.id, len(data), filename="a.png")
    place = partial if step == "digest_of" else finished_uploads
    work = getattr(place, step)

    def cancelled(*arguments: Any) -> Any:
        assert erins.delete(url).status_code == 204
        return work(*arguments)

    monkeypatch.setattr(place, step, cancelled)
    assert erins.patch(url, 0, data).status_code == 404
    assert (Item.objects.count(), PartialUpload.objects.count(), stored_files(settings)) == (0, 0, [])


def test_files_that_were_chosen_together_stand_together(erins: Tus, folder: Folder) -> None:
    first = erins.create(folder.id, 1, filename="b", place="1").json()
    erins.create(folder.id, 1, filename="later")
    erins.create(folder.id, 1, filename="c", place="2", position=first["position"])
    erins.create(folder.id, 1, filename="a", place="0", position=first["position"])
    erins.create(folder.id, 1, filename="liar", place="0", position="2999-01-01T00:00:00+00:00")
    erins.create(folder.id, 1, filename="babble", place="0", position="soon")
    assert [item.name for item in Item.objects.order_by("-order_key")] == ["babble", "liar", "later", "a", "b", "c"]


def test_a_name_is_a_name(erins: Tus, folder: Folder) -> None:
    erins.create(folder.id, 1, filename="../../etc/\u202egnp.exe\x00")
    erins.create(folder.id, 1, filename="\u200b\u200b")
    erins.create(folder.id, 1)
    names = [item.name for item in Item.objects.order_by("created_at")]
    assert names == ["gnp.exe", "Untitled", "Untitled"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": "many"}, 422),
        ({}, 422),
        ({"Upload-Length": "1", "Upload-Metadata": "filename §"}, 422),
        ({"Upload-Length": "1", "Upload-Metadata": "x " + "A" * 9000}, 422),
        ({"Upload-Length": "1", "Upload-Metadata": "sha256 AAAA"}, 422),
        ({"Upload-Length": "1", "Tus-Resumable": "0.2.2"}, 412),
    ],
)
def test_nonsense_is_named(erins: Tus, folder: Folder, headers: dict[str, str], status: int) -> None:
    response = erins.client.post(f"/api/folders/{folder.id}/uploads", headers=TUS | headers)
    assert response.status_code == status
    assert response.json()["message"]
    assert Item.objects.count() == 0


def test_another_type_of_body_is_refused(erins: Tus, folder: Folder) -> None:
    url = erins.begin(folder.id, 4, filename="a.bin")
    response = erins.client.patch(url, b"1234", content_type="text/plain", headers=TUS | {"Upload-Offset": "0"})
    assert response.status_code == 415


def test_it_says_what_it_can_do(client: Client, folder: Folder) -> None:
    response = client.options(f"/api/folders/{folder.id}/uploads")
    assert (response.status_code, response["Tus-Version"]) == (204, "1.0.0")
    assert response["Tus-Extension"] == "creation,termination,checksum,expiration"


def test_who_may(
    erins: Tus, folder: Folder, bob: Any, charlie: Any, alice: Any, signed_in: Any, bearer: dict[str, str]
) -> None:
    assert Tus(signed_in(bob)).create(folder.id, 4).status_code == 403
    assert Tus(signed_in(charlie)).create(folder.id, 4).status_code == 404
    assert Tus(Client()).create(folder.id, 4).status_code == 401
    url = erins.begin(folder.id, 4, filename="a.bin")
    for stranger in (alice, bob, charlie):
        other = Tus(signed_in(stranger))
        assert (other.head(url).status_code, other.patch(url, 0, b"12").status_code) == (404, 404)
        assert other.delete(url).status_code == 404
    assert erins.head("/api/uploads/%00").status_code == 404
    assert erins.patch(url, 0, b"1234").status_code == 204
    worker = Tus(Client(), bearer)
    assert worker.send(folder.id, b"12345", filename="b.bin").status_code == 204
    assert Item.objects.filter(status="complete").count() == 2


def test_a_session_needs_its_csrf_token(erin: Any, folder: Folder) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(erin)
    assert Tus(client).create(folder.id, 4).status_code == 403
    assert Item.objects.count() == 0


def test_an_upload_that_stops_stalls_fails_and_goes_on(erins: Tus, folder: Folder, tmp_path: Path, clock: Any) -> None:
    data = picture(tmp_path)
    url = erins.begin(folder.id, len(data), filename="a.png")
    erins.patch(url, 0, data[:50])
    clock.move(minutes=3)
    sweep()
    assert Item.objects.get().is_stalled
    clock.move(minutes=30)
    sweep()
    item = Item.objects.get()
    assert (item.status, item.message.split(" ago.")[0]) == ("error", "The upload stopped 33 minutes")
    assert erins.patch(url, 50, data[50:]).status_code == 204
    assert Item.objects.get().status == "complete"


def test_a_day_later_it_is_forgotten(erins: Tus, folder: Folder, clock: Any, settings: Any) -> None:
    url = erins.begin(folder.id, 10, filename="a.bin")
    erins.patch(url, 0, b"12345")
    clock.move(hours=23)
    forget()
    assert (Item.objects.count(), len(stored_files(settings))) == (1, 1)
    clock.move(hours=2)
    forget()
    assert (Item.objects.count(), stored_files(settings), PartialUpload.objects.count()) == (0, [], 0)


def test_a_finished_upload_is_forgotten_without_its_item(erins: Tus, folder: Folder, clock: Any) -> None:
    erins.send(folder.id, b"12345", filename="a.bin")
    clock.move(hours=25)
    forget()
    assert (Item.objects.count(), PartialUpload.objects.count()) == (1, 0)


def test_one_person_cannot_open_any_number(erins: Tus, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announced_uploads, "OPEN_UPLOADS", 2)
    erins.begin(folder.id, 1)
    erins.begin(folder.id, 1)
    assert erins.create(folder.id, 1).status_code == 409


def test_a_sidecar_tells_how_it_was_made(erins: Tus, folder: Folder, tmp_path: Path, bob: Any, signed_in: Any) -> None:
    data = picture(tmp_path)
    url = erins.begin(folder.id, len(data), filename="a.png")
    sidecar = b'{"prompt": "a secret recipe", "seed": 5}'
    response = erins.client.put(f"{url}/sidecar", sidecar, content_type="application/json")
    assert response.status_code == 204, response.content
    assert erins.client.put(f"{url}/sidecar", b"[", content_type="application/json").status_code == 400
    assert erins.patch(url, 0, data).status_code == 204
    item = Item.objects.get()
    assert item.metadata == {"prompt": "a secret recipe", "seed": 5}
    Folder.objects.update(visibility="public")
    assert b"a secret recipe" in signed_in(bob).get(f"/items/{item.id}/").content
    for path in (f"/items/{item.id}/", f"/folders/{folder.id}/", f"/api/folders/{folder.id}/items"):
        assert b"secret recipe" not in Client().get(path).content
