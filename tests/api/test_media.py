from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from gallery.models import BatchSlot, Folder, Item
from tests.api.helpers import picture, stored_files
from tests.factories import make_batch, make_item, make_pending_item, make_token
from tests.media.samples import gradient

pytestmark = pytest.mark.django_db(transaction=True)


def form(*files: SimpleUploadedFile, field: str = "file") -> bytes:
    return encode_multipart(BOUNDARY, {field: list(files)})


def upload(name: str, data: bytes, content_type: str = "image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type)


def test_put_a_raw_picture(client: Client, folder: Folder, bearer: Any, tmp_path: Path) -> None:
    item = make_pending_item(folder)
    data = picture(tmp_path)
    response = client.put(f"/api/items/{item.id}/media", data, content_type="image/png", headers=bearer)
    assert response.status_code == 200, response.content
    answer = response.json()
    assert (answer["width"], answer["height"], answer["size"], answer["type"]) == (64, 48, len(data), "image")
    assert answer["mediaUrl"].startswith(f"/media/items/{item.id}/")
    assert answer["thumbUrl"].endswith("/thumb")
    assert (answer["status"], answer["isPending"]) == ("processing", True)


def test_put_a_picture_as_a_form(client: Client, folder: Folder, bearer: Any, tmp_path: Path) -> None:
    item = make_item(folder)
    body = form(upload("a.png", picture(tmp_path)))
    response = client.put(f"/api/items/{item.id}/media", body, content_type=MULTIPART_CONTENT, headers=bearer)
    assert (response.status_code, response.json()["contentType"]) == (200, "image/png")


def test_picture_without_a_type_is_recognised(client: Client, folder: Folder, bearer: Any, tmp_path: Path) -> None:
    item = make_item(folder)
    data = picture(tmp_path, "WEBP")
    response = client.put(f"/api/items/{item.id}/media", data, content_type="application/octet-stream", headers=bearer)
    assert response.json()["contentType"] == "image/webp"


@pytest.mark.parametrize(
    ("data", "content_type", "status", "code"),
    [
        (b"", "image/png", 422, "invalid"),
        (b"<html>", "image/png", 422, "invalid"),
        (b"\x89PNG\r\n\x1a\n broken", "image/png", 422, "invalid"),
        (b"nonsense", MULTIPART_CONTENT, 422, "invalid"),
        (b"nonsense", "multipart/form-data", 400, "malformed"),
    ],
)
def test_files_that_are_not_what_they_say(
    client: Client, folder: Folder, bearer: Any, data: bytes, content_type: str, status: int, code: str, settings: Any
) -> None:
    item = make_item(folder)
    response = client.put(f"/api/items/{item.id}/media", data, content_type=content_type, headers=bearer)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert stored_files(settings) == []


def test_wrong_forms_are_refused(client: Client, folder: Folder, bearer: Any, tmp_path: Path) -> None:
    item = make_item(folder)
    data = picture(tmp_path)
    for body in (form(upload("a", data), upload("b", data)), form(upload("a", data), field="picture"), form()):
        response = client.put(f"/api/items/{item.id}/media", body, content_type=MULTIPART_CONTENT, headers=bearer)
        assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "file")


def test_limits(client: Client, folder: Folder, bearer: Any, tmp_path: Path, settings: Any) -> None:
    item = make_item(folder)
    path = f"/api/items/{item.id}/media"
    data = picture(tmp_path)
    settings.GALLERY_MAX_IMAGE_BYTES = len(data) - 1
    assert client.put(path, data, content_type="image/png", headers=bearer).status_code == 413
    assert client.put(path, data, content_type="", headers=bearer).status_code == 413
    settings.GALLERY_MAX_IMAGE_BYTES = len(data)
    settings.GALLERY_MAX_IMAGE_PIXELS = 64 * 48 - 1
    assert client.put(path, data, content_type="image/png", headers=bearer).status_code == 413
    settings.GALLERY_MAX_IMAGE_PIXELS = 64 * 48
    assert client.put(path, data, content_type="image/png", headers=bearer).status_code == 200
    settings.GALLERY_MAX_FILE_BYTES = 1000
    response = client.put(path, b"x" * 1001, content_type="text/plain", headers=bearer)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_announced_size_is_refused_before_the_body_is_read(client: Client, folder: Folder, bearer: Any) -> None:
    item = make_item(folder)
    response = client.put(
        f"/api/items/{item.id}/media", b"x", content_type="image/png", headers=bearer, CONTENT_LENGTH=str(2**31)
    )
    assert response.status_code == 413


