"""Taking back what was done with many items: by whom it was done, or any editor; only what nobody has put elsewhere."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import pytest

from gallery.models import Folder, Item, MassAction
from gallery.services import mass_requests, mass_work
from gallery.services.item_actions import do_to_items
from gallery.services.mass_work import carry_on
from gallery.views.selection import find_selected
from tests.checks import check_all
from tests.factories import bring_back, make_folder, make_items, person, throw_away
from tests.views.helpers import notice, post, post_by_script

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere(alice: Any, erin: Any) -> Folder:
    return make_folder(alice, "Elsewhere", editor=erin)


def living(folder: Folder) -> set[str]:
    return set(Item.objects.living().filter(folder=folder).values_list("id", flat=True))


def test_without_script_the_page_that_follows_offers_it(people: Any, folder: Folder, elsewhere: Folder) -> None:
    ids, client, home = make_items(folder, 4), people["editor"], f"/folders/{folder.id}/"
    there = make_items(elsewhere, 1)
    for kind, said, sentence in (
        ("delete", {}, "3 items put into the trash."),
        ("move", {"target": elsewhere.id}, "3 items moved."),
    ):
        post(client, f"{home}actions/{kind}/", {"item": ids[:3]} | said, before=home)
        page = client.get(home)
        assert notice(page) == sentence
        [undo] = re.findall(r'formaction="([^"]+)"[^>]*>Undo', page.content.decode())
        assert post(people["viewer"], undo, before=home).status_code in (303, 404)
        assert living(folder) == {ids[3]}, "who may only look takes nothing back"
        assert post(people["outsider"], undo).status_code == 404
        assert post(client, undo, before=home)["Location"].endswith(home)
        assert living(folder) == set(ids) and living(elsewhere) == set(there)
        post(client, undo, before=home)
        assert notice(client.get(home)).startswith("There is nothing left to take back")
    check_all()


def test_a_script_is_told_where_and_only_what_has_stayed_comes_back(
    people: Any, folder: Folder, elsewhere: Folder, erin: Any
) -> None:
    ids, client = make_items(folder, 6), people["editor"]
    said = {"items": " ".join(ids), "target": elsewhere.id}
    answer = post_by_script(client, f"/folders/{folder.id}/actions/move/", said)
    assert (answer.status_code, unquote(answer["Darkroom-Done"])) == (204, "6 items moved.")
    throw_away(person(erin), ids[0])
    throw_away(person(erin), ids[1])
    bring_back(person(erin), ids[1])
    other = make_folder(erin, "Other")
    do_to_items(person(erin), "move", [ids[2], ids[3]], folderId=other.id)
    do_to_items(person(erin), "move", [ids[3]], folderId=elsewhere.id)
    assert post_by_script(client, answer["Darkroom-Undo"]).status_code == 204
    assert living(folder) == {ids[4], ids[5]}
    again = post_by_script(client, f"/folders/{folder.id}/actions/move/", {"item": ids[4], "target": folder.id})
    assert "Darkroom-Undo" not in again, "nothing has moved"
    one = post_by_script(client, f"/items/{ids[4]}/remove/")
    assert unquote(one["Darkroom-Done"]) == "“Item 4” is in the trash."
    assert post_by_script(client, one["Darkroom-Undo"]).status_code == 204 and ids[4] in living(folder)
    check_all()


@pytest.mark.parametrize("kind", ["delete", "move"])
def test_what_was_done_in_the_background_is_taken_back_from_its_strip(
    people: Any, folder: Folder, elsewhere: Folder, erin: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(mass_requests, "MOST_IN_REQUEST", 5)
    monkeypatch.setattr(mass_work, "PIECE", 4)
    monkeypatch.setattr(mass_work, "PACE_SECONDS", 0.0)
    ids, home = make_items(folder, 12), f"/folders/{folder.id}/"
    there = make_items(elsewhere, 1)
    post_by_script(people["editor"], f"{home}actions/{kind}/", {"items": " ".join(ids), "target": elsewhere.id})
    [done] = MassAction.objects.all()
    assert post_by_script(people["editor"], f"/actions/{done.id}/undo/").status_code == 409, "it is still at it"
    carry_on(done.id, find_selected)
    assert living(folder) == set()
    page = people["editor"].get(home).content.decode()
    [undo] = re.findall(r'formaction="([^"]+)"[^>]*>Undo', page)
    assert post_by_script(people["viewer"], undo).status_code in (403, 404)
    assert post_by_script(people["editor"], undo).status_code == 204
    carry_on(MassAction.objects.exclude(id=done.id).get().id, find_selected)
    assert living(folder) == set(ids) and living(elsewhere) == set(there)
    check_all()


@pytest.mark.parametrize("mark", ["0", "99999999999999999999999", "253402300800000000"])
def test_a_moment_that_never_was_finds_nothing(people: Any, folder: Folder, mark: str) -> None:
    for path in (f"/folders/{folder.id}/undo/{mark}/", f"/folders/{folder.id}/undo/{folder.id}/{mark}/"):
        assert post_by_script(people["owner"], path).status_code == 409
