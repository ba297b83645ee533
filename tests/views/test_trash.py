"""The trash of one folder, and of all that one may change: pages, search, putting back, deleting for good, emptying."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone

from gallery.models import Folder, Item, MassAction
from gallery.services import mass_requests
from gallery.services.item_actions import do_to_items
from tests.checks import check_all
from tests.factories import make_folder, make_item, make_items, person, throw_away
from tests.views.helpers import notice, post, post_by_script

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere(alice: Any, erin: Any, bob: Any) -> Folder:
    return make_folder(alice, "Elsewhere", editor=erin, viewer=bob)


def names(page: Any) -> list[str]:
    return re.findall(r'trash__name" dir="auto">([^<]+)<', page.content.decode())


def test_all_that_one_may_change_is_in_one_trash(people: Any, folder: Folder, elsewhere: Folder, alice: Any) -> None:
    private = make_folder(alice, "Hers", visibility="private")
    for place, name in ((folder, "Dawn"), (elsewhere, "Dusk"), (private, "Secret")):
        throw_away(person(alice), make_item(place, name).id)
    assert names(people["owner"].get("/trash/")) == ["Secret", "Dusk", "Dawn"]
    page = people["editor"].get("/trash/")
    assert names(page) == ["Dusk", "Dawn"]
    text = page.content.decode()
    assert "Alice Adams" in text and "Goes " in text and "2 items" in text and ">Elsewhere</a>" in text
    assert names(people["viewer"].get("/trash/")) == names(people["outsider"].get("/trash/")) == []
    assert people["anonymous"].get("/trash/").status_code == 302
    assert names(people["editor"].get("/trash/?q=daw")) == ["Dawn"]
    assert "Nothing of that name" in people["editor"].get("/trash/?q=Secret").content.decode()
    assert names(people["editor"].get("/trash/?cursor=nonsense")) == ["Dusk", "Dawn"]
    assert 'href="/trash/"' in people["editor"].get("/").content.decode()


def test_pages_go_on_where_they_were_though_things_vanish(people: Any, folder: Folder, alice: Any) -> None:
    ids = make_items(folder, 130)
    do_to_items(person(alice), "delete", ids)
    seen, address = [], ""
    for expected in (60, 60, 8):
        page = people["owner"].get(f"/folders/{folder.id}/trash/{address}")
        seen += names(page)
        if expected == 60:
            address = re.search(r'class="pager"><a class="button" href="([^"]+)"', page.content.decode())[1]
            do_to_items(person(alice), "restore", Item.objects.trashed().values_list("id", flat=True)[:1])
        assert len(names(page)) <= 60
    assert len(seen) == len(set(seen)), "nothing twice"
    left = set(Item.objects.trashed().values_list("name", flat=True))
    assert left <= set(seen), "and nothing left out"


def test_some_are_put_back_or_deleted_and_that_is_taken_back(people: Any, folder: Folder, elsewhere: Folder) -> None:
    kept, ids = make_items(folder, 1), [*make_items(folder, 3), *make_items(elsewhere, 2)]
    do_to_items(person(folder.owner), "delete", ids)
    client = people["editor"]
    post(client, "/actions/restore/", {"item": [ids[0], ids[4]]}, before="/trash/")
    page = client.get("/trash/")
    assert notice(page) == "2 items taken out of the trash." and len(names(page)) == 3
    [undo] = re.findall(r'formaction="([^"]+)"[^>]*>Undo', page.content.decode())
    assert post(people["viewer"], undo.replace("&amp;", "&")).status_code in (303, 404)
    post(client, undo.replace("&amp;", "&"), before="/trash/")
    assert Item.objects.trashed().count() == 5
    post(client, "/actions/purge/", {"item": [ids[0], "gone"]}, before="/trash/")
    assert notice(client.get("/trash/")).startswith("1 of 2 could not be done.")
    assert not Item.objects.filter(id=ids[0]).exists() and Item.objects.filter(id=kept[0]).exists()
    check_all()


def test_emptying_deletes_what_lay_there_then_and_much_of_it_in_the_background(
    people: Any, folder: Folder, elsewhere: Folder, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mass_requests, "MOST_IN_REQUEST", 3)
    private = make_item(make_folder(alice, "Hers", visibility="private"))
    do_to_items(person(alice), "delete", [private.id, *make_items(folder, 5), *make_items(elsewhere, 2)])
    assert post(people["outsider"], "/trash/empty/").status_code == 303
    assert Item.objects.trashed().count() == 8, "nothing of it is theirs"
    assert post(people["editor"], "/trash/empty/")["Location"] == "/trash/"
    assert Item.objects.filter(folder=elsewhere).count() == 0
    [action] = MassAction.objects.all()
    assert (action.kind, action.folder, action.total) == ("purge", folder, 5)
    assert "Delete for good" in people["viewer"].get(f"/folders/{folder.id}/").content.decode()
    assert Item.objects.trashed().filter(id=private.id).exists()
    check_all()


def test_emptying_goes_on_past_a_folder_where_too_much_is_at_work_and_names_it(
    people: Any, folder: Folder, elsewhere: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mass_requests, "MOST_IN_REQUEST", 3)
    owner = folder.owner
    do_to_items(person(owner), "delete", [*make_items(folder, 5), *make_items(elsewhere, 2)])
    for _ in range(mass_requests.MOST_OPEN):
        MassAction.objects.create(folder=folder, kind="move", total=9, owner=owner, asked_at=timezone.now())
    post(people["editor"], "/trash/empty/", before="/trash/")
    assert notice(people["editor"].get("/trash/")).startswith(f"All but that of {folder.name}, where too much")
    assert set(Item.objects.trashed().values_list("folder", flat=True)) == {folder.id}
    assert post_by_script(people["editor"], f"/folders/{folder.id}/trash/empty/").status_code == 409
    MassAction.objects.update(status="complete")
    post(people["editor"], "/trash/empty/", before="/trash/")
    assert MassAction.objects.get(kind="purge").total == 5
