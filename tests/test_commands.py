from __future__ import annotations

import json
import sys
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from gallery.models import Batch, Folder, WorkerToken
from gallery.services.tokens import recognise_token

pytestmark = pytest.mark.django_db


def call(name: str, *args: str, **options: Any) -> str:
    out = StringIO()
    call_command(name, *args, stdout=out, **options)
    return out.getvalue()


def test_create_token_prints_the_token_alone(alice: Any, folder: Folder) -> None:
    printed = call("create_token", "render box", user="alice", folder=folder.id, expires=2)
    assert printed.count("\n") == 1
    token = recognise_token(printed.strip()).token
    assert (token.name, token.owner, token.folder) == ("render box", alice, folder)
    assert token.expires_at is not None
    assert recognise_token(call("create_token", "other", user="alice").strip()).token.expires_at is None


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"user": "nobody"}, "There is no user 'nobody'."),
        ({"user": "alice", "folder": "gone"}, "There is no folder 'gone'."),
        ({"user": "alice", "expires": 0}, "--expires must be"),
        ({"user": "alice", "expires": float("nan")}, "--expires must be"),
    ],
)
def test_create_token_says_what_is_wrong(alice: Any, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call("create_token", "box", **options)
    assert not WorkerToken.objects.exists()


def test_create_token_refuses_a_folder_that_its_owner_may_not_write(bob: Any, folder: Folder) -> None:
    with pytest.raises(CommandError, match="may not write"):
        call("create_token", "box", user="bob", folder=folder.id)


def test_notify_prints_the_receipt(folder: Folder) -> None:
    payload = json.dumps({"batchId": "b1", "total": 2, "label": "Two", "targetFolderId": folder.id})
    receipt = json.loads(call("notify", "batch:start", payload, id="e1"))
    assert receipt == {"type": "ack", "id": "e1", "revision": 1, "folderId": folder.id, "batchId": "b1"}
    assert json.loads(call("notify", "batch:start", payload, id="e1")) == receipt
    assert Batch.objects.count() == 1


@pytest.mark.parametrize(
    ("event", "payload", "sentence"),
    [
        ("batch:start", "{", "This is not JSON"),
        ("batch:start", "[]", "payload must be an object"),
        ("batch:begin", "{}", "type must be one of: batch:start"),
        ("item:remove", '{"itemId": "gone"}', "There is no item"),
    ],
)
def test_notify_says_what_is_wrong(db: None, event: str, payload: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call("notify", event, payload)


def test_the_bridge_says_how_to_install_what_it_is_a_part_of(
    alice: Any, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "darkroom.bridges.comfyui", None)
    with pytest.raises(CommandError, match="pip install"):
        call("bridge", "comfyui", folder=folder.id)
    assert not WorkerToken.objects.exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"folder": "gone"}, "There is no folder 'gone'."),
        ({"user": "nobody"}, "There is no user 'nobody'."),
        ({"user": "bob"}, "The user 'bob' may not write the folder"),
    ],
)
def test_the_bridge_works_for_somebody_who_may_write_the_folder(
    alice: Any, bob: Any, folder: Folder, options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        call("bridge", "comfyui", **({"folder": folder.id} | options))
    assert not WorkerToken.objects.exists()
