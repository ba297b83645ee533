"""What is asked before a selection is moved, copied or tagged: with script a dialog, without it a page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from gallery import folder_tree
from gallery.models import Folder, Item
from gallery.services import mass_requests
from gallery.services.edits import edit_item
from gallery.views import questions
from tests.factories import make_folder, make_item, person
from tests.views.helpers import notice, post, post_by_script


def ask(client: Client, folder: Folder, kind: str, **said: Any) -> Any:
    return post(client, f"/folders/{folder.id}/ask/{kind}/", said, before=f"/folders/{folder.id}/")


@pytest.fixture
def items(folder: Folder) -> list[Item]:
    return [make_item(folder, name) for name in ("Sunset", "Sunrise", "Dusk")]


@pytest.mark.parametrize("kind", ["move", "copy"])
def test_where_they_may_go_is_asked_on_a_page_that_does_it(
    people: dict[str, Client], alice: Any, erin: Any, folder: Folder, items: list[Item], kind: str
) -> None:
    target = make_folder(alice, "Prints", editor=erin)
    make_folder(alice, "Not for erin")
    page = ask(people["editor"], folder, kind, item=[items[0].id, items[1].id]).content.decode()
    offered = re.findall(r'name="target" value="([^"]+)"', page)
    assert set(offered) == {folder.id, target.id}
    assert "2 items" in page and "Not for erin" not in page
    said = {
        name: re.search(rf'name="{name}" value="([^"]*)"', page.partition("<main")[2])[1]
        for name in ("items", "view", "next")
    }
    action = re.search(r'<form class="questions" method="post" action="([^"]+)"', page)[1]
    answer = post(people["editor"], action, said | {"target": target.id}, before=f"/folders/{folder.id}/ask/{kind}/")
    assert (answer.status_code, answer["Location"].partition("#")[0]) == (303, f"/folders/{folder.id}/")
    assert target.items.living().count() == 2
    assert folder.items.living().count() == (1 if kind == "move" else 3)


def test_a_dialog_for_all_that_a_view_finds(people: dict[str, Client], folder: Folder, items: list[Item]) -> None:
    folder.refresh_from_db()
    view = f"q=sun&all={folder.revision}&except={items[0].id}"
    answer = post_by_script(people["editor"], f"/folders/{folder.id}/ask/move/", {"view": view, "items": items[2].id})
    text = answer.content.decode()
    assert "2 items" in text and "<html" not in text


def test_tags_are_offered(people: dict[str, Client], erin: Any, folder: Folder, items: list[Item]) -> None:
    edit_item(person(erin), items[0].id, {"tags": ["harbour", "red"]})
    edit_item(person(erin), items[2].id, {"tags": ["blue"]})
    page = ask(people["editor"], folder, "tag", item=[items[0].id, items[1].id]).content.decode()
    assert re.findall(r'<button class="tag"[^>]* value="([^"]+)"', page) == ["harbour", "red"]
    assert re.findall(r'<option value="([^"]+)"', page) == ["blue", "harbour", "red"]
    untag = re.search(r'<button class="tag" formaction="([^"]+)"', page)[1]
    post(people["editor"], untag, {"items": items[0].id, "tag": "red"})
    assert list(items[0].tags.values_list("name", flat=True)) == ["harbour"]


def test_what_cannot_be_asked_is_refused(people: dict[str, Client], folder: Folder, items: list[Item]) -> None:
    for said in ({}, {"view": "q=nothing-of-that-name&all=999"}):
        answer = post_by_script(people["editor"], f"/folders/{folder.id}/ask/move/", said)
        assert answer.status_code == 422
        assert notice(answer) == "Nothing is selected, or it is not here any more."
    assert post_by_script(people["editor"], f"/folders/{folder.id}/ask/burn/", {"item": items[0].id}).status_code == 422
    assert ask(people["outsider"], folder, "move", item=items[0].id).status_code == 404
    assert "/login/" in ask(people["anonymous"], folder, "move", item=items[0].id)["Location"]
    assert people["editor"].get(f"/folders/{folder.id}/ask/move/").status_code == 405


def test_no_more_are_named_than_can_be_asked_for(
    people: dict[str, Client], folder: Folder, items: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mass_requests, "MOST_LISTED", 2)
    named = {"items": " ".join(item.id for item in items)}
    here = f"/folders/{folder.id}/"
    for path in (f"{here}ask/move/", f"{here}ask/tag/", f"{here}actions/star/", "/actions/copy/", "/actions/download/"):
        answer = post_by_script(people["editor"], path, named)
        assert answer.status_code == 413, path
        assert notice(answer) == "At most 2 items can be named one by one. Select all instead."


def test_the_number_tells_nobody_what_they_may_not_read(people: dict[str, Client], alice: Any, bob: Any) -> None:
    folder = make_folder(alice, visibility="public", viewer=bob)
    make_item(folder, "Fox", metadata={"prompt": "a secret recipe"})
    make_item(folder, "Owl")
    for q, found in (("secret", ["owner", "viewer"]), ("fox", ["owner", "viewer", "editor", "outsider"])):
        said = {"view": f"q={q}&all=999999999"}
        for role in ("owner", "viewer", "editor", "outsider"):
            for kind in ("copy", "tag"):
                answer = post_by_script(people[role], f"/folders/{folder.id}/ask/{kind}/", said)
                assert answer.status_code == (200 if role in found else 422), (role, kind, q)
            answer = post_by_script(people[role], f"/folders/{folder.id}/actions/star/", said)
            refused = 403 if role in found else 422
            assert answer.status_code == (204 if role == "owner" else refused), (role, q)


def test_where_there_are_many_the_others_are_found_by_name(
    people: dict[str, Client], alice: Any, erin: Any, folder: Folder, items: list[Item], monkeypatch: Any
) -> None:
    hidden = make_folder(alice, "Hidden", visibility="private")
    old = make_folder(alice, "Old prints", editor=erin)
    Folder.objects.filter(id=old.id).update(parent=hidden)
    within = make_folder(alice, "Old proofs", editor=erin)
    Folder.objects.filter(id=within.id).update(parent=folder)
    newest = [make_folder(alice, f"New {number}", editor=erin) for number in range(2)]
    for module in (folder_tree, questions):
        monkeypatch.setattr(module, "FOLDERS_LISTED", 2)
    asked = ask(people["editor"], folder, "move", item=[items[0].id]).content.decode()
    address = f"/folders/{folder.id}/ask/move/places/"
    assert address in asked and old.id not in asked and newest[0].id in asked
    found = people["editor"].get(f"{address}?q=OLD").content.decode()
    assert set(re.findall(r'name="target" value="([^"]+)"', found)) == {old.id, within.id}
    assert '<span class="place__around" dir="auto">Pictures</span>' in found
    assert "Hidden" not in found, "where it stands is nobody's business who may not see that"
    assert people["outsider"].get(address).status_code == 404
    assert 'name="target"' not in people["viewer"].get(f"{address}?q=old").content.decode()
