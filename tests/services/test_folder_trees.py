from __future__ import annotations

from typing import Any

import pytest

from gallery.access import own_mass_actions, visible_folders
from gallery.contract.errors import NotifyError
from gallery.live import admission
from gallery.models import Batch, Folder, Item
from gallery.services import folder_removal, mass_work, trees
from gallery.services.folder_removal import contents_of, delete_folder
from gallery.services.folders import create_folder, edit_folder
from gallery.services.integrity import Looked
from gallery.services.item_actions import do_to_items
from gallery.services.sweep import sweep
from gallery.services.verification import verify
from gallery.views.selection import find_selected
from tests.api.helpers import send
from tests.checks import check_all
from tests.factories import make_batch, make_folder, make_item, make_items, person, throw_away

pytestmark = pytest.mark.django_db


def refusal(call: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(NotifyError) as caught:
        call(*arguments, **named)
    return caught.value.code


def inside(parent: Folder, name: str, owner: Any = None, **options: Any) -> Folder:
    return create_folder(owner or parent.owner, name=name, parent_id=parent.id, **options)


def test_a_folder_goes_into_another_and_never_into_itself(alice: Any, folder: Folder) -> None:
    child = inside(folder, "Child")
    grandchild = inside(child, "Grandchild")
    for target in (folder, child, grandchild):
        assert refusal(edit_folder, person(alice), folder.id, {"parent_id": target.id}) == "conflict"
    edit_folder(person(alice), grandchild.id, {"parent_id": folder.id})
    edit_folder(person(alice), child.id, {"parent_id": grandchild.id})
    assert trees.ancestors(child.id) == [child.id, grandchild.id, folder.id]
    edit_folder(person(alice), grandchild.id, {"parent_id": None})
    assert Folder.objects.get(id=grandchild.id).parent is None
    assert not list(verify(Looked()))


def test_folders_do_not_stand_too_deep(alice: Any, folder: Folder, monkeypatch: Any) -> None:
    monkeypatch.setattr(trees, "DEPTH", 3)
    monkeypatch.setattr("gallery.services.folders.DEPTH", 3)
    second = inside(folder, "2")
    third = inside(second, "3")
    assert refusal(inside, third, "4") == "conflict"
    other = make_folder(alice, "Other")
    inside(other, "In it")
    assert refusal(edit_folder, person(alice), other.id, {"parent_id": second.id}) == "conflict"
    edit_folder(person(alice), other.id, {"parent_id": folder.id})


def test_a_move_that_came_between_is_seen_under_the_lock(alice: Any, folder: Folder, monkeypatch: Any) -> None:
    """Both looked before either wrote: the second finds the first's circle."""
    other = make_folder(alice, "Other")
    read, looks = trees.ancestors, []

    def late(folder_id: str | None) -> list[str]:
        found = read(folder_id)
        if not looks:
            looks.append(True)
            Folder.objects.filter(id=other.id).update(parent=folder)
        return found

    monkeypatch.setattr(trees, "ancestors", late)
    assert refusal(edit_folder, person(alice), folder.id, {"parent_id": other.id}) == "conflict"


def test_who_may_change_what(alice: Any, bob: Any, erin: Any, charlie: Any, folder: Folder) -> None:
    hers = make_folder(erin, "Erin's", visibility="private")
    for user, code in ((bob, "forbidden"), (charlie, "not_found")):
        assert refusal(edit_folder, person(user), folder.id, {"name": "x"}) == code
        assert refusal(inside, folder, "New", user) == code
    assert refusal(edit_folder, person(erin), folder.id, {"visibility": "public"}) == "forbidden"
    assert refusal(edit_folder, person(alice), folder.id, {"parent_id": hers.id}) == "not_found"
    edit_folder(person(erin), folder.id, {"parent_id": hers.id, "name": "Ours", "sort": "size"})
    folder.refresh_from_db()
    assert (folder.parent, folder.name, folder.sort, folder.owner) == (hers, "Ours", "size", alice)
    edit_folder(person(alice), folder.id, {"visibility": "public"})
    for wrong in ({"name": "a/b"}, {"sort": "colour"}, {"visibility": "secret"}):
        assert refusal(edit_folder, person(alice), folder.id, wrong) == "invalid"


def test_cover_is_one_of_its_own_living_items(alice: Any, folder: Folder) -> None:
    item, other = make_item(folder), make_item(make_folder(alice))
    assert refusal(edit_folder, person(alice), folder.id, {"cover_id": other.id}) == "not_found"
    edit_folder(person(alice), folder.id, {"cover_id": item.id})
    do_to_items(person(alice), "move", [item.id], folderId=other.folder_id)
    assert Folder.objects.get(id=folder.id).cover is None
    throw_away(person(alice), item.id)
    assert refusal(edit_folder, person(alice), other.folder_id, {"cover_id": item.id}) == "not_found"


def test_delete_takes_what_is_ones_own_and_lifts_what_is_not(
    alice: Any, erin: Any, folder: Folder, settings: Any
) -> None:
    top = make_folder(alice, "Top")
    edit_folder(person(alice), folder.id, {"parent_id": top.id})
    mine = inside(folder, "Mine")
    hers = inside(folder, "Hers", erin, visibility="private")
    below = inside(hers, "Below", erin)
    batch = make_batch(top, 3)
    visiting, thrown = make_item(top, batch=batch), make_item(folder)
    make_item(mine)
    do_to_items(person(alice), "move", [visiting.id], folderId=folder.id)
    throw_away(person(alice), thrown.id)
    contents = contents_of(person(alice), Folder.objects.get(id=folder.id))
    assert (contents.item_count, contents.folder_count) == (2, 1)
    assert [one.name for one in contents.staying] == ["Hers"]
    assert refusal(delete_folder, person(erin), folder.id) == "forbidden"
    delete_folder(person(alice), folder.id)
    assert set(Folder.objects.values_list("name", "parent")) == {
        ("Top", None), ("Hers", top.id), ("Below", hers.id),
    }  # fmt: skip
    assert not Item.objects.exists() and below.parent_id == hers.id
    assert Batch.objects.get(id=batch.id).item_count == 0, "a batch elsewhere counts it no more"
    check_all()
    assert not list(verify(Looked()))
    assert refusal(delete_folder, person(alice), folder.id) == "not_found"


def test_much_goes_at_once_for_everybody_and_is_removed_in_pieces(
    alice: Any, erin: Any, folder: Folder, monkeypatch: Any, settings: Any, clock: Any
) -> None:
    monkeypatch.setattr(folder_removal, "MOST_IN_REQUEST", 5)
    monkeypatch.setattr(folder_removal, "PIECE", 4)
    monkeypatch.setattr(mass_work, "PACE_SECONDS", 0.0)
    child, outside = inside(folder, "Child"), make_folder(alice, "Outside")
    ids = make_items(folder, 9)
    make_items(child, 2)
    moved = make_items(child, 3)
    do_to_items(person(alice), "move", moved, folderId=outside.id)  # their batch goes, and they stay
    throw_away(person(alice), ids[0])
    delete_folder(person(alice), folder.id)
    assert Item.objects.with_trash().count() == 14, "nothing of it is removed yet"
    assert not visible_folders(alice).filter(id__in=[folder.id, child.id]).exists()
    for refused in (
        lambda: make_item(folder),
        lambda: edit_folder(person(alice), child.id, {"parent_id": outside.id}),
        lambda: do_to_items(person(alice), "move", [ids[1]], folderId=outside.id),
        lambda: do_to_items(person(alice), "move", [moved[0]], folderId=folder.id),
        lambda: inside(folder, "Late"),
        lambda: delete_folder(person(alice), folder.id),
    ):
        with pytest.raises(NotifyError) as error:
            refused()
        assert error.value.code == "not_found"
    assert admission.refusal(alice, folder.id) == 4404
    [removal] = own_mass_actions(alice)
    assert not own_mass_actions(erin).exists() and removal.folder is None
    assert mass_work._try_a_piece(removal, find_selected), "and then its worker is killed"
    clock.move(seconds=121)
    for _ in range(5):  # however often it falls silent, it is not given up: nobody could do it by hand
        sweep()
        clock.move(seconds=121)
    removal.refresh_from_db()
    assert (removal.status, removal.done_count) == ("running", 4)
    mass_work.carry_on(removal.id, find_selected)
    removal.refresh_from_db()
    assert (removal.status, removal.done_count, removal.total) == ("complete", 11, 11)
    assert set(Folder.objects.values_list("name", flat=True)) == {"Outside"}
    assert set(Item.objects.with_trash().values_list("id", flat=True)) == set(moved)
    check_all()


def test_who_comes_and_goes_before_the_lock_stays(alice: Any, folder: Folder, monkeypatch: Any) -> None:
    top, guest = make_folder(alice, "Top"), make_folder(alice, "Guest")
    edit_folder(person(alice), folder.id, {"parent_id": top.id})
    child = inside(folder, "Child")
    before = Folder.objects.get(id=child.id).revision
    take = folder_removal.take_revision

    def late(folder_id: str) -> int | None:
        Folder.objects.filter(id=child.id).update(parent=None)
        Folder.objects.filter(id=guest.id).update(parent=folder)
        return take(folder_id)

    monkeypatch.setattr(folder_removal, "take_revision", late)
    delete_folder(person(alice), folder.id)
    assert set(Folder.objects.values_list("name", "parent")) == {("Top", None), ("Child", None), ("Guest", top.id)}
    assert Folder.objects.get(id=child.id).revision == before, "nothing of it changed"


def test_the_api_says_and_takes_the_same(folder: Folder, signed_in: Any, alice: Any, bob: Any, erin: Any) -> None:
    item = make_item(folder)
    private = make_folder(alice, "Private", visibility="private")
    path = f"/api/folders/{folder.id}"
    changes = {"name": "Renamed", "parentId": private.id, "coverId": item.id, "sort": "oldest", "visibility": "members"}
    answer = send(signed_in(alice), "patch", path, changes)
    assert answer.status_code == 200 and changes.items() <= answer.json().items() and answer.json()["itemCount"] == 1
    seen = signed_in(bob).get(path).json()
    assert (seen["parentId"], seen["name"]) == (None, "Renamed"), "of what he may not see he is told nothing"
    child = send(signed_in(erin), "post", "/api/folders", {"name": "Child", "parentId": folder.id}).json()
    assert (child["parentId"], child["owner"]) == (folder.id, "erin")
    into_child = send(signed_in(alice), "patch", path, {"parentId": child["id"]})
    assert into_child.status_code == 404, "nor may she see erin's"
    assert send(signed_in(alice), "patch", path, {"parentId": folder.id}).status_code == 409
    assert send(signed_in(alice), "patch", path, {"name": None}).status_code == 422
    assert [signed_in(user).delete(path).status_code for user in (bob, erin, alice, alice)] == [403, 403, 204, 404]
    assert Folder.objects.get(id=child["id"]).parent == private
