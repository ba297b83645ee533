"""Every page and every action, as each kind of person."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from gallery.access import READ_ONLY
from gallery.models import Batch, Folder, Item
from gallery.views.errors import SIGN_IN
from tests.factories import make_folder, make_item
from tests.views.helpers import notice, post, post_by_script

pytestmark = pytest.mark.django_db

ROLES = ("owner", "editor", "viewer", "outsider", "anonymous")


def without_tokens(response: Any) -> str:
    return re.sub(r"[A-Za-z0-9]{64}", "", response.content.decode())


@pytest.fixture
def actions(folder: Folder, item: Item, batch: Batch, failed: Item) -> list[tuple[str, dict[str, Any]]]:
    """Each with what it sends. The order is such that one does not take from the next what it needs."""
    return [
        (f"/items/{item.id}/rename/", {"name": "Sunrise"}),
        (f"/items/{failed.id}/retry/", {}),
        (f"/items/{item.id}/remove/", {}),
        (f"/batches/{batch.id}/cancel/", {}),
    ]


@pytest.mark.parametrize("role", ROLES)
def test_who_sees_a_shared_folder(people: dict[str, Client], folder: Folder, item: Item, role: str) -> None:
    for path in (f"/folders/{folder.id}/", f"/items/{item.id}/"):
        response = people[role].get(path)
        if role == "anonymous":
            assert (response.status_code, response.url) == (302, f"/login/?next={path}")
        elif role == "outsider":
            assert response.status_code == 404
        else:
            assert response.status_code == 200
            assert response.context["role"] == role
            assert f'data-role="{role}"' in response.content.decode()
            assert "Sunset" in response.content.decode()


@pytest.mark.parametrize("role", ROLES)
def test_who_sees_a_public_folder(people: dict[str, Client], alice: Any, role: str) -> None:
    folder = make_folder(alice, visibility="public")
    item = make_item(folder, metadata={"prompt": "a secret recipe"})
    for path in (f"/folders/{folder.id}/", f"/items/{item.id}/"):
        response = people[role].get(path)
        assert response.status_code == 200
        assert response.context["role"] == ("owner" if role == "owner" else "viewer")
    assert ("a secret recipe" in response.content.decode()) == (role == "owner")


def test_what_may_not_be_seen_looks_like_what_is_not_there(people: dict[str, Client], folder: Folder) -> None:
    outsider, anonymous = people["outsider"], people["anonymous"]
    assert people["owner"].get(f"/folders/{folder.id}/").status_code == 200
    hidden, missing = outsider.get(f"/folders/{folder.id}/"), outsider.get("/folders/missing/")
    assert hidden.status_code == missing.status_code == 404
    assert without_tokens(hidden).replace(folder.id, "missing") == without_tokens(missing)
    assert anonymous.get("/folders/missing/").url == "/login/?next=/folders/missing/"


@pytest.mark.parametrize("role", ["viewer", "outsider", "anonymous"])
def test_who_may_not_change_anything(people: dict[str, Client], actions: list[Any], item: Item, role: str) -> None:
    """By script: the error's own status, and its sentence in a notice."""
    status, sentence = {
        "viewer": (403, str(READ_ONLY)),
        "outsider": (404, "or you may not see it."),
        "anonymous": (401, str(SIGN_IN)),
    }[role]
    for path, body in actions:
        response = post_by_script(people[role], path, body)
        assert response.status_code == status
        assert sentence in notice(response)
        assert response.content.decode().strip().startswith('<div id="notice"')
    item.refresh_from_db()
    assert item.name == "Sunset"


def test_a_refused_plain_form_goes_back_and_says_why(people: dict[str, Client], actions: list[Any], item: Item) -> None:
    before = f"/folders/{item.folder_id}/?q=sun"
    for path, body in actions:
        response = post(people["viewer"], path, body, before=before)
        assert (response.status_code, response.url) == (303, f"http://testserver{before}")
        page = people["viewer"].get(response.url)
        assert notice(page) == READ_ONLY
        assert notice(people["viewer"].get(response.url)) == ""  # said once
        assert post(people["outsider"], path, body, before=before).status_code == 404
        response = post(people["anonymous"], path, body, before=before)
        assert (response.status_code, response.url.startswith("/login/?next=http")) == (302, True)


@pytest.mark.parametrize("role", ["owner", "editor"])
def test_who_may_change_it_all_by_script(people: dict[str, Client], actions: list[Any], role: str) -> None:
    for path, body in actions:
        response = post_by_script(people[role], path, body)
        assert (response.status_code, response.content) == (204, b"")


def test_a_plain_form_goes_back_to_its_page(people: dict[str, Client], actions: list[Any], folder: Folder) -> None:
    for path, body in actions:
        response = post(people["owner"], path, body, before=f"/folders/{folder.id}/?q=sun")
        assert response.status_code == 303
        assert response.url.startswith(f"http://testserver/folders/{folder.id}/?q=sun")


def test_no_action_is_a_link(people: dict[str, Client], actions: list[Any], item: Item) -> None:
    for path, _ in [
        *actions,
        ("/folders/", {}),
        (f"/folders/{item.folder_id}/upload/", {}),
        ("/messages/m/dismiss/", {}),
    ]:
        assert people["owner"].get(path).status_code == 405
    for path in ("/", f"/folders/{item.folder_id}/", f"/items/{item.id}/"):
        assert people["owner"].post(path).status_code == 405
        assert people["owner"].head(path).status_code == 200


def test_every_action_needs_the_token_of_its_page(alice: Any, actions: list[Any], item: Item) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    uploads = (f"/folders/{item.folder_id}/upload/", {"files": ""})
    for path, body in [*actions, ("/folders/", {"name": "x"}), uploads, ("/messages/m/dismiss/", {})]:
        response = post_by_script(client, path, body)
        assert response.status_code == 403
        assert "too old for that" in notice(response)
        assert post(client, path, body, before="/").status_code == 303
        assert client.post(path, body, headers={"Referer": "https://evil.example/"}).status_code == 403
    token = client.get("/").context["csrf_token"]
    for path, body in actions:
        assert post_by_script(client, path, body, **{"X-CSRFToken": str(token)}).status_code == 204


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/x", "/\\evil.example", "javascript:alert(1)"]
)
def test_no_action_leads_off_the_site(people: dict[str, Client], item: Item, target: str) -> None:
    path, folder = f"/items/{item.id}/rename/", f"/folders/{item.folder_id}/#item-{item.id}"
    client = people["owner"]
    for headers in ({}, {"Referer": target}):
        response = client.post(path, {"name": "New", "next": target}, headers=headers)
        assert (response.status_code, response.url) == (303, folder)
        assert client.post(path, {"name": "", "next": target}, headers=headers).url == "/"
    response = client.post(path, {"name": "New", "next": "/folders/f/?q=x"})
    assert response.url == f"/folders/f/?q=x#item-{item.id}"


@pytest.mark.parametrize("odd", ["%00", "a%20b", "..%2f", "%F0%9F%8C%85", "x" * 129, "%3Cscript%3E"])
def test_an_odd_id_leads_nowhere(people: dict[str, Client], odd: str) -> None:
    for path in ("/folders/{}/", "/items/{}/", "/media/items/{}/abc/media", "/media/placeholders/{}/1/abc"):
        assert people["owner"].get(path.format(odd)).status_code == 404
    assert post_by_script(people["owner"], f"/items/{odd}/remove/").status_code == 404
