from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from gallery.access import Sender
from gallery.models import Command, Item
from gallery.services.locks import acquire_lock
from tests.factories import person, say
from tests.views.helpers import notice, post, post_by_script

pytestmark = pytest.mark.django_db


class TestItemPage:
    def test_it_shows_the_item_and_its_facts(self, people: dict[str, Client], item: Item) -> None:
        response = people["owner"].get(f"/items/{item.id}/")
        item.refresh_from_db()
        assert response.context["revision"] == item.folder.revision
        assert f'data-revision="{item.revision}"' in response.content.decode()
        assert "a secret recipe" in response.content.decode()

    def test_prompts_are_for_members_and_absent_elsewhere(self, people: dict[str, Client], item: Item) -> None:
        item.folder.visibility = "public"
        item.folder.save()
        told = {role: b"a secret recipe" in client.get(f"/items/{item.id}/").content for role, client in people.items()}
        assert told == {"owner": True, "editor": True, "viewer": True, "outsider": False, "anonymous": False}
        for client in people.values():
            assert b"a secret recipe" not in client.get(f"/folders/{item.folder_id}/").content

    def test_it_is_for_this_person_alone(self, people: dict[str, Client], item: Item) -> None:
        response = people["viewer"].get(f"/items/{item.id}/")
        assert response["Cache-Control"] == "private, no-cache"


class TestRename:
    def test_the_new_name_stays_what_a_person_made_it(self, people: dict[str, Client], item: Item) -> None:
        response = post(people["editor"], f"/items/{item.id}/rename/", {"name": " Evening\n glow "})
        assert response.url == f"/folders/{item.folder_id}/#item-{item.id}"
        item.refresh_from_db()
        assert (item.name, item.edited_fields) == ("Evening glow", ["name"])
        say("item:update", {"itemId": item.id, "status": "complete", "item": {"name": "Worker's name"}})
        item.refresh_from_db()
        assert item.name == "Evening glow"

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [("", "A name is needed."), ("\u200b", "A name is needed."), ("x" * 201, "A name has at most 200 characters.")],
    )
    def test_a_wrong_name_gets_a_sentence(
        self, people: dict[str, Client], item: Item, name: str, sentence: str
    ) -> None:
        path = f"/items/{item.id}/"
        response = post_by_script(people["owner"], f"{path}rename/", {"name": name})
        assert (response.status_code, notice(response)) == (422, sentence)
        response = post(people["owner"], f"{path}rename/", {"name": name}, before=path)
        assert response.url == f"http://testserver{path}"
        assert notice(people["owner"].get(path)) == sentence

    def test_whoever_comes_second_is_told_who_was_first(
        self, people: dict[str, Client], item: Item, alice: Any
    ) -> None:
        acquire_lock(person(alice), item.id)
        path = f"/items/{item.id}/"
        response = post_by_script(people["editor"], f"{path}rename/", {"name": "Mine"})
        assert response.status_code == 423
        assert notice(response).startswith("Alice Adams is editing this item")
        post(people["editor"], f"{path}rename/", {"name": "Mine"}, before=path)
        page = people["editor"].get(path)
        assert notice(page).startswith("Alice Adams is editing this item")
        assert page.context["notice"]["typed"] == {"name": "Mine"}
        assert post_by_script(people["owner"], f"{path}rename/", {"name": "Hers"}).status_code == 204


class TestRemove:
    def test_it_is_gone(self, people: dict[str, Client], item: Item) -> None:
        folder = f"/folders/{item.folder_id}/"
        response = post(people["editor"], f"/items/{item.id}/remove/", before=f"{folder}?q=sun")
        assert response.url == f"http://testserver{folder}?q=sun"
        assert people["editor"].get(f"/items/{item.id}/").status_code == 404
        response = post_by_script(people["editor"], f"/items/{item.id}/remove/")
        assert (response.status_code, "There is no item" in notice(response)) == (404, True)

    def test_from_its_own_page_one_goes_to_the_folder(self, people: dict[str, Client], item: Item) -> None:
        page, folder = f"/items/{item.id}/", f"/folders/{item.folder_id}/"
        assert post(people["owner"], f"{page}remove/", before=page).url == folder

    def test_from_its_own_page_by_script_too(self, people: dict[str, Client], item: Item) -> None:
        page, folder = f"/items/{item.id}/", f"/folders/{item.folder_id}/"
        current = {"HX-Current-URL": f"http://testserver{page}#name"}
        response = post_by_script(people["owner"], f"{page}remove/", **current)
        assert (response.status_code, response["HX-Redirect"]) == (200, folder)

    def test_not_while_somebody_edits_it(self, people: dict[str, Client], item: Item, alice: Any) -> None:
        acquire_lock(person(alice), item.id)
        response = post_by_script(people["editor"], f"/items/{item.id}/remove/")
        assert (response.status_code, "Alice Adams is editing" in notice(response)) == (423, True)


class TestRetry:
    def test_the_worker_is_asked_again(self, people: dict[str, Client], failed: Item, sender: Sender) -> None:
        assert post_by_script(people["editor"], f"/items/{failed.id}/retry/").status_code == 204
        command = Command.objects.get()
        assert (command.type, command.payload, command.token) == ("item:retry", {"itemId": failed.id}, sender.token)
        assert "Asked again" in people["editor"].get(f"/items/{failed.id}/").content.decode()

    def test_only_what_failed_can_be_tried_again(self, people: dict[str, Client], item: Item) -> None:
        response = post_by_script(people["editor"], f"/items/{item.id}/retry/")
        assert (response.status_code, "Only a failed item" in notice(response)) == (409, True)
