"""A reader chooses a language, and the gallery remembers."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from gallery.models import Folder

pytestmark = pytest.mark.django_db


def test_a_choice_is_kept(client: Client) -> None:
    page = client.get("/?q=x", headers={"Accept-Language": "en"})
    assert '<html lang="en"' in page.text
    assert 'name="language" value="de"' in page.text
    answer = client.post("/language/", {"language": "de", "next": "/?q=x"})
    assert (answer.status_code, answer["Location"]) == (302, "/?q=x")
    assert '<html lang="de"' in client.get("/", headers={"Accept-Language": "en"}).text


def test_nobody_is_led_off_this_site(client: Client) -> None:
    assert client.post("/language/", {"language": "de", "next": "https://example.org/"})["Location"] == "/"


def test_one_that_is_not_offered_changes_nothing(client: Client) -> None:
    client.post("/language/", {"language": "xx", "next": "/"})
    assert '<html lang="en"' in client.get("/").text


@pytest.fixture
def no_middleware(settings: Any) -> None:
    """As in a project that does nothing for languages."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith(".language")]


@pytest.mark.parametrize(
    ("said", "language", "words"),
    [
        ({}, "en", "Newest first"),
        ({"LANGUAGE_CODE": "de"}, "de", "Neueste zuerst"),
        ({"LANGUAGE_CODE": "fr"}, "en", "Newest first"),
    ],
)
def test_a_project_that_offers_no_choice_speaks_its_own_language(
    no_middleware: None, client: Client, alice: Any, folder: Folder, settings: Any, said: Any, language: str, words: str
) -> None:
    for name, value in said.items():
        setattr(settings, name, value)
    client.force_login(alice)
    page = client.get(f"/folders/{folder.id}/", headers={"Accept-Language": "de"}).text
    assert f'<html lang="{language}"' in page and words in page
    assert 'name="language"' not in page and "language=" not in page.partition("ws-connect")[2][:100]


def test_a_worker_hears_english_also_where_the_site_speaks_german(
    no_middleware: None, client: Client, alice: Any, bearer: dict[str, str], settings: Any
) -> None:
    settings.LANGUAGE_CODE = "de"
    client.force_login(alice)
    assert "gibt es nicht" in client.get("/api/items/nothing").text
    assert "There is no item" in client.get("/api/items/nothing", headers=bearer).text
