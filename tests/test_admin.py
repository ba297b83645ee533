from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from gallery.doorbell import doorbell
from gallery.models import Batch, Command, Folder, ItemLock, Membership, SystemMessage, WorkerToken
from gallery.models.token import hash_token
from gallery.services.locks import acquire_lock
from gallery.services.messages import messages_revision
from tests.factories import make_batch, make_folder, make_item, make_token, make_user, person, worker

# The doorbell rings at the commit, so these tests commit.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin_client(signed_in: Any) -> Client:
    return signed_in(make_user("ada", is_staff=True, is_superuser=True))


@pytest.fixture
def rings(monkeypatch: Any) -> Iterator[list[tuple[str, str]]]:
    """What the doorbell rang."""
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr(doorbell, "ring", lambda kind, subject="", revision=0: heard.append((kind, subject)))
    return heard


def url(model: str, page: str, *args: Any) -> str:
    return reverse(f"admin:gallery_{model}_{page}", args=args)


def act(client: Client, model: str, action: str, *rows: Any) -> Any:
    body = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(url(model, "changelist"), body, follow=True)


def no_members() -> dict[str, str]:
    return {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}


def test_only_staff_gets_in(client: Client, signed_in: Any, alice: Any) -> None:
    for visitor in (client, signed_in(alice)):
        assert visitor.get("/admin/gallery/folder/").status_code == 302


def test_every_list_asks_the_same_however_long_it_is(
    admin_client: Client, alice: Any, bob: Any, django_assert_num_queries: Any
) -> None:
    def fill(count: int) -> None:
        for number in range(count):
            folder = make_folder(alice, str(number), viewer=bob)
            token, _ = make_token(alice, folder=folder)
            item = make_item(folder, sender=worker(token))
            acquire_lock(person(alice), item.id)
            SystemMessage.objects.create(text=str(number), folder=folder, created_by=alice)

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    models = ("folder", "workertoken", "batch", "itemlock", "systemmessage")
    fill(1)
    before = {}
    for model in models:
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get(url(model, "changelist")).status_code == 200
        before[model] = len(queries)
    fill(5)
    for model in models:
        with django_assert_num_queries(before[model]):
            assert admin_client.get(url(model, "changelist")).status_code == 200


def test_folder_is_made_renamed_and_shared(admin_client: Client, alice: Any, bob: Any, rings: list[Any]) -> None:
    body = {"name": "New", "owner": alice.pk, "visibility": "members"} | no_members()
    assert admin_client.post(url("folder", "add"), body).status_code == 302
    folder = Folder.objects.get()
    member = {"memberships-TOTAL_FORMS": "1", "memberships-0-user": bob.pk, "memberships-0-role": "editor"}
    body |= {"name": "Renamed"} | member | {"memberships-0-folder": folder.id}
    rings.clear()
    assert admin_client.post(url("folder", "change", folder.id), body).status_code == 302
    folder.refresh_from_db()
    assert (folder.name, folder.revision, Membership.objects.get().user) == ("Renamed", 1, bob)
    assert {("folder", folder.id), ("access", "")} <= set(rings)


def test_folder_with_all_that_is_in_it_is_deleted(admin_client: Client, folder: Folder, rings: list[Any]) -> None:
    make_item(folder)
    page = admin_client.get(url("folder", "delete", folder.id))
    assert b"with its one item" in page.content
    rings.clear()
    assert admin_client.post(url("folder", "delete", folder.id), {"post": "yes"}).status_code == 302
    assert not Folder.objects.exists()
    assert {("folder", folder.id), ("access", "")} <= set(rings)


def test_several_folders_are_deleted(admin_client: Client, alice: Any) -> None:
    folders = [make_folder(alice, str(number)) for number in range(3)]
    make_item(folders[0])
    body = {"action": "delete_selected", "_selected_action": [one.id for one in folders[:2]], "post": "yes"}
    admin_client.post(url("folder", "changelist"), body)
    assert list(Folder.objects.all()) == folders[2:]


