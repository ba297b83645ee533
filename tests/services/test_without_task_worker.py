"""A project whose tasks have no worker: long work is done within the request, and the system check says so."""

from __future__ import annotations

from typing import Any

import pytest

from gallery.models import Folder, Item, MassAction
from gallery.services import folder_removal, mass_requests
from gallery.services.folder_removal import delete_folder
from gallery.services.mass_requests import Selection, act_on_selection
from gallery.task_queue import check_backend
from gallery.views.selection import find_selected
from tests.checks import check_all
from tests.factories import make_folder, make_items, person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(mass_requests, "MOST_IN_REQUEST", 5)
    monkeypatch.setattr(folder_removal, "MOST_IN_REQUEST", 5)
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "QUEUES": []}}


def test_an_action_on_many_items_is_done_when_it_is_answered(folder: Folder, alice: Any) -> None:
    ids, target = make_items(folder, 170), make_folder(alice, "Best")
    said = {"folderId": target.id}
    action = act_on_selection(person(alice), folder, "move", said, Selection(ids), find_selected)
    action.refresh_from_db()
    assert (action.status, action.done_count) == ("complete", 170), "in more than one piece"
    assert Item.objects.living().filter(folder=target).count() == 170
    view = "q=item&all=999999"
    act_on_selection(person(alice), target, "delete", {}, Selection(view=view), find_selected)
    assert [one.status for one in MassAction.objects.all()] == ["complete", "complete"]
    assert not Item.objects.living().exists()
    check_all()


def test_a_large_folder_goes(folder: Folder, alice: Any) -> None:
    make_items(folder, 20)
    delete_folder(person(alice), folder.id)
    assert not Folder.objects.exists() and MassAction.objects.get().status == "complete"


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        ("django_tasks.backends.immediate.ImmediateBackend", "within the request"),
        ("django_tasks.backends.dummy.DummyBackend", "wait for ever"),
        ("django_tasks_db.DatabaseBackend", ""),
    ],
)
def test_the_system_check_says_what_becomes_of_long_work(settings: Any, backend: str, said: str) -> None:
    settings.TASKS = {"default": {"BACKEND": backend, "QUEUES": []}}
    assert [said in message.msg for message in check_backend()] == ([True] if said else [])
