from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from gallery.contract import limits
from gallery.models import Batch, Folder, Item
from gallery.services.tokens import revoke_token
from tests.factories import make_item, make_token

pytestmark = pytest.mark.django_db


def post(client: Client, body: Any, headers: dict[str, str] | None = None, **options: Any) -> Any:
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    return client.post("/api/notify", data, content_type="application/json", headers=headers or {}, **options)


def start(batch_id: str = "b1", **payload: Any) -> dict[str, Any]:
    return {"type": "batch:start", "payload": {"batchId": batch_id, "total": 2, "label": "Two", **payload}}


def test_one_event_gets_its_receipt(client: Client, folder: Folder, bearer: dict[str, str]) -> None:
    response = post(client, start() | {"id": "e1"}, bearer)
    assert response.status_code == 200
    revision = Folder.objects.get(id=folder.id).revision
    assert response.json() == {"type": "ack", "id": "e1", "revision": revision, "folderId": folder.id, "batchId": "b1"}
    assert Batch.objects.get(id="b1").who == "Alice Adams"


def test_array_is_answered_in_order_and_each_event_stands_alone(client: Client, bearer: dict[str, str]) -> None:
    response = post(client, [start("b1"), start("b2", total=0), {"type": "nonsense"}, start("b3")], bearer)
    assert response.status_code == 200
    assert [answer["type"] for answer in response.json()] == ["ack", "error", "error", "ack"]
    assert response.json()[1]["errors"] == [{"field": "payload.total", "message": "must be at least 1"}]
    assert set(Batch.objects.values_list("id", flat=True)) == {"b1", "b3"}


def test_empty_array_gets_an_empty_array(client: Client, bearer: dict[str, str]) -> None:
    assert post(client, [], bearer).json() == []


def test_same_id_changes_nothing_and_gets_the_first_receipt(client: Client, bearer: dict[str, str]) -> None:
    event = start() | {"id": "e1"}
    first = post(client, event, bearer).json()
    assert post(client, event, bearer).json() == first
    assert post(client, start(label="Other") | {"id": "e1"}, bearer).status_code == 409


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer unknown", "Basic dXNlcjpwYXNz", "Token {secret}"])
def test_no_valid_token_is_unauthenticated(client: Client, token_and_secret: Any, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.format(secret=token_and_secret[1])}
    response = post(client, start(), headers)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response.json()["code"] == "unauthenticated"
    assert not Batch.objects.exists()


def test_scheme_is_read_in_any_case(client: Client, token_and_secret: Any) -> None:
    assert post(client, start(), {"Authorization": f"bearer {token_and_secret[1]}"}).status_code == 200


def test_session_does_not_open_this_door(signed_in: Any, alice: Any, folder: Folder) -> None:
    assert post(signed_in(alice), start(targetFolderId=folder.id)).status_code == 401


def test_revoked_and_expired_tokens_are_unauthenticated(client: Client, alice: Any, folder: Folder) -> None:
    for spoil in ("revoke", "expire", "deactivate"):
        token, secret = make_token(alice, folder=folder)
        headers = {"Authorization": f"Bearer {secret}"}
        assert post(client, start(spoil), headers).status_code == 200
        if spoil == "revoke":
            revoke_token(token)
        elif spoil == "expire":
            token.expires_at = timezone.now() - timedelta(seconds=1)
            token.save()
        else:
            alice.is_active = False
            alice.save()
        assert post(client, start(spoil), headers).status_code == 401


