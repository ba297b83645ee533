from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from gallery.access import Sender
from gallery.models import Batch, Folder, Item
from gallery.models.batch import Placeholder
from gallery.services.media import Upload, add_uploads, store_media, store_preview, store_slot_preview
from gallery.services.stored_files import look_into
from tests.factories import make_pending_item, person, say
from tests.views.helpers import picture

pytestmark = pytest.mark.django_db


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def fetch(client: Client, url: str, **headers: str) -> Any:
    """The response with all of its ``body``: a file that is not read to its end stays open."""
    response = client.get(url, headers=headers)
    response.body = b"".join(response.streaming_content) if response.streaming else response.content
    return response


@pytest.fixture
def uploaded(alice: Any, folder: Folder, tmp_path: Path) -> Item:
    path = write(tmp_path, "sunset", picture("PNG"))
    return add_uploads(person(alice), folder.id, [Upload(path, "Sün set.png", "image/png")])[0]


@pytest.mark.parametrize("role", ["owner", "editor", "viewer"])
def test_whoever_sees_the_item_gets_its_files(people: dict[str, Client], uploaded: Item, role: str) -> None:
    response = fetch(people[role], uploaded.media_url)
    assert (response.status_code, response.body) == (200, picture("PNG"))
    assert response["Content-Type"] == "image/png"
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"] == "inline; filename*=utf-8''S%C3%BCn%20set.png"
    assert "Cookie" in response["Vary"]  # nobody else in this browser, after a sign-out
    assert response["Content-Security-Policy"].startswith("default-src 'none'")
    thumb = fetch(people[role], uploaded.thumb_url)
    assert (thumb.status_code, thumb["Content-Type"]) == (200, "image/webp")
    assert thumb.body.startswith(b"RIFF")


@pytest.mark.parametrize("role", ["outsider", "anonymous"])
def test_nobody_else_does(people: dict[str, Client], uploaded: Item, role: str) -> None:
    for url in (uploaded.media_url, uploaded.thumb_url):
        assert fetch(people["viewer"], url).status_code == 200
        assert fetch(people[role], url).status_code == 404
    uploaded.folder.visibility = "public"
    uploaded.folder.save()
    response = fetch(people[role], uploaded.media_url)
    assert (response.status_code, response["Cache-Control"].split(",")[0]) == (200, "private")


def test_ranges_and_heads_are_answered(people: dict[str, Client], uploaded: Item) -> None:
    content = picture("PNG")
    response = fetch(people["viewer"], uploaded.media_url, Range="bytes=1-3")
    assert (response.status_code, response.body) == (206, content[1:4])
    assert response["Content-Range"] == f"bytes 1-3/{len(content)}"
    response = people["viewer"].head(uploaded.media_url)
    assert (response.status_code, response["Content-Length"]) == (200, str(len(content)))
    assert people["viewer"].post(uploaded.media_url).status_code == 405
    again = fetch(people["viewer"], uploaded.media_url, **{"If-None-Match": response["ETag"]})
    assert again.status_code == 304


def test_an_old_version_leads_to_the_one_that_is_there(
    people: dict[str, Client], uploaded: Item, alice: Any, tmp_path: Path
) -> None:
    old = uploaded.media_url
    path = write(tmp_path, "new", picture("JPEG"))
    item = store_media(person(alice), uploaded.id, path, look_into(path, "image/jpeg"))
    response = fetch(people["viewer"], old)
    assert (response.status_code, response.url, response["Cache-Control"]) == (302, item.media_url, "no-store")
    assert fetch(people["viewer"], item.media_url)["Content-Type"] == "image/jpeg"
    assert fetch(people["anonymous"], old).status_code == 404


def test_what_is_not_there_is_a_404(people: dict[str, Client], item: Item, uploaded: Item, settings: Any) -> None:
    for kind in ("media", "thumb", "preview", "secret"):
        assert fetch(people["owner"], f"/media/items/{item.id}/abc/{kind}").status_code == 404
    (Path(settings.MEDIA_ROOT) / uploaded.media_file).unlink()
    assert fetch(people["owner"], uploaded.media_url).status_code == 404


def test_a_file_that_no_browser_should_open_is_a_download(
    people: dict[str, Client], alice: Any, folder: Folder, tmp_path: Path
) -> None:
    path = write(tmp_path, "page", b"<script>alert(1)</script>")
    item = add_uploads(person(alice), folder.id, [Upload(path, "page.html", "text/html")])[0]
    response = fetch(people["owner"], item.media_url)
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")


def test_a_preview_is_served_until_the_picture_is_there(
    people: dict[str, Client], alice: Any, folder: Folder, tmp_path: Path
) -> None:
    item = make_pending_item(folder)
    store_preview(person(alice), item.id, picture("JPEG"))
    preview = Item.objects.get(id=item.id).preview_url
    response = fetch(people["viewer"], preview)
    assert (response["Content-Type"], response.body) == ("image/jpeg", picture("JPEG"))
    assert fetch(people["outsider"], preview).status_code == 404
    path = write(tmp_path, "done", picture("PNG"))
    store_media(person(alice), item.id, path, look_into(path, "image/png"))
    say("item:update", {"itemId": item.id, "status": "complete"})
    item = Item.objects.get(id=item.id)
    assert (item.preview_file, fetch(people["viewer"], preview).url) == ("", item.thumb_url)


def test_a_placeholder_s_preview_is_served(people: dict[str, Client], batch: Batch, sender: Sender) -> None:
    def preview_url() -> str:
        return Placeholder(batch, 2, batch.slots.get(index=2)).preview_url

    store_slot_preview(sender, batch.id, 2, picture("WEBP"))
    first = preview_url()
    assert fetch(people["viewer"], first)["Content-Type"] == "image/webp"
    for role in ("outsider", "anonymous"):
        assert fetch(people[role], first).status_code == 404
    store_slot_preview(sender, batch.id, 2, picture("PNG"))
    assert fetch(people["viewer"], first).url == preview_url() != first
    for place in ("3/abc", "-1/abc", "99999999999999999999/abc", "2/a.b"):
        assert fetch(people["viewer"], f"/media/placeholders/{batch.id}/{place}").status_code == 404
