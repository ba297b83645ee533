"""Thumbnails in the sizes that a page asks for, and what is shown in place of what browsers cannot show."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from gallery.models import Folder, Item
from tests.factories import make_item
from tests.media.samples import save_sound
from tests.views.helpers import picture, post_by_script

pytestmark = pytest.mark.django_db


def send(client: Client, folder: Folder, name: str, data: bytes) -> Item:
    response = post_by_script(client, f"/folders/{folder.id}/upload/", {"files": SimpleUploadedFile(name, data, "")})
    assert response.status_code == 204, response.content
    return Item.objects.get(name=name)


def body(response: Any) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def shown(client: Client, url: str) -> Image.Image:
    return Image.open(io.BytesIO(body(client.get(url))))


def test_the_card_offers_each_size_and_each_is_that_size(people: dict[str, Client], folder: Folder) -> None:
    item = send(people["editor"], folder, "a.png", picture("PNG", (1200, 800)))
    page = people["viewer"].get(f"/folders/{folder.id}/").content.decode()
    [srcset] = re.findall(r'srcset="([^"]*)"', page)
    offered = [candidate.split() for candidate in srcset.split(", ")]
    assert [url for url, _ in offered] == [f"{item.thumb_url}4", f"{item.thumb_url}2", item.thumb_url]
    for url, width in offered:
        assert f"{shown(people['viewer'], url).width}w" == width
    response = people["viewer"].get(f"{item.thumb_url}4")
    assert (response["Content-Type"], "immutable" in response["Cache-Control"]) == ("image/webp", True)
    assert people["outsider"].get(f"{item.thumb_url}4").status_code == 404


def test_a_size_is_made_once_and_goes_with_the_item(people: dict[str, Client], folder: Folder, settings: Any) -> None:
    item = send(people["editor"], folder, "a.png", picture("PNG", (1200, 800)))
    body(people["viewer"].get(f"{item.thumb_url}2"))
    small = Path(settings.MEDIA_ROOT) / item.thumb_file.replace(".webp", "-2.webp")
    made = small.stat().st_mtime_ns
    body(people["viewer"].get(f"{item.thumb_url}2"))
    assert small.stat().st_mtime_ns == made
    from gallery.media.incoming import discard

    discard(Path(settings.MEDIA_ROOT), item.thumb_file)
    assert not small.exists()
    assert people["viewer"].get(f"{item.thumb_url}4").status_code == 404


def test_what_has_no_smaller_sizes(people: dict[str, Client], folder: Folder) -> None:
    send(people["editor"], folder, "tiny.png", picture("PNG", (64, 48)))
    make_item(folder, thumbUrl="https://example.org/a.png", mediaUrl="https://example.org/b.png", width=900, height=900)
    assert "srcset" not in people["viewer"].get(f"/folders/{folder.id}/").content.decode()
    item = make_item(folder)
    assert people["viewer"].get(f"/media/items/{item.id}/abc/thumb2").status_code == 404


def test_a_heic_picture_is_shown_as_one_that_browsers_know(people: dict[str, Client], folder: Folder) -> None:
    target = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (640, 480), "teal")).save(target)
    item = send(people["editor"], folder, "photo.heic", target.getvalue())
    assert (item.type, item.content_type, item.width, item.height) == ("image", "image/heic", 640, 480)
    assert shown(people["viewer"], item.thumb_url).size == (640, 480)
    assert shown(people["viewer"], item.rendition_url).format == "WEBP"
    page = people["viewer"].get(f"/items/{item.id}/").content.decode()
    assert f'<img class="stage__picture" src="{item.rendition_url}"' in page
    original = people["viewer"].get(item.media_url)
    assert original["Content-Disposition"].startswith("attachment")
    assert people["outsider"].get(item.rendition_url).status_code == 404


def test_a_sound_has_a_waveform(people: dict[str, Client], folder: Folder, tmp_path: Path) -> None:
    item = send(people["editor"], folder, "a.wav", save_sound(tmp_path / "a.wav").read_bytes())
    assert shown(people["viewer"], item.thumb_url).mode == "RGBA"
    assert item.thumb_url in people["viewer"].get(f"/items/{item.id}/").content.decode()
