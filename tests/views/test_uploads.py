from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gallery.access import READ_ONLY
from gallery.models import Folder, Item
from tests.views.helpers import notice, picture, post, post_by_script

pytestmark = pytest.mark.django_db


def file(name: str, content: bytes, content_type: str = "application/octet-stream") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type)


@pytest.fixture
def path(folder: Folder) -> str:
    return f"/folders/{folder.id}/upload/"


def kept_files(settings: Any) -> list[Path]:
    return [found for found in Path(settings.MEDIA_ROOT).rglob("*") if found.is_file()]


def test_files_become_items_in_the_order_of_their_choice(people: dict[str, Client], path: str, folder: Folder) -> None:
    files = [file(f"{name}.jpg", picture("JPEG"), "image/jpeg") for name in ("one", "two")]
    files.append(file("notes.txt", b"Remember the milk", "text/plain"))
    response = post(people["editor"], path, {"files": files}, before=f"/folders/{folder.id}/")
    items = list(Item.objects.order_by("-order_key"))
    assert [(item.name, item.type, item.status) for item in items] == [
        ("one.jpg", "image", "complete"),
        ("two.jpg", "image", "complete"),
        ("notes.txt", "file", "complete"),
    ]
    assert (response.status_code, response.url) == (
        303,
        f"http://testserver/folders/{folder.id}/#item-{items[0].id}",
    )
    assert (items[0].width, items[0].height, items[0].created_by) == (64, 48, "erin")
    assert b"".join(people["viewer"].get(items[0].thumb_url).streaming_content).startswith(b"RIFF")
    assert people["editor"].get(f"/items/{items[0].id}/").status_code == 200


def test_a_script_gets_nothing_for_the_cards_come_by_themselves(
    people: dict[str, Client], path: str, png: SimpleUploadedFile
) -> None:
    assert post_by_script(people["owner"], path, {"files": png}).status_code == 204
    assert Item.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "code", "sentence"),
    [
        (file("fake.png", b"not a picture", "image/png"), 422, "“fake.png” was not added: "),
        (file("cut.jpg", picture("JPEG")[:300], "image/jpeg"), 422, "“cut.jpg” was not added: "),
        (file("empty.png", b"", "image/png"), 422, "“empty.png” was not added: The file is empty."),
        (file("../../etc/<b>.png", b"x", "image/png"), 422, "“<b>.png” was not added: "),
    ],
)
def test_a_bad_file_gets_a_sentence(
    people: dict[str, Client], path: str, settings: Any, sent: Any, code: int, sentence: str
) -> None:
    sent.seek(0)
    response = post_by_script(people["owner"], path, {"files": sent})
    assert response.status_code == code
    assert notice(response).startswith(sentence)
    assert (Item.objects.count(), kept_files(settings)) == (0, [])


def test_the_good_ones_of_a_bad_lot_are_kept(people: dict[str, Client], path: str, folder: Folder) -> None:
    files = [file("bad.png", b"x", "image/png"), file("good.png", picture("PNG"), "image/png")]
    response = post_by_script(people["owner"], path, {"files": files})
    assert response.status_code == 422
    assert notice(response).startswith("“bad.png” was not added:")
    assert notice(response).endswith("The other file was added.")
    assert [item.name for item in Item.objects.all()] == ["good.png"]


def test_of_many_bad_files_only_some_are_named(people: dict[str, Client], path: str) -> None:
    files = [file(f"{number}.png", b"x", "image/png") for number in range(5)]
    sentence = notice(post_by_script(people["owner"], path, {"files": files}))
    assert sentence.count("was not added") == 3
    assert sentence.endswith("Nor were 2 more.")


def test_nothing_chosen_gets_a_sentence(people: dict[str, Client], path: str) -> None:
    response = post(people["owner"], path, {}, before="/")
    assert response.status_code == 303
    assert notice(people["owner"].get("/")) == "Choose at least one file."


def test_too_much_is_refused(people: dict[str, Client], path: str, settings: Any) -> None:
    settings.GALLERY_MAX_FILE_BYTES = 1024
    response = post_by_script(people["owner"], path, {"files": file("a.bin", b"x" * 1025)})
    assert (response.status_code, notice(response)) == (413, "“a.bin” was not added: The file is larger than 1 KiB.")
    response = post_by_script(people["owner"], path, {"files": file("a.bin", b"x" * 1024 * 1026)})
    assert (response.status_code, notice(response)) == (413, "These files are larger than 1 KiB together.")
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3
    response = post_by_script(people["owner"], path, {"files": [file(f"{n}", b"x") for n in range(4)]})
    assert (response.status_code, notice(response)) == (413, "Choose at most 3 files at once.")
    assert (Item.objects.count(), kept_files(settings)) == (0, [])


def test_a_form_that_cannot_be_read_gets_a_sentence(people: dict[str, Client], path: str) -> None:
    response = people["owner"].post(
        path, b"--x\r\nnonsense", content_type="multipart/form-data; boundary=", headers={"HX-Request": "true"}
    )
    assert (response.status_code, "cannot be read" in notice(response)) == (400, True)


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("outsider", 404), ("anonymous", 401)])
def test_who_may_not_upload_is_told_before_anything_is_read(
    people: dict[str, Client], path: str, png: SimpleUploadedFile, settings: Any, role: str, status: int
) -> None:
    response = post_by_script(people[role], path, {"files": png})
    assert response.status_code == status
    assert not hasattr(response.wsgi_request, "_files")
    assert (Item.objects.count(), kept_files(settings)) == (0, [])
    if role == "viewer":
        assert notice(response) == READ_ONLY


def test_what_is_here_already_may_be_left_out(people: dict[str, Client], path: str) -> None:
    def sent() -> dict[str, Any]:
        return {"files": [file("b.txt", b"new"), file("again.txt", b"milk")]}

    post_by_script(people["owner"], path, {"files": file("notes.txt", b"milk")})
    response = post_by_script(people["editor"], path, sent() | {"skip_duplicates": "1"})
    assert response.status_code == 409
    sentence = "“again.txt” was not added: It is already here as “notes.txt”. The other file was added."
    assert notice(response) == sentence
    assert sorted(Item.objects.values_list("name", flat=True)) == ["b.txt", "notes.txt"]
    assert post_by_script(people["editor"], path, sent()).status_code == 204
    assert Item.objects.count() == 4


def test_a_sidecar_is_no_item(people: dict[str, Client], path: str, folder: Folder) -> None:
    files = [
        file("a.png", picture("PNG"), "image/png"),
        file("a.json", b'{"prompt": "a tree"}'),
        file("data.json", b'{"prompt": "none"}'),
        file("b.png", picture("PNG"), "image/png"),
        file("b.png.json", b"not JSON"),
    ]
    post(people["editor"], path, {"files": files}, before=f"/folders/{folder.id}/")
    made = {item.name: item.metadata for item in Item.objects.all()}
    assert made == {"a.png": {"prompt": "a tree"}, "data.json": {}, "b.png": {}, "b.png.json": {}}
