"""Whoever's browser asks for German reads German, also where something is refused, and loses nothing for it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from gallery.models import Folder, Item
from gallery.templatetags.texts import KEPT, KEPT_WITH
from tests.factories import PASSWORD, make_batch, make_pending_item, make_token
from tests.servers import ROOT
from tests.views.helpers import notice, picture, post

GERMAN = {"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}


@pytest.fixture
def german(alice: Any) -> Client:
    """Alice, signed in through the form."""
    client = Client(headers=GERMAN)
    page = client.get("/login/").content.decode()
    assert '<html lang="de"' in page and "Anmelden" in page and "Passwort" in page
    answer = client.post("/login/", {"username": alice.username, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def test_the_main_pages_are_german(german: Client, folder: Folder, item: Item) -> None:
    wanted = {
        "/": "Neuer Ordner",
        f"/folders/{folder.id}/": "Neueste zuerst",
        f"/folders/{folder.id}/?q=nothing-of-this-name": "Damit ist hier nichts zu finden.",
        f"/folders/{folder.id}/settings/": "Liegt in",
        f"/folders/{folder.id}/trash/": "Der Papierkorb ist leer.",
        f"/folders/{folder.id}/panel/": "Alle Ordner",
        f"/folders/{folder.id}/delete/": "endgültig löschen?",
        f"/items/{item.id}/": "Schlagwörter, durch Kommas getrennt",
    }
    for path, words in wanted.items():
        page = german.get(path)
        assert page.status_code == 200, path
        assert words in page.content.decode(), path
        assert page["Content-Language"] == "de"
    missing = german.get("/folders/nothing/")
    assert missing.status_code == 404 and "Hier hängt nichts." in missing.content.decode()


def test_a_wrong_password_is_german(alice: Any) -> None:
    answer = Client(headers=GERMAN).post("/login/", {"username": alice.username, "password": "not this"})
    assert "Name oder Passwort stimmt nicht." in answer.content.decode()


def test_a_refused_name_says_why_in_german_and_is_kept(german: Client, item: Item) -> None:
    path = f"/items/{item.id}/"
    post(german, f"{path}rename/", {"name": "Sonne/Untergang"}, before=path)
    page = german.get(path)
    assert notice(page) == "Name: kein Pfad, also ohne „/“ und „\\“."
    assert 'value="Sonne/Untergang"' in page.content.decode()
    item.refresh_from_db()
    assert item.name == "Sunset"


def test_who_may_only_look_hears_so_in_german(item: Item, bob: Any, signed_in: Any) -> None:
    answer = signed_in(bob).post(f"/items/{item.id}/rename/", {"name": "Mine"}, headers=GERMAN | {"HX-Request": "true"})
    assert notice(answer) == "Dieser Ordner lässt sich ansehen, aber nicht ändern."


def test_a_file_that_is_refused_is_named_in_german(german: Client, folder: Folder, png: Any) -> None:
    png.seek(0)
    broken = type(png)("kaputt.png", picture("PNG")[:40], "image/png")
    path = f"/folders/{folder.id}/"
    post(german, f"{path}upload/", {"files": [png, broken]}, before=path)
    said = notice(german.get(path))
    assert re.match(r"„kaputt\.png“ kam nicht dazu: Das Bild lässt sich nicht lesen", said)
    assert said.endswith("Die andere Datei kam dazu.")


def test_a_worker_is_answered_in_english(alice: Any) -> None:
    _, secret = make_token(alice)
    event = {"type": "batch:end", "payload": {"batchId": "nothing", "status": "complete"}}
    headers = GERMAN | {"Authorization": f"Bearer {secret}"}
    answer = Client().post("/api/notify", event, content_type="application/json", headers=headers)
    assert answer.json()["message"] == "There is no batch with this id, or you may not see it."


def test_what_the_gallery_keeps_of_its_own_words_is_read_in_german(german: Client, folder: Folder) -> None:
    sources = "".join(path.read_text() for path in (ROOT / "gallery").rglob("*.py") if path.name != "texts.py")
    assert not [sentence for sentence in (*KEPT, *dict(KEPT_WITH).values()) if f'"{sentence}"' not in sources]
    make_pending_item(folder, message="Looking into it")
    make_pending_item(folder, message="Developing the negative")
    make_pending_item(folder, message="Cancelled by Zoë <b>.")
    make_pending_item(folder, message="Cancelled by the site.")
    page = german.get(f"/folders/{folder.id}/").content.decode()
    assert "Wird geprüft" in page and "Developing the negative" in page
    assert "Abgebrochen von Zoë &lt;b&gt;." in page and "Abgebrochen von der Website." in page


def test_large_numbers_are_grouped_as_each_language_does(german: Client, folder: Folder) -> None:
    make_batch(folder, 100_000)
    Folder.objects.filter(id=folder.id).update(item_count=1_234)
    for language, folders, batch in (("de", "1.234", "0 von 100.000"), ("en", "1,234", "0 of 100,000")):
        german.post("/language/", {"language": language, "next": "/"})
        assert f'<span class="folder__count">{folders}<' in german.get("/").text
        assert batch in german.get(f"/folders/{folder.id}/").text