def test_token_may_do_what_its_owner_may(client: Client, folder: Folder, bob: Any, charlie: Any, erin: Any) -> None:
    statuses = {}
    for user in (erin, bob, charlie):
        _, secret = make_token(user)
        response = post(client, start(user.username, targetFolderId=folder.id), {"Authorization": f"Bearer {secret}"})
        statuses[user.username] = (response.status_code, response.json().get("code"))
    assert statuses == {"erin": (200, None), "bob": (403, "forbidden"), "charlie": (404, "not_found")}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 400, "malformed"),
        ("{", 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        ("5", 422, "invalid"),
        ("null", 422, "invalid"),
        ('{"type": "batch:start"}', 422, "invalid"),
        ('{"type": "batch:end", "payload": {"batchId": "gone", "status": "complete"}}', 404, "not_found"),
    ],
)
def test_bad_bodies_get_their_status(
    client: Client, bearer: dict[str, str], body: str | bytes, status: int, code: str
) -> None:
    response = post(client, body, bearer)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["message"].endswith(".")


def test_taken_and_locked_have_their_statuses(
    client: Client, folder: Folder, bearer: dict[str, str], erin: Any
) -> None:
    item = make_item(folder)
    post(client, start("b9"), bearer)
    assert post(client, start("b9", total=3), bearer).status_code == 409
    _, secret = make_token(erin)
    lock = {"type": "item:lock", "payload": {"itemId": item.id}}
    assert post(client, lock, {"Authorization": f"Bearer {secret}"}).json()["fence"] == 1
    remove = {"type": "item:remove", "payload": {"itemId": item.id}}
    response = post(client, remove, bearer)
    assert (response.status_code, response.json()["code"]) == (423, "locked")
    assert "erin" in response.json()["message"]


def test_limits_of_size_and_number(client: Client, bearer: dict[str, str]) -> None:
    room = limits.BODY_BYTES - len(json.dumps(start()))
    assert post(client, json.dumps(start()) + " " * room, bearer).status_code == 200
    assert post(client, json.dumps(start()) + " " * (room + 1), bearer).status_code == 413
    assert post(client, [start()] * (limits.EVENTS_PER_ARRAY + 1), bearer).status_code == 413


def test_announced_size_is_refused_before_the_body_is_read(client: Client, bearer: dict[str, str]) -> None:
    assert post(client, start(), bearer, CONTENT_LENGTH=str(limits.BODY_BYTES + 1)).status_code == 413


def test_too_many_events_are_told_when_to_come_back(client: Client, bearer: dict[str, str], settings: Any) -> None:
    settings.GALLERY_TOKEN_EVENTS = 3
    assert post(client, [start("b1"), start("b2")], bearer).status_code == 200
    response = post(client, [start("b3"), start("b4")], bearer)
    assert (response.status_code, response.json()["code"]) == (429, "rate_limited")
    assert 1 <= int(response["Retry-After"]) <= 20
    assert post(client, start("b3"), bearer).status_code == 200  # what was refused did not count
    assert post(client, start("b4"), bearer).status_code == 429


def test_database_that_is_gone_is_unavailable(client: Client, bearer: dict[str, str], monkeypatch: Any) -> None:
    def gone(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("gallery.services.revisions.take_revision", gone)
    post_start = post(client, start(targetFolderId=Folder.objects.get().id), bearer)
    assert post_start.status_code == 503
    assert post_start.json()["code"] == "unavailable"
    assert int(post_start["Retry-After"]) >= 1


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_post_is_answered(client: Client, bearer: dict[str, str], method: str) -> None:
    response = getattr(client, method)("/api/notify", headers=bearer)
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert response.json()["type"] == "error"


def test_version_2_names_are_accepted(client: Client, folder: Folder, bearer: dict[str, str]) -> None:
    events = [
        {"type": "taskStart", "payload": {"generationId": "g1", "totalItems": 1, "targetFolderId": folder.id}},
        {
            "type": "taskProgress",
            "payload": {"generationId": "g1", "itemData": {"id": "i1", "name": "A", "type": "image"}},
        },
        {"type": "taskEnd", "payload": {"generationId": "g1"}},
    ]
    assert [answer["type"] for answer in post(client, events, bearer).json()] == ["ack"] * 3
    assert Item.objects.get(id="i1").batch.status == "complete"
