"""The people of a folder: its owners let them in and out, and they may leave."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client

from gallery.models import Folder, Membership
from gallery.services import members
from tests.factories import make_folder
from tests.views.helpers import notice, post, post_by_script

pytestmark = pytest.mark.django_db


def people_of(folder: Folder) -> dict[str, str]:
    return dict(Membership.objects.filter(folder=folder).values_list("user__username", "role"))


def test_only_owners_see_and_say_who_is_in(people: dict[str, Client], folder: Folder) -> None:
    address = f"/folders/{folder.id}/people/"
    seen = {role: client.get(address).status_code for role, client in people.items()}
    assert seen == {"owner": 200, "editor": 404, "viewer": 404, "outsider": 404, "anonymous": 302}
    before = people_of(folder)
    for role, status in (("editor", 403), ("viewer", 403), ("outsider", 404), ("anonymous", 401)):
        answer = post_by_script(people[role], f"{address}put/", {"username": "charlie", "role": "viewer"})
        assert answer.status_code == status, role
    assert people_of(folder) == before
    assert f'{address}"' not in people["editor"].get(f"/folders/{folder.id}/").content.decode().partition("<main")[0]


def test_somebody_is_let_in_promoted_and_let_out(people: dict[str, Client], folder: Folder, charlie: Any) -> None:
    address, inside = f"/folders/{folder.id}/people/", f"/folders/{folder.id}/"
    assert people["outsider"].get(inside).status_code == 404
    post(people["owner"], f"{address}put/", {"username": " charlie ", "role": "viewer"})
    assert people["outsider"].get(inside).context["role"] == "viewer"
    post(people["owner"], f"{address}put/", {"username": "charlie", "role": "owner"})
    assert people["outsider"].get(address).status_code == 200
    # Somebody who manages lets the others out, and at last themselves: then they see nothing of it any more.
    post(people["outsider"], f"{address}{Membership.objects.get(folder=folder, user__username='bob').user_id}/remove/")
    assert people["viewer"].get(inside).status_code == 404
    assert post(people["outsider"], f"{address}{charlie.pk}/remove/")["Location"] == "/"
    assert people["outsider"].get(inside).status_code == 404


def test_whoever_is_in_may_leave_but_send_nobody_else(people: dict[str, Client], folder: Folder, bob: Any) -> None:
    leave = f"/folders/{folder.id}/people/{bob.pk}/remove/"
    assert leave in people["viewer"].get(f"/folders/{folder.id}/").content.decode()
    assert leave not in people["owner"].get(f"/folders/{folder.id}/").content.decode()
    assert post_by_script(people["editor"], leave).status_code == 403
    assert post_by_script(people["viewer"], leave).headers["HX-Redirect"] == "/"
    assert "bob" not in people_of(folder)
    assert post_by_script(people["owner"], leave).status_code == 404


@pytest.mark.parametrize(
    ("username", "role", "sentence"),
    [
        ("nobody <b>", "viewer", "There is nobody called “nobody <b>” here."),
        ("", "viewer", "There is nobody called “” here."),
        ("x\0y", "viewer", "There is nobody called “xy” here."),
        ("alice", "viewer", "“alice” owns this folder."),
        ("charlie", "emperor", "There is no such role."),
    ],
)
def test_what_cannot_be_says_why_and_keeps_what_was_typed(
    people: dict[str, Client], folder: Folder, username: str, role: str, sentence: str
) -> None:
    address, before = f"/folders/{folder.id}/people/", people_of(folder)
    post(people["owner"], f"{address}put/", {"username": username, "role": role}, before=address)
    page = people["owner"].get(address)
    assert notice(page) == sentence and people_of(folder) == before
    if "<" in username:
        assert 'value="nobody &lt;b&gt;"' in page.content.decode()


def test_there_are_not_endlessly_many(people: dict[str, Client], folder: Folder, monkeypatch: Any) -> None:
    monkeypatch.setattr(members, "MOST_MEMBERS", 2)  # bob and erin
    put = f"/folders/{folder.id}/people/put/"
    assert post_by_script(people["owner"], put, {"username": "charlie", "role": "viewer"}).status_code == 409
    assert post_by_script(people["owner"], put, {"username": "bob", "role": "editor"}).status_code == 200


def test_a_private_folder_says_that_nobody_sees_it_yet(people: dict[str, Client], alice: Any) -> None:
    folder = make_folder(alice, visibility="private")
    page = people["owner"].get(f"/folders/{folder.id}/people/")
    assert "once it is shared with members" in unescape(page.content.decode())
