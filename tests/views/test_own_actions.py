"""Strips that only whoever asked for them sees: copies out of somebody's folder, and folders that go."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from gallery.models import Folder, MassAction
from gallery.services import folder_removal, mass_requests, mass_work
from gallery.services.mass_work import carry_on
from gallery.views.selection import find_selected
from tests.factories import make_folder, make_items
from tests.views.helpers import post, post_by_script

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mass_requests, "MOST_IN_REQUEST", 3)
    monkeypatch.setattr(folder_removal, "MOST_IN_REQUEST", 3)
    monkeypatch.setattr(mass_work, "PACE_SECONDS", 0.0)


def test_copies_out_of_a_folder_are_shown_where_they_go(people: Any, folder: Folder, alice: Any, bob: Any) -> None:
    ids, target = make_items(folder, 5), make_folder(bob, "His", viewer=alice)
    here, there = f"/folders/{folder.id}/", f"/folders/{target.id}/"
    said = {"items": " ".join(ids), "target": target.id}
    assert post_by_script(people["viewer"], f"{here}actions/copy/", said).status_code == 204
    strip = f'id="mass-{MassAction.objects.get().id}"'
    assert strip in people["viewer"].get(here).content.decode()
    mine = people["viewer"].get(f"/actions/?folder={folder.id}").content.decode()
    assert strip in mine and "data-at-work" in mine and "Copy to another folder" in mine and "Cancel" in mine
    assert strip not in people["owner"].get(here).content.decode(), "it is nobody else's"
    seen = people["owner"].get(there).content.decode()
    assert strip in seen and "Copy into this folder" in seen and ">bob<" in seen
    carry_on(MassAction.objects.get().id, find_selected)
    mine = people["viewer"].get(f"/actions/?folder={folder.id}").content.decode()
    assert "Complete" in mine and "data-at-work" not in mine
    assert people["outsider"].get(f"/actions/?folder={folder.id}").status_code == 404


def test_a_folder_that_goes_is_followed_by_who_deleted_it(people: Any, folder: Folder) -> None:
    make_items(folder, 5)
    post(people["owner"], f"/folders/{folder.id}/delete/now/")
    assert people["editor"].get(f"/folders/{folder.id}/").status_code == 404
    home = people["owner"].get("/").content.decode()
    assert (
        "Delete the folder “Pictures”" in home
        and "0 of 5" in home
        and "Cancel" not in home.partition("own-actions")[2][:3000]
    )
    assert "Delete the folder" not in people["editor"].get("/").content.decode()
    folder.owner.refresh_from_db()
    elsewhere = Client()
    elsewhere.force_login(folder.owner)
    assert "Delete the folder" in elsewhere.get("/").content.decode(), "in a session that has not asked for it, too"
    [removal] = MassAction.objects.all()
    carry_on(removal.id, find_selected)
    assert "Complete" in people["owner"].get("/").content.decode() and not Folder.objects.exists()
