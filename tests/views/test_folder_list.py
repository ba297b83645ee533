"""More folders than one page shows: by keyset, found by their names, without script too."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from gallery import folder_list
from gallery.models import Folder
from tests.factories import make_folder

pytestmark = pytest.mark.django_db


def names(response: Any) -> list[str]:
    return [folder.name for folder in response.context["folders"]]


def test_the_home_page_goes_on_and_leads_back(
    people: dict[str, Client], folder: Folder, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_list, "FOLDERS_SHOWN", 3)
    made = [make_folder(alice, f"Folder {number}", visibility="private").name for number in range(6)]
    Folder.objects.filter(name__in=made).update(created_at=folder.created_at)  # of one moment
    client, path, seen = people["owner"], "/", []
    while True:
        page = client.get(path)
        seen += names(page)
        if not page.context["found"].more:
            break
        path = f"/?{page.context['found'].more}"
        assert f'href="{path.removeprefix("/")}"' in page.content.decode().replace("&amp;", "&")
    assert sorted(seen) == sorted([*made, folder.name])
    assert 'data-arrivals="none"' in page.content.decode()
    assert "Back to the newest" in page.content.decode()
    assert set(names(people["viewer"].get(path))) <= {folder.name}, "nobody sees more by another's address"
    assert len(names(client.get("/?cursor=nonsense!x"))) == 3


def test_folders_are_found_by_words_of_their_names(people: dict[str, Client], alice: Any) -> None:
    for name in ("Élan vital", "Harbour (night)", "Night walk", "100%"):
        make_folder(alice, name, visibility="public")
    make_folder(alice, "Secret night", visibility="private")
    found = {
        "night": ["Night walk", "Harbour (night)"],
        "NIGHT harb": ["Harbour (night)"],
        "(": ["Harbour (night)"],
        "%": ["100%"],
        "ÉLAN": ["Élan vital"],
        "no\0ne": [],
    }
    for q, expected in found.items():
        assert names(people["outsider"].get("/", {"q": q})) == expected
    assert names(people["owner"].get("/?q=secret")) == ["Secret night"]


def test_the_panel_goes_on_finds_and_always_has_the_way_to_where_one_is(
    people: dict[str, Client], alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_list, "FOLDERS_SHOWN", 2)
    outer = make_folder(alice, "Outer")
    inner = make_folder(alice, "Inner")
    Folder.objects.filter(id=inner.id).update(parent=outer)
    for number in range(4):
        make_folder(alice, f"New {number}")
    path = f"/folders/{inner.id}/panel/"
    client = people["owner"]

    def shown(query: str = "") -> list[str]:
        branches = client.get(path + query).context["branches"]
        return [f"{branch.depth} {branch.folder.name}" for branch in branches]

    assert shown() == ["0 New 2", "0 New 3", "0 Outer", "1 Inner"]
    more = client.get(path).context["found"].more
    assert shown(f"?{more}") == ["0 New 0", "0 New 1"]
    assert shown("?q=out") == ["0 Outer"]
    assert "No folder is called so." in client.get(f"{path}?q=nothing").content.decode()
