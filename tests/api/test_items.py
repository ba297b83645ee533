from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from gallery.models import Command, Folder, Item
from gallery.services.locks import acquire_lock
from tests.api.helpers import send
from tests.factories import make_batch, make_item, make_pending_item, make_token, person, say, worker

pytestmark = pytest.mark.django_db


def test_item_has_the_fields_of_the_contract(folder: Folder, signed_in: Any, alice: Any, bob: Any) -> None:
    item = make_pending_item(folder, progress=25.5, message="half", metadata={"seed": 7}, thumbUrl="/t.png", width=4)
    acquire_lock(person(alice), item.id)
    answer = signed_in(bob).get(f"/api/items/{item.id}").json()
    assert answer.pop("createdAt").endswith("Z")
    lock = answer.pop("lock")
    assert (lock["by"], lock["expiresAt"][:2]) == ("Alice Adams", "20")
    assert answer == {
        "id": item.id,
        "folderId": folder.id,
        "batchId": item.batch_id,
        "revision": Item.objects.get(id=item.id).revision,
        "name": "Sunset",
        "type": "image",
        "thumbUrl": "/t.png",
        "mediaUrl": "",
        "previewUrl": "",
        "renditionUrl": "",
        "isPending": True,
        "status": "processing",
        "progress": 25.5,
        "message": "half",
        "estimatedTimeSeconds": None,
        "width": 4,
        "height": None,
        "duration": None,
        "size": None,
        "contentType": "",
        "metadata": {"seed": 7},
        "isStarred": False,
        "tags": [],
    }


def test_who_may_read_change_and_remove(
    client: Client, folder: Folder, signed_in: Any, alice: Any, bob: Any, charlie: Any, erin: Any
) -> None:
    item = make_item(folder)
    path = f"/api/items/{item.id}"
    expected = {alice: (200, 200), erin: (200, 200), bob: (200, 403), charlie: (404, 404)}
    for user, statuses in expected.items():
        own = signed_in(user)
        assert (own.get(path).status_code, send(own, "patch", path, {"name": user.username}).status_code) == statuses
    assert (client.get(path).status_code, send(client, "patch", path, {"name": "x"}).status_code) == (401, 401)
    assert [signed_in(user).delete(path).status_code for user in (charlie, bob, erin)] == [404, 403, 204]
    assert signed_in(alice).get(path).status_code == 404 and Item.objects.get(id=item.id).trashed_by == erin


def test_what_a_person_edits_stays(client: Client, folder: Folder, signed_in: Any, erin: Any, bearer: Any) -> None:
    item = make_item(folder)
    answer = send(signed_in(erin), "patch", f"/api/items/{item.id}", {"name": "By hand"}).json()
    assert answer["name"] == "By hand"
    say("item:update", {"itemId": item.id, "status": "complete", "item": {"name": "By machine"}})
    answer = send(client, "patch", f"/api/items/{item.id}", {"name": "By token", "metadata": {"a": 1}}, headers=bearer)
    assert (answer.json()["name"], answer.json()["metadata"]) == ("By hand", {"a": 1})


def test_locked_item_is_refused_with_the_holders_name(folder: Folder, signed_in: Any, alice: Any, erin: Any) -> None:
    item = make_item(folder)
    acquire_lock(person(alice), item.id)
    for response in (
        send(signed_in(erin), "patch", f"/api/items/{item.id}", {"name": "Mine"}),
        signed_in(erin).delete(f"/api/items/{item.id}"),
    ):
        assert (response.status_code, response.json()["code"]) == (423, "locked")
        assert "Alice Adams" in response.json()["message"]
    assert send(signed_in(alice), "patch", f"/api/items/{item.id}", {"name": "Mine"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ("{", 400, None),
        ("", 422, "body"),
        ("[]", 422, "body"),
        ({"name": ""}, 422, "name"),
        ({"name": None}, 422, "name"),
        ({"status": "complete"}, 422, "status"),
        ({"metadata": []}, 422, "metadata"),
        ({"metadata": {"a": "x" * 70_000}}, 422, "metadata"),
        ({"name": "x", "type": "image"}, 422, "type"),
    ],
)
def test_wrong_changes_are_named(
    folder: Folder, signed_in: Any, alice: Any, body: Any, status: int, field: Any
) -> None:
    item = make_item(folder)
    response = send(signed_in(alice), "patch", f"/api/items/{item.id}", body)
    assert response.status_code == status
    assert response.json()["type"] == "error"
    assert field is None or response.json()["errors"][0]["field"] == field
    assert Item.objects.get(id=item.id).name == "Sunset"


