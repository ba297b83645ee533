"""Acting on a selection through the pages: with and without script, and who may not."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from gallery.models import Folder, Item, MassAction
from gallery.services import mass_requests
from gallery.services.locks import acquire_lock
from tests.factories import make_folder, make_items, person

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mass_requests, "MOST_IN_REQUEST", 3)


def url(folder: Folder, kind: str = "delete") -> str:
    return f"/folders/{folder.id}/actions/{kind}/"


def test_a_plain_form_goes_back_to_its_page_and_a_script_gets_nothing(
    folder: Folder, erin: Any, signed_in: Any
) -> None:
    ids, client = make_items(folder, 4), signed_in(erin)
    plain = client.post(url(folder), {"item": ids[:2], "next": f"/folders/{folder.id}/?q=item"})
    assert (plain.status_code, plain["Location"]) == (303, f"/folders/{folder.id}/?q=item")
    assert client.post(url(folder), {"items": " ".join(ids[2:])}, headers=SCRIPT).status_code == 204
    assert not Item.objects.living().filter(folder=folder).exists()


def test_many_get_a_strip_that_the_answer_leads_to_and_that_can_be_cancelled(
    folder: Folder, erin: Any, bob: Any, signed_in: Any
) -> None:
    client = signed_in(erin)
    make_items(folder, 5)
    answer = client.post(url(folder), {"view": "q=item&all=999999"})
    action = MassAction.objects.get()
    assert answer["Location"] == f"/folders/{folder.id}/#mass-{action.id}"
    page = client.get(f"/folders/{folder.id}/").content.decode()
    assert f'id="mass-{action.id}"' in page and "Waiting for its turn" in page and "0 of 5" in page
    cancel = f"/actions/{action.id}/cancel/"
    assert cancel in page
    assert signed_in(bob).post(cancel, headers=SCRIPT).status_code == 403
    assert client.post(cancel, headers=SCRIPT).status_code == 204
    action.refresh_from_db()
    assert action.status == "cancelled"
    assert "Cancelled by erin." in client.get(f"/folders/{folder.id}/").content.decode()


def test_what_could_not_be_done_is_said(folder: Folder, alice: Any, erin: Any, signed_in: Any) -> None:
    ids, client = make_items(folder, 4), signed_in(erin)
    acquire_lock(person(alice), ids[0])
    answer = client.post(url(folder), {"item": ids[:2]}, headers=SCRIPT)
    assert answer.status_code == 200
    assert "1 of 2 could not be done. “Item 0”: Alice Adams is editing" in answer.content.decode()
    assert client.post(url(folder), {"item": ids[:1]}, headers=SCRIPT).status_code == 423
    acquire_lock(person(alice), ids[2])
    client.post(url(folder), {"item": ids[2:]})
    assert "1 of 2 could not be done. “Item 2”" in client.get(f"/folders/{folder.id}/").content.decode()


def test_who_may_not_is_told_so(folder: Folder, bob: Any, charlie: Any, signed_in: Any, client: Client) -> None:
    ids = make_items(folder, 4)
    for number in (2, 4):
        post = {"item": ids[:number]}
        assert signed_in(bob).post(url(folder), post, headers=SCRIPT).status_code == 403
        assert signed_in(charlie).post(url(folder), post, headers=SCRIPT).status_code == 404
        assert client.post(url(folder), post, headers=SCRIPT).status_code == 401
    assert Item.objects.living().filter(folder=folder).count() == 4


def test_all_may_be_without_more_than_a_thousand(folder: Folder, alice: Any, signed_in: Any) -> None:
    kept, *_ = make_items(folder, 3)
    view = f"all=999999&q=item&except={kept}" + "".join(f"&except=gone-{number}" for number in range(2_000))
    assert signed_in(alice).post(url(folder), {"view": view}, headers=SCRIPT).status_code == 204
    assert [item.id for item in Item.objects.living().filter(folder=folder)] == [kept]


@pytest.mark.parametrize(
    ("post", "status"),
    [({}, 422), ({"item": ["a b"]}, 422), ({"items": "\0"}, 422), ({"view": "all=9&q=x" + "&except=1" * 20_000}, 413)],
)
def test_nonsense_gets_a_sentence(folder: Folder, alice: Any, signed_in: Any, post: Any, status: int) -> None:
    make_items(folder, 1)
    assert signed_in(alice).post(url(folder), post, headers=SCRIPT).status_code == status
    assert signed_in(alice).post(url(folder, "paint"), {"item": ["a"]}, headers=SCRIPT).status_code == 422


def test_an_action_of_a_folder_that_one_may_not_see_is_not_there(
    folder: Folder, alice: Any, charlie: Any, signed_in: Any
) -> None:
    make_items(folder, 5)
    signed_in(alice).post(url(folder), {"view": "q=item&all=999999"})
    [action] = MassAction.objects.all()
    assert signed_in(charlie).post(f"/actions/{action.id}/cancel/", headers=SCRIPT).status_code == 404


def test_where_they_go_and_the_tag_are_read_from_the_form(
    folder: Folder, alice: Any, erin: Any, signed_in: Any
) -> None:
    ids, client, target = make_items(folder, 5), signed_in(alice), make_folder(alice, "Best <b>")
    assert client.post(url(folder, "move"), {"item": ids[0], "target": target.id}, headers=SCRIPT).status_code == 204
    assert client.post(url(folder, "tag"), {"item": ids[1], "tag": "Dusk"}, headers=SCRIPT).status_code == 204
    assert Item.objects.get(id=ids[0]).folder == target and Item.objects.get(tags__name="dusk").id == ids[1]
    for post in ({"tag": ""}, {"tag": "a,b"}, {}):
        assert client.post(url(folder, "tag"), {"item": ids[1]} | post, headers=SCRIPT).status_code == 422
    for user, other in ((erin, target.id), (alice, "nowhere"), (alice, "\0")):
        post = {"item": ids[1], "target": other}
        assert signed_in(user).post(url(folder, "copy"), post, headers=SCRIPT).status_code == 404
    client.post(url(folder, "move"), {"items": " ".join(ids[1:]), "target": target.id}, headers=SCRIPT)
    page = client.get(f"/folders/{folder.id}/").content.decode()
    assert (
        "Move to another folder" in page and "Best" not in page.partition('id="mass-')[2].partition("batch__count")[0]
    )
