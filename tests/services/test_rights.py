from __future__ import annotations

from typing import Any

import pytest

from gallery.contract.errors import NotifyError
from gallery.models import Folder
from tests.factories import make_batch, make_folder, make_item, make_token, person, say, say_all
from tests.factories import worker as worker_of

pytestmark = pytest.mark.django_db

NAMES = ["start", "item", "status line", "slot", "end", "update", "remove", "lock", "unlock"]


@pytest.fixture
def events(folder: Folder) -> dict[str, tuple[str, dict[str, Any]]]:
    """One of each event about the folder's things."""
    batch = make_batch(folder, 9)
    item = make_item(folder, batch=batch)
    new = {"name": "x", "type": "image"}
    return {
        "start": ("batch:start", {"batchId": "new", "total": 1, "label": "x", "targetFolderId": folder.id}),
        "item": ("batch:progress", {"batchId": batch.id, "item": new}),
        "status line": ("batch:progress", {"batchId": batch.id, "progress": 5}),
        "slot": ("batch:progress", {"batchId": batch.id, "index": 5, "progress": 5}),
        "end": ("batch:end", {"batchId": batch.id, "status": "error"}),
        "update": ("item:update", {"itemId": item.id, "status": "error"}),
        "remove": ("item:remove", {"itemId": item.id}),
        "lock": ("item:lock", {"itemId": item.id}),
        "unlock": ("item:unlock", {"itemId": item.id}),
    }


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("by", ["token", "hand"])
def test_viewers_are_forbidden_and_outsiders_find_nothing(
    bob: Any, charlie: Any, erin: Any, folder: Folder, events: Any, name: str, by: str
) -> None:
    before = Folder.objects.get(id=folder.id).revision
    for user, code in ((bob, "forbidden"), (charlie, "not_found")):
        sender = person(user) if by == "hand" else worker_of(make_token(user, folder=folder)[0])
        with pytest.raises(NotifyError) as caught:
            say(*events[name], sender)
        assert caught.value.code == code
        assert Folder.objects.get(id=folder.id).revision == before
    assert say(*events[name], worker_of(make_token(erin)[0])).folder_id == folder.id


@pytest.mark.parametrize("name", NAMES)
def test_a_public_folder_is_only_to_look_at(bob: Any, charlie: Any, folder: Folder, events: Any, name: str) -> None:
    Folder.objects.filter(id=folder.id).update(visibility="public")
    for user in (bob, charlie):
        with pytest.raises(NotifyError) as caught:
            say(*events[name], person(user))
        assert caught.value.code == "forbidden"


@pytest.mark.parametrize("name", NAMES)
def test_a_private_folder_is_its_owners_alone(erin: Any, alice: Any, folder: Folder, events: Any, name: str) -> None:
    Folder.objects.filter(id=folder.id).update(visibility="private")
    with pytest.raises(NotifyError) as caught:
        say(*events[name], person(erin))
    assert caught.value.code == "not_found"
    assert say(*events[name], person(alice)).folder_id == folder.id


def test_an_array_of_mixed_rights(bob: Any, folder: Folder, events: Any) -> None:
    """In one array the rights of each folder count for its own events."""
    own = make_token(bob)[0]
    mine = ("batch:start", {"batchId": "mine", "total": 1, "label": "x", "targetFolderId": folder.id})
    answers = say_all([events["update"], mine, events["lock"]], worker_of(own))
    assert [answer.code for answer in answers] == ["forbidden"] * 3


def test_what_is_taken_by_a_stranger_is_conflict_and_stays_theirs(charlie: Any, folder: Folder) -> None:
    batch, item = make_batch(folder), make_item(folder)
    own = make_folder(charlie)
    sender = worker_of(make_token(charlie, folder=own)[0])
    with pytest.raises(NotifyError) as caught:
        say("batch:start", {"batchId": batch.id, "total": 4, "label": "Four sunsets"}, sender)
    assert caught.value.code == "conflict"
    with pytest.raises(NotifyError) as caught:
        make_item(own, batch=make_batch(own, sender=sender), sender=sender, id=item.id)
    assert caught.value.code == "conflict"
    item.refresh_from_db()
    assert item.folder == folder
