from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.test import Client

from gallery.models import Folder, Item
from tests.api.helpers import send
from tests.factories import make_batch, make_folder, make_item, make_token

pytestmark = pytest.mark.django_db


def names(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [item["name"] for item in response.json()["items"]]


def test_folders_are_those_that_one_may_see(
    client: Client, folder: Folder, signed_in: Any, alice: Any, bob: Any, charlie: Any
) -> None:
    public = make_folder(alice, "For all", visibility="public")
    private = make_folder(alice, "Mine", visibility="private")
    seen = {}
    for user in (alice, bob, charlie):
        answer = signed_in(user).get("/api/folders").json()
        seen[user.username] = [(one["id"], one["role"]) for one in answer["folders"]]
    assert seen == {
        "alice": [(private.id, "owner"), (public.id, "owner"), (folder.id, "owner")],
        "bob": [(public.id, "viewer"), (folder.id, "viewer")],
        "charlie": [(public.id, "viewer")],
    }
    assert client.get("/api/folders").status_code == 401


def test_folders_come_page_by_page(alice: Any, signed_in: Any) -> None:
    ids = [make_folder(alice, str(number)).id for number in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        answer = signed_in(alice).get("/api/folders", {"limit": 2, "cursor": cursor}).json()
        seen += [one["id"] for one in answer["folders"]]
        cursor = answer["next"]
    assert seen == ids[::-1]


def test_one_folder(folder: Folder, signed_in: Any, bob: Any, charlie: Any) -> None:
    answer = signed_in(bob).get(f"/api/folders/{folder.id}").json()
    assert answer.pop("createdAt").startswith("20")
    assert answer == {
        "id": folder.id,
        "name": "Pictures",
        "visibility": "members",
        "role": "viewer",
        "owner": "Alice Adams",
        "parentId": None,
        "coverId": None,
        "sort": "newest",
        "itemCount": 0,
        "revision": 0,
    }
    refused = signed_in(charlie).get(f"/api/folders/{folder.id}")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


def test_create_a_folder(client: Client, bearer: dict[str, str], alice: Any) -> None:
    response = send(client, "post", "/api/folders", {"name": "  New  ", "visibility": "public"}, headers=bearer)
    assert response.status_code == 201
    folder = Folder.objects.get(id=response.json()["id"])
    assert (folder.name, folder.owner, folder.visibility) == ("New", alice, "public")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": 5}, "name"),
        ({"name": "A\0"}, "name"),
        ({"name": "A", "visibility": "secret"}, "visibility"),
        ({"name": "A", "colour": "red"}, "colour"),
    ],
)
def test_wrong_fields_of_a_folder_are_named(client: Client, bearer: dict[str, str], body: Any, field: str) -> None:
    response = send(client, "post", "/api/folders", body, headers=bearer)
    assert response.status_code == 422
    assert response.json()["code"] == "invalid"
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_items_come_page_by_page_and_new_ones_disturb_nothing(folder: Folder, signed_in: Any, bob: Any) -> None:
    for number in range(5):
        make_item(folder, str(number))
    reader, seen, cursor = signed_in(bob), [], ""
    while cursor is not None:
        response = reader.get(f"/api/folders/{folder.id}/items", {"limit": 2, "cursor": cursor})
        seen += names(response)
        cursor = response.json()["next"]
        make_item(folder, "late")
    assert seen == ["4", "3", "2", "1", "0"]


def test_batch_stands_together_by_slot(folder: Folder, signed_in: Any, bob: Any) -> None:
    batch = make_batch(folder, 3)
    for name in ("first", "second", "third"):
        make_item(folder, name, batch=batch)
    assert names(signed_in(bob).get(f"/api/folders/{folder.id}/items")) == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("newest", ["beta", "Alpha", "alpha", "Gamma"]),
        ("oldest", ["Gamma", "alpha", "Alpha", "beta"]),
        ("name", ["alpha", "alpha", "beta", "gamma"]),
    ],
)
@pytest.mark.parametrize("limit", [1, 3, 200])
def test_orders(folder: Folder, signed_in: Any, bob: Any, sort: str, expected: list[str], limit: int) -> None:
    for name in ("Gamma", "alpha", "Alpha", "beta"):
        make_item(folder, name)
    seen, cursor = [], ""
    while cursor is not None:
        response = signed_in(bob).get(
            f"/api/folders/{folder.id}/items", {"sort": sort, "limit": limit, "cursor": cursor}
        )
        seen += names(response)
        cursor = response.json()["next"]
    assert ([name.lower() for name in seen] if sort == "name" else seen) == expected
    assert sorted(seen) == sorted(["Gamma", "alpha", "Alpha", "beta"])