def test_body_over_djangos_memory_limit_is_streamed(
    client: Client, folder: Folder, bearer: Any, tmp_path: Path, settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000
    item = make_item(folder)
    data = picture(tmp_path, image=gradient(300, 300))
    assert len(data) > 10_000
    assert client.put(f"/api/items/{item.id}/media", data, content_type="image/png", headers=bearer).status_code == 200


def test_who_may_send_files(client: Client, folder: Folder, bob: Any, charlie: Any, erin: Any, tmp_path: Path) -> None:
    item, batch = make_pending_item(folder), make_batch(folder)
    paths = [f"/api/items/{item.id}/media", f"/api/items/{item.id}/preview", f"/api/batches/{batch.id}/previews/0"]
    for user, expected in ((None, 401), (bob, 403), (charlie, 404), (erin, 200)):
        headers = {"Authorization": f"Bearer {make_token(user)[1]}"} if user else {}
        for path in paths:
            response = client.put(path, picture(tmp_path), content_type="image/png", headers=headers)
            assert response.status_code == expected, (path, response.content)


def test_previews(client: Client, folder: Folder, bearer: Any, tmp_path: Path) -> None:
    item, batch = make_pending_item(folder), make_batch(folder)
    response = client.put(f"/api/items/{item.id}/preview", picture(tmp_path), content_type="image/png", headers=bearer)
    assert response.status_code == 200
    revision = Folder.objects.get(id=folder.id).revision
    ids = {"folderId": folder.id, "batchId": item.batch_id, "itemId": item.id}
    assert response.json() == {"type": "ack", "revision": revision, **ids}
    body = form(upload("a.jpg", picture(tmp_path, "JPEG"), "image/jpeg"))
    path = f"/api/batches/{batch.id}/previews/3"
    response = client.put(path, body, content_type=MULTIPART_CONTENT, headers=bearer)
    assert response.json()["batchId"] == batch.id
    assert BatchSlot.objects.get(batch=batch, index=3).preview_file
    path = f"/api/batches/{batch.id}/previews/4"
    assert client.put(path, picture(tmp_path), content_type="image/png", headers=bearer).status_code == 422


@pytest.mark.parametrize("content_type", ["image/png", MULTIPART_CONTENT])
def test_preview_over_its_limit(client: Client, folder: Folder, bearer: Any, content_type: str) -> None:
    item = make_pending_item(folder)
    data = b"\x89PNG\r\n\x1a\n" + b"x" * 512 * 1024
    body = form(upload("a", data)) if content_type == MULTIPART_CONTENT else data
    response = client.put(f"/api/items/{item.id}/preview", body, content_type=content_type, headers=bearer)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_upload_several_files(folder: Folder, signed_in: Any, erin: Any, tmp_path: Path, settings: Any) -> None:
    files = [upload("a.png", picture(tmp_path)), upload("notes.txt", b"hello", "text/plain")]
    response = signed_in(erin).post(f"/api/folders/{folder.id}/items", {"file": files})
    assert response.status_code == 201, response.content
    assert [(one["name"], one["type"]) for one in response.json()["items"]] == [
        ("a.png", "image"),
        ("notes.txt", "file"),
    ]
    assert set(Item.objects.values_list("created_by", flat=True)) == {"erin"}
    assert len(stored_files(settings)) == 3


def test_upload_by_token_and_with_csrf(client: Client, folder: Folder, bearer: Any, alice: Any, tmp_path: Path) -> None:
    path = f"/api/folders/{folder.id}/items"
    careful = Client(enforce_csrf_checks=True)
    body = {"file": upload("a.png", picture(tmp_path))}
    assert careful.post(path, body, headers=bearer).status_code == 201
    careful.force_login(alice)
    body = {"file": upload("a.png", picture(tmp_path))}
    assert careful.post(path, body).status_code == 403
    careful.cookies["csrftoken"] = "a" * 32
    body = {"file": upload("a.png", picture(tmp_path)), "csrfmiddlewaretoken": "a" * 32}
    assert careful.post(path, body).status_code == 201


def test_upload_is_refused(client: Client, folder: Folder, signed_in: Any, bob: Any, charlie: Any, alice: Any) -> None:
    path = f"/api/folders/{folder.id}/items"
    for user, status in ((bob, 403), (charlie, 404)):
        assert signed_in(user).post(path, {"file": upload("a", b"x", "")}).status_code == status
    assert client.post(path, {"file": upload("a", b"x", "")}).status_code == 401
    for body in ({}, {"file": "text"}, {"files": upload("a", b"x")}):
        assert signed_in(alice).post(path, body).status_code == 422
    assert signed_in(alice).post(path, b"x", content_type="image/png").status_code == 422
    bad = {"file": [upload("a", b"fine", "text/plain"), upload("b.png", b"not a picture")]}
    assert signed_in(alice).post(path, bad).status_code == 422
    assert not Item.objects.exists()


def test_form_without_a_length_is_read_all_the_same(folder: Folder, tmp_path: Path) -> None:
    from gallery.api.bodies import received_file

    request = RequestFactory().put("/", form(upload("a.png", picture(tmp_path))), content_type=MULTIPART_CONTENT)
    del request.META["CONTENT_LENGTH"]
    with received_file(request) as received:
        assert (received.filename, received.claimed_type) == ("a.png", "image/png")
    assert not received.temporary.exists()