def test_secret_of_a_token_is_shown_once(admin_client: Client, alice: Any, folder: Folder) -> None:
    body = {"name": "Render box", "owner": alice.pk, "folder": folder.id}
    response = admin_client.post(url("workertoken", "add"), body)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    secret = re.search(rb'<code id="secret">([\w-]+)</code>', response.content).group(1).decode()
    token = WorkerToken.objects.get()
    assert token.digest == hash_token(secret)
    for page in (url("workertoken", "change", token.pk), url("workertoken", "changelist")):
        content = admin_client.get(page).content
        assert secret.encode() not in content
        assert token.digest.encode() not in content


def test_changed_token_keeps_its_secret(admin_client: Client, token: Any, alice: Any, rings: list[Any]) -> None:
    body = {"name": "Other", "owner": alice.pk, "folder": ""}
    assert admin_client.post(url("workertoken", "change", token.pk), body).status_code == 302
    changed = WorkerToken.objects.get(pk=token.pk)
    assert (changed.name, changed.digest, changed.folder) == ("Other", token.digest, None)
    assert ("access", "") in rings


def test_tokens_are_revoked_drained_and_deleted(admin_client: Client, token: Any, rings: list[Any]) -> None:
    assert b"1 worker was asked" in act(admin_client, "workertoken", "drain", token).content
    assert Command.objects.get().type == "system:drain"
    assert ("commands", str(token.pk)) in rings
    rings.clear()
    assert b"1 token was revoked" in act(admin_client, "workertoken", "revoke", token).content
    token.refresh_from_db()
    assert token.revoked_at
    assert ("access", "") in rings
    rings.clear()
    admin_client.post(url("workertoken", "delete", token.pk), {"post": "yes"})
    assert not WorkerToken.objects.exists()
    assert ("access", "") in rings


def test_batches_are_cancelled(admin_client: Client, folder: Folder, token: Any, rings: list[Any]) -> None:
    from_worker, from_site = make_batch(folder, sender=worker(token)), make_batch(folder)
    rings.clear()
    content = act(admin_client, "batch", "cancel", from_worker, from_site).content
    assert b"2 batches are asked" in content
    assert Command.objects.get().payload == {"batchId": from_worker.id}
    from_site.refresh_from_db()
    assert (from_site.status, from_site.message) == ("cancelled", "Cancelled by the site.")
    assert ("folder", folder.id) in rings
    content = act(admin_client, "batch", "cancel", Batch.objects.get(id=from_site.id)).content
    assert b"already ended" in content


def test_locks_are_broken(admin_client: Client, folder: Folder, erin: Any, alice: Any) -> None:
    item = make_item(folder)
    acquire_lock(person(erin), item.id)
    assert b"erin" in admin_client.get(url("itemlock", "changelist")).content
    assert b"1 lock was broken" in act(admin_client, "itemlock", "break_locks", ItemLock.objects.get()).content
    acquire_lock(person(alice), item.id)


def test_work_of_others_is_only_looked_at(admin_client: Client, folder: Folder) -> None:
    batch = make_batch(folder)
    assert admin_client.get(url("batch", "change", batch.id)).status_code == 200
    assert admin_client.get(url("batch", "add")).status_code == 403
    assert admin_client.post(url("batch", "delete", batch.id), {"post": "yes"}).status_code == 403


def test_messages_are_said_changed_and_taken_back(admin_client: Client, rings: list[Any]) -> None:
    body = {"text": "Down at <b>noon</b>", "level": "warning", "folder": "", "dismissible": "on"}
    assert admin_client.post(url("systemmessage", "add"), body).status_code == 302
    message = SystemMessage.objects.get()
    assert (message.text, message.created_by.username) == ("Down at <b>noon</b>", "ada")
    admin_client.post(url("systemmessage", "change", message.id), body | {"text": "Up again"})
    message.refresh_from_db()
    assert message.text == "Up again"
    admin_client.post(url("systemmessage", "delete", message.id), {"post": "yes"})
    assert not SystemMessage.objects.exists()
    assert messages_revision() == 3
    assert rings.count(("messages", "")) == 3
