"""A folder copied with all that is in it: by whom, what comes along, and in which order."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from gallery.models import Folder, Item, ItemTag, MassAction
from gallery.services import folder_copies, mass_work
from gallery.services.folder_copies import copy_folder
from gallery.views.selection import find_selected
from tests.api.helpers import send
from tests.factories import make_folder, make_item, make_items, make_pending_item, person
from tests.services.test_folder_trees import inside, refusal
from tests.views.helpers import notice, post

pytestmark = pytest.mark.django_db


def work_off() -> None:
    """What the task worker would do."""
    while action := MassAction.objects.filter(status__in=MassAction.OPEN).first():
        mass_work.carry_on(action.id, find_selected)


def names(folder: Folder) -> list[str]:
    return list(Item.objects.living().filter(folder=folder).order_by("-order_key").values_list("name", flat=True))


def test_all_of_it_comes_along_in_its_order(alice: Any, folder: Folder, monkeypatch: Any) -> None:
    monkeypatch.setattr(mass_work, "PIECE", 3)
    monkeypatch.setattr(mass_work, "PACE_SECONDS", 0)
    make_items(folder, 10)
    ItemTag.objects.create(item=make_item(folder, "Tagged", metadata={"prompt": "sea"}), name="blue")
    deep = inside(inside(folder, "Within"), "Deep")
    make_item(deep, "Pearl")
    copy = copy_folder(person(alice), folder.id, name="Another")
    work_off()
    assert (copy.name, copy.owner, copy.visibility) == ("Another", alice, "private")
    assert names(copy) == names(folder) and len(names(copy)) == 11
    tagged = Item.objects.get(folder=copy, name="Tagged")
    assert (tagged.metadata, list(tagged.tags.values_list("name", flat=True))) == ({"prompt": "sea"}, ["blue"])
    within = Folder.objects.get(parent=copy)
    assert (within.name, names(Folder.objects.get(parent=within))) == ("Within", ["Pearl"])
    copy.refresh_from_db()
    assert copy.item_count == 11


def test_what_one_may_not_see_and_what_develops_stay_out(alice: Any, bob: Any, folder: Folder) -> None:
    make_item(folder, "Open", metadata={"prompt": "sea"})
    make_pending_item(folder, "Developing")
    make_item(inside(folder, "Hidden", visibility="private"), "Secret")
    copy = copy_folder(person(bob), folder.id, name="His")
    work_off()
    assert names(copy) == ["Open"] and not Folder.objects.filter(parent=copy).exists()
    action = MassAction.objects.get(folder=copy)
    assert (action.status, action.failures[0][0]) == ("partial", "Developing")


def test_what_came_later_is_not_copied(alice: Any, folder: Folder) -> None:
    make_item(folder, "Before")
    copy = copy_folder(person(alice), folder.id, name="Another")
    make_item(folder, "After")
    work_off()
    assert names(copy) == ["Before"]


def test_who_may_and_how_much(alice: Any, bob: Any, charlie: Any, folder: Folder, monkeypatch: Any) -> None:
    hers = make_folder(alice, "Hers")
    assert refusal(copy_folder, person(charlie), folder.id, name="x") == "not_found"
    assert refusal(copy_folder, person(bob), folder.id, name="x", parent_id=hers.id) == "not_found"
    assert refusal(copy_folder, person(bob), folder.id, name="x", parent_id=folder.id) == "forbidden"
    assert refusal(copy_folder, person(bob), folder.id, name="a/b") == "invalid"
    inside(inside(folder, "1"), "2")
    monkeypatch.setattr(folder_copies, "MOST_FOLDERS", 2)
    assert refusal(copy_folder, person(alice), folder.id, name="x") == "conflict"
    monkeypatch.setattr(folder_copies, "MOST_FOLDERS", 3)
    monkeypatch.setattr(folder_copies, "DEPTH", 3)
    assert refusal(copy_folder, person(alice), folder.id, name="x", parent_id=hers.id) == "conflict"
    before = Folder.objects.count()
    at_top = copy_folder(person(alice), folder.id, name="At the top")
    assert Folder.objects.count() == before + 3 and at_top.parent_id is None


def test_into_itself_it_ends(alice: Any, folder: Folder) -> None:
    make_item(folder, "One")
    copy = copy_folder(person(alice), folder.id, name="Inner", parent_id=folder.id)
    work_off()
    assert (copy.parent_id, names(copy)) == (folder.id, ["One"])
    assert not Folder.objects.filter(parent=copy).exists()


def test_the_page_asks_and_the_api_does_the_same(alice: Any, bob: Any, folder: Folder, signed_in: Any) -> None:
    make_items(folder, 3)
    client: Client = signed_in(bob)
    address = f"/folders/{folder.id}/copy/"
    assert address in client.get(f"/folders/{folder.id}/").content.decode()
    page = client.get(address)
    assert (page.context["item_count"], page.context["folder_count"]) == (3, 0)
    assert "Pictures (copy)" in page.content.decode()
    assert notice(client.get(post(client, f"{address}now/", {"name": "a/b"}, before=address)["Location"])) != ""
    shown = client.get(post(client, f"{address}now/", {"name": "Mine"})["Location"])
    assert shown.context["folder"].name == "Mine" and "Copy into this folder" in shown.content.decode()
    answer = send(client, "post", f"/api/folders/{folder.id}/copy", {"name": "By API"})
    assert (answer.status_code, answer.json()["name"], answer.json()["visibility"]) == (201, "By API", "private")
    assert Client().get(address).status_code == 302
