from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.test import Client

from gallery_project.middleware import POLICY
from gallery_project.static_version import static_version

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/login/", "/nothing/here", "/admin/login/", "/api/nothing"])
def test_every_page_says_what_it_may_load(client: Client, path: str) -> None:
    response = client.get(path)
    assert response["Content-Security-Policy"] == POLICY
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"


def test_no_page_holds_a_script_or_style_of_its_own(client: Client) -> None:
    for path in ("/", "/login/", "/nothing/here"):
        text = client.get(path).content.decode()
        assert "gallery.css" in text  # it is a page of ours
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\son\w+=|javascript:", text)


def test_a_static_file_is_kept_for_good_under_its_version(client: Client) -> None:
    url = static("gallery/css/gallery.css")
    assert re.fullmatch(r"/static/[0-9a-f]{12}/gallery/css/gallery\.css", url)
    response = client.get(url)
    assert (response.status_code, response.streaming) == (200, False)
    assert response["Content-Type"] == 'text/css; charset="utf-8"'
    assert "immutable" in response["Cache-Control"]
    with open(str(finders.find("gallery/css/gallery.css")), "rb") as file:
        assert response.content == file.read()
    again = client.get(url, headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("version", ["", "0123456789ab/"])
def test_an_old_address_leads_to_the_file_as_it_is_now(client: Client, version: str) -> None:
    response = client.get(f"/static/{version}gallery/favicon.svg")
    assert (response.status_code, response.url) == (302, static("gallery/favicon.svg"))
    assert response["Cache-Control"] == "no-cache"
    assert client.get(f"/static/{version}gallery/nothing.svg").status_code == 404


def test_the_version_changes_with_any_file(tmp_path: object) -> None:
    folder = tmp_path / "static"  # type: ignore[operator]
    (folder / "css").mkdir(parents=True)
    (folder / "css" / "a.css").write_text("a")
    before = static_version(folder)
    assert static_version(folder) == before
    (folder / "css" / "a.css").write_text("b")
    changed = static_version(folder)
    (folder / "css" / "a.css").rename(folder / "css" / "b.css")
    assert len({before, changed, static_version(folder)}) == 3