def test_changes_of_a_session_need_the_csrf_token(folder: Folder, alice: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    item = make_item(folder)
    path = f"/api/items/{item.id}"
    assert client.get(path).status_code == 200
    response = send(client, "patch", path, {"name": "Forged"})
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
    client.get("/admin/login/")
    client.cookies["csrftoken"] = "a" * 32
    response = send(client, "patch", path, {"name": "Mine"}, headers={"X-CSRFToken": "a" * 32})
    assert response.status_code == 200


def test_token_needs_no_csrf_and_a_bad_one_is_not_saved_by_a_session(folder: Folder, alice: Any, bearer: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    item = make_item(folder)
    assert send(client, "patch", f"/api/items/{item.id}", {"name": "Mine"}, headers=bearer).status_code == 200
    client.force_login(alice)
    assert client.get(f"/api/items/{item.id}", headers={"Authorization": "Bearer bad"}).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/api/", 404),
        ("get", "/api/nothing", 404),
        ("get", "/api/items", 404),
        ("post", "/api/items/x/y/z", 404),
        ("get", "/api/items/%00", 404),
        ("delete", "/api/commands/%00", 404),
        ("get", "/api/items/a'b", 404),
        ("post", "/api/items/x", 405),
        ("delete", "/api/folders", 405),
        ("get", "/api/batches/x/previews/0", 405),
        ("put", "/api/batches/x/previews/-1", 422),
        ("put", "/api/batches/x/previews/first", 422),
    ],
)
def test_wrong_addresses_are_errors_of_the_same_shape(
    client: Client, bearer: dict[str, str], method: str, path: str, status: int
) -> None:
    response = getattr(client, method)(path, headers=bearer)
    assert response.status_code == status
    assert response.json()["type"] == "error"
    assert set(response.json()) <= {"type", "code", "message", "errors"}
    assert status != 405 or response["Allow"]


def test_too_many_requests(client: Client, bearer: dict[str, str], settings: Any) -> None:
    settings.GALLERY_TOKEN_REQUESTS = 2
    statuses = [client.get("/api/folders", headers=bearer).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert int(client.get("/api/folders", headers=bearer)["Retry-After"]) >= 1


def test_batch(folder: Folder, signed_in: Any, bob: Any, charlie: Any, token: Any) -> None:
    batch = make_batch(folder, 3, sender=worker(token))
    make_item(folder, batch=batch, sender=worker(token))
    say("batch:end", {"batchId": batch.id, "status": "partial", "message": "two were too dark"})
    answer = signed_in(bob).get(f"/api/batches/{batch.id}").json()
    shown = {name: answer[name] for name in ("label", "total", "status", "message", "itemCount", "doneCount", "who")}
    assert shown == {
        "label": "Four sunsets",
        "total": 3,
        "status": "partial",
        "message": "two were too dark",
        "itemCount": 1,
        "doneCount": 1,
        "who": "Alice Adams",
    }
    assert signed_in(charlie).get(f"/api/batches/{batch.id}").status_code == 404


def test_commands_are_those_of_the_token(client: Client, bearer: Any, token: Any, alice: Any, signed_in: Any) -> None:
    mine = Command.objects.create(token=token, type="system:drain", payload={"message": "soon"})
    other, _ = make_token(alice)
    foreign = Command.objects.create(token=other, type="system:drain", payload={"message": "x"})
    commands = client.get("/api/commands", headers=bearer).json()
    assert commands == [{"type": "system:drain", "id": mine.id, "payload": {"message": "soon"}}]
    assert client.delete(f"/api/commands/{foreign.id}", headers=bearer).status_code == 404
    assert client.delete(f"/api/commands/{mine.id}", headers=bearer).status_code == 204
    assert client.get("/api/commands", headers=bearer).json() == []
    assert signed_in(alice).get("/api/commands").status_code == 403


def test_document_describes_every_address_and_the_notify_door(client: Client) -> None:
    document = client.get("/api/openapi.json").json()
    assert {"/api/notify", "/api/folders", "/api/items/{item_id}/media"} <= set(document["paths"])
    schemas = document["components"]["schemas"]
    assert "BatchStartEvent" in schemas
    text = json.dumps(document)
    assert "#/$defs" not in text
    references = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert references <= set(schemas)


def test_docs_page_loads_nothing_from_elsewhere(client: Client) -> None:
    page = client.get("/api/docs").content.decode()
    assert "/api/openapi.json" in page
    assert "ninja/swagger-ui-bundle.js" in page
    assert "//" not in page.replace("//#", "").replace("http://testserver", "")