def test_filters(folder: Folder, signed_in: Any, bob: Any) -> None:
    make_item(folder, "100% wool", type="file")
    make_item(folder, "100 sheep", type="image")
    make_item(folder, "A_b", isPending=True)
    make_item(folder, "Ab", status="error")
    ask = signed_in(bob).get

    def found(**query: str) -> list[str]:
        return names(ask(f"/api/folders/{folder.id}/items", query))

    assert found(q="100") == ["100 sheep", "100% wool"]
    assert found(q="woo") == ["100% wool"]
    assert found(q="a_B") == ["A_b"]
    assert found(q="\\") == []
    assert found(type="file") == ["100% wool"]
    assert found(status="processing") == ["A_b"]
    assert found(status="error") == ["Ab"]
    assert found(sort="name") == ["100 sheep", "100% wool", "A_b", "Ab"]
    assert found(sort="name", starred="true") == []
    assert found(**{"from": "2020-01-01", "to": "2021-01-01"}) == []
    assert found(status="complete", q="SHEEP", type="image") == ["100 sheep"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"type": "poem"}, "type"),
        ({"status": "running"}, "status"),
        ({"sort": "length"}, "sort"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "é"}, "cursor"),
        ({"cursor": "WyJuYW1lIl0"}, "cursor"),
        ({"q": "x" * 201}, "q"),
        ({"q": "a\0b"}, "q"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2300-01-01"}, "from"),
        ({"from": "1969-12-31"}, "from"),
        ({"to": "9999-12-31"}, "to"),
    ],
)
def test_wrong_questions_are_named(folder: Folder, signed_in: Any, bob: Any, query: Any, field: str) -> None:
    response = signed_in(bob).get(f"/api/folders/{folder.id}/items", query)
    assert (response.status_code, response.json()["code"]) == (422, "invalid")
    assert response.json()["errors"][0]["field"] == field


def test_cursor_of_another_order_is_refused(folder: Folder, signed_in: Any, bob: Any) -> None:
    for number in range(3):
        make_item(folder, str(number))
    reader = signed_in(bob)
    cursor = reader.get(f"/api/folders/{folder.id}/items", {"limit": 1}).json()["next"]
    response = reader.get(f"/api/folders/{folder.id}/items", {"cursor": cursor, "sort": "name"})
    assert response.status_code == 422


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/api/folders", ["folders", "2020-01-01T00:00:00+00:00", "\ud800"]),
        ("/api/folders", ["folders", "2020-01-01T00:00:00", "a"]),
        ("/api/folders", ["folders", "0001-01-01T00:00:00+12:00", "a"]),
        ("/api/folders", ["folders", "9999-12-31T23:59:59-12:00", "a"]),
        ("/api/folders/{}/items", ["newest", "\ud800"]),
        ("/api/folders/{}/items", ["newest", "\0"]),
        ("/api/folders/{}/items", ["newest", 1]),
        ("/api/folders/{}/items", ["name", "\ud800", "a"]),
    ],
)
def test_cursor_made_up_by_hand_is_refused(
    folder: Folder, signed_in: Any, bob: Any, path: str, place: list[object]
) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
    sort = {"sort": "name"} if place[0] == "name" else {}
    response = signed_in(bob).get(path.format(folder.id), {"cursor": cursor} | sort)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "cursor")


def test_page_says_a_revision_that_it_is_not_older_than(folder: Folder, signed_in: Any, bob: Any) -> None:
    item = make_item(folder)
    answer = signed_in(bob).get(f"/api/folders/{folder.id}/items").json()
    assert answer["revision"] == Folder.objects.get(id=folder.id).revision
    assert answer["items"][0]["revision"] == item.revision <= answer["revision"]


def test_page_of_items_asks_the_database_the_same_however_many_there_are(
    folder: Folder, signed_in: Any, bob: Any, django_assert_max_num_queries: Any
) -> None:
    batch = make_batch(folder, 30)
    for number in range(30):
        make_item(folder, str(number), batch=batch)
    reader = signed_in(bob)
    with django_assert_max_num_queries(6):
        assert len(names(reader.get(f"/api/folders/{folder.id}/items"))) == 30


def test_metadata_is_for_members_alone(folder: Folder, signed_in: Any, bob: Any, charlie: Any) -> None:
    make_item(folder, metadata={"prompt": "a secret"})
    Folder.objects.filter(id=folder.id).update(visibility="public")
    path = f"/api/folders/{folder.id}/items"
    assert signed_in(bob).get(path).json()["items"][0]["metadata"] == {"prompt": "a secret"}
    assert "metadata" not in signed_in(charlie).get(path).json()["items"][0]
    assert b"a secret" not in signed_in(charlie).get(path).content


def test_nobody_else_sees_the_items(client: Client, folder: Folder, signed_in: Any, charlie: Any) -> None:
    make_item(folder)
    path = f"/api/folders/{folder.id}/items"
    assert client.get(path).status_code == 401
    assert signed_in(charlie).get(path).status_code == 404
    _, secret = make_token(charlie)
    assert client.get(path, headers={"Authorization": f"Bearer {secret}"}).status_code == 404
    assert Item.objects.count() == 1
