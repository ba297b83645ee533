"""How many "select all" means, and who may ask."""

from __future__ import annotations

import pytest
from django.test import Client

from gallery.access import SITE
from gallery.models import Folder
from tests.factories import make_item, throw_away


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("editor", 200), ("viewer", 200), ("outsider", 404), ("anonymous", 302)]
)
def test_who_may_ask(people: dict[str, Client], folder: Folder, role: str, status: int) -> None:
    assert people[role].get(f"/folders/{folder.id}/selection/?all=9").status_code == status


def test_all_is_what_the_view_found_when_it_was_said(people: dict[str, Client], folder: Folder) -> None:
    items = [make_item(folder, name) for name in ("Sunset", "Sunrise", "Dusk")]
    folder.refresh_from_db()

    def count(query: str) -> int:
        return people["viewer"].get(f"/folders/{folder.id}/selection/?{query}").json()["count"]

    assert count(f"all={folder.revision}") == 3
    assert count(f"all={folder.revision}&q=sun") == 2
    assert count(f"all={folder.revision}&q=sun&except={items[0].id}&except=unknown&except=%00") == 1
    make_item(folder, "Sunshine")
    assert count(f"all={folder.revision}") == 3, "what came later was not meant"
    assert count("") == count("all=x") == count("all=-1") == count(f"all={'9' * 40}") == count("all=%C2%B2") == 0


@pytest.mark.parametrize(
    ("role", "number"), [("owner", 1), ("editor", 1), ("viewer", 0), ("outsider", 0), ("anonymous", 0)]
)
def test_how_much_lies_in_the_trash_is_told_to_who_may_look_into_it(
    people: dict[str, Client], folder: Folder, role: str, number: int
) -> None:
    Folder.objects.filter(id=folder.id).update(visibility="public")
    throw_away(SITE, make_item(folder).id)
    url = f"/folders/{folder.id}/selection/?thrown-until={10**17}"
    assert people[role].get(url).json() == {"count": number}
