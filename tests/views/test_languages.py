"""A reader chooses a language, and the gallery remembers."""

from __future__ import annotations

import pytest
from django.test import Client

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
