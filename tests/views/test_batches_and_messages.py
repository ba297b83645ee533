from __future__ import annotations

import pytest
from django.test import Client

from gallery.models import Batch, Command, Folder
from gallery.views.messages import REMEMBERED
from tests.factories import make_batch, say
from tests.views.helpers import notice, post, post_by_script

pytestmark = pytest.mark.django_db


class TestCancel:
    def test_the_worker_is_asked_to_stop(self, people: dict[str, Client], batch: Batch) -> None:
        response = post(people["editor"], f"/batches/{batch.id}/cancel/")
        assert response.url == f"/folders/{batch.folder_id}/#batch-{batch.id}"
        assert Command.objects.get().payload == {"batchId": batch.id}
        assert "Cancelling…" in people["editor"].get(f"/folders/{batch.folder_id}/").content.decode()

    def test_without_a_worker_it_ends_at_once(self, people: dict[str, Client], folder: Folder) -> None:
        batch = make_batch(folder)
        assert post_by_script(people["owner"], f"/batches/{batch.id}/cancel/").status_code == 204
        batch.refresh_from_db()
        assert (batch.status, batch.message) == ("cancelled", "Cancelled by Alice Adams.")
        response = post_by_script(people["owner"], f"/batches/{batch.id}/cancel/")
        assert (response.status_code, notice(response)) == (409, "This batch has already ended.")

    def test_an_unknown_batch_gets_a_sentence(self, people: dict[str, Client]) -> None:
        response = post_by_script(people["owner"], "/batches/nothing/cancel/")
        assert (response.status_code, "There is no batch" in notice(response)) == (404, True)


class TestMessages:
    def test_each_page_shows_those_that_are_meant_for_it(self, people: dict[str, Client], folder: Folder) -> None:
        say("system:message", {"id": "all", "text": "To everyone", "level": "info"})
        say("system:message", {"id": "one", "text": "To one folder", "level": "info", "folderId": folder.id})
        for path, shown in {"/": ["all"], f"/folders/{folder.id}/": ["all", "one"]}.items():
            text = people["viewer"].get(path).content.decode()
            assert [name for name in ("all", "one") if f'id="message-{name}"' in text] == shown

    @pytest.mark.parametrize("role", ["viewer", "anonymous"])
    def test_a_dismissed_one_is_gone_for_this_person(self, people: dict[str, Client], role: str) -> None:
        say("system:message", {"id": "m", "text": "Read me", "level": "info"})
        client = people[role]
        assert "Read me" in client.get("/").content.decode()
        assert post_by_script(client, "/messages/m/dismiss/").status_code == 204
        response = client.get("/")
        assert "Read me" not in response.content.decode()
        assert response.context["dismissed"] == ["m"]
        assert "Read me" in people["owner"].get("/").content.decode()

    def test_one_that_must_be_read_stays(self, people: dict[str, Client], folder: Folder) -> None:
        say("system:message", {"id": "m", "text": "Read me", "level": "error", "dismissible": False})
        assert post(people["viewer"], "/messages/m/dismiss/", before="/").status_code == 303
        assert "Read me" in people["viewer"].get("/").content.decode()
        assert "Read me" in people["viewer"].get(f"/folders/{folder.id}/").content.decode()

    def test_only_so_many_are_remembered(self, people: dict[str, Client]) -> None:
        for number in range(REMEMBERED + 5):
            post_by_script(people["viewer"], f"/messages/m{number}/dismiss/")
        post_by_script(people["viewer"], "/messages/m9/dismiss/")
        dismissed = people["viewer"].get("/").context["dismissed"]
        assert (len(dismissed), dismissed[0], dismissed[-1]) == (REMEMBERED, "m5", "m9")
