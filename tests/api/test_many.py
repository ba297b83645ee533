"""Several items at once: moved, copied, thrown away, brought back, deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gallery.live.changes import changes_since
from gallery.models import Folder, Item, Tombstone
from gallery.services.files import media_root
from gallery.services.forgetting import forget
from gallery.services.integrity import Looked
from gallery.services.locks import acquire_lock
from gallery.services.media import Upload, add_uploads
from gallery.services.trash import empty_trash
from gallery.services.verification import verify
from tests.api.helpers import picture, send, stored_files
from tests.checks import check_all
from tests.factories import make_batch, make_folder, make_item, make_pending_item, make_token, person, say, worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere(alice: Any, erin: Any) -> Folder:
    """Another folder of alice's, which erin may change and bob does not see."""
    return make_folder(alice, "Elsewhere", editor=erin)


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Any:
    """What is done on commit is done at the end of the block."""
    return django_capture_on_commit_callbacks


@pytest.fixture(autouse=True)
def _whole() -> Any:
    yield
    check_all()
    assert [finding.sentence for finding in verify(Looked())] == []


def ask(client: Client, verb: str, items: list[Any], folder: Folder | None = None, **more: Any) -> Any:
    body = {"itemIds": [getattr(item, "id", item) for item in items]} | more
    return send(client, "post", f"/api/items/{verb}", body | ({"folderId": folder.id} if folder else {}))


def upload(folder: Folder, user: Any, tmp_path: Any, name: str = "a.png") -> Item:
    file = tmp_path / "incoming.png"
    file.write_bytes(picture(tmp_path))
    return add_uploads(person(user), folder.id, [Upload(file, name, "image/png")])[0]


def revision(folder: Folder) -> int:
    return Folder.objects.get(id=folder.id).revision


def test_move_is_a_tombstone_here_and_an_arrival_there(
    folder: Folder, elsewhere: Folder, signed_in: Any, erin: Any
) -> None:
    batch = make_batch(folder, 3)
    items = [make_pending_item(folder, batch=batch, id=name) for name in ("a", "b")]
    before = revision(folder), revision(elsewhere)
    answer = ask(signed_in(erin), "move", [*items, items[0]], elsewhere)
    assert (answer.status_code, answer.json()) == (200, {"itemIds": ["a", "b"], "refused": []})
    left, arrived = changes_since(folder.id, before[0]), changes_since(elsewhere.id, before[1])
    assert {"item-a", "item-b", f"placeholder-{batch.id}-0"} <= left.removed.keys() and not left.cards
    assert {card.id for card in arrived.cards} == {"a", "b"}
    assert list(Folder.objects.order_by("created_at").values_list("item_count", flat=True)) == [0, 2]
    say("item:update", {"itemId": "a", "status": "complete", "item": {"mediaUrl": "/a.png"}})
    batch.refresh_from_db()
    assert (batch.item_count, batch.done_count) == (2, 1), "its batch counts it wherever it is"
    say("batch:end", {"batchId": batch.id, "status": "cancelled"})
    assert Item.objects.get(id="b").status == "error"
    assert ask(signed_in(erin), "move", items, folder).status_code == 200
    assert not Tombstone.objects.filter(folder=folder).exists(), "they are back"


def test_what_has_gone_or_is_locked_does_not_keep_the_rest(
    folder: Folder, elsewhere: Folder, signed_in: Any, alice: Any, erin: Any
) -> None:
    gone, locked, mine = (make_item(folder, id=name) for name in ("gone", "locked", "mine"))
    assert ask(signed_in(alice), "delete", [gone]).status_code == 200
    acquire_lock(person(alice), locked.id)
    answer = ask(signed_in(erin), "move", [gone, locked, mine, "never"], elsewhere).json()
    assert answer["itemIds"] == ["mine"]
    assert [(one["itemId"], one["code"]) for one in answer["refused"]] == [
        ("gone", "not_found"), ("locked", "locked"), ("never", "not_found"),
    ]  # fmt: skip
    assert "Alice Adams" in answer["refused"][1]["message"]
    for verb, item, status in (("delete", gone, 404), ("move", locked, 423), ("delete", locked, 423)):
        where = elsewhere if verb == "move" else None
        assert ask(signed_in(erin), verb, [item], where).status_code == status, "nothing was left to be done"


def test_who_may_move_copy_and_delete(
    client: Client, folder: Folder, elsewhere: Folder, signed_in: Any, alice: Any, bob: Any, charlie: Any, erin: Any
) -> None:
    item = make_item(folder)
    private = make_folder(erin, "Hers", visibility="private")
    bobs = make_folder(bob, "His")
    expected = {
        ("move", bob, bobs): 403,  # he may only look
        ("copy", bob, bobs): 200,
        ("copy", bob, elsewhere): 404,
        ("copy", bob, folder): 403,
        ("move", alice, private): 404,
        ("copy", charlie, bobs): 404,
        ("move", erin, private): 200,
    }
    for (verb, user, target), status in expected.items():
        assert ask(signed_in(user), verb, [item], target).status_code == status, (verb, user.username, target.name)
    assert ask(signed_in(alice), "delete", [item]).status_code == 404, "it is in a folder that she cannot see"
    for verb in ("move", "copy", "delete", "restore"):
        assert ask(client, verb, [item], elsewhere if verb in ("move", "copy") else None).status_code == 401


def test_a_token_may_do_what_its_owner_may(client: Client, folder: Folder, elsewhere: Folder, bearer: Any) -> None:
    body = {"itemIds": [make_item(folder).id], "folderId": elsewhere.id}
    assert send(client, "post", "/api/items/move", body, headers=bearer).status_code == 200
    assert elsewhere.items.count() == 1


def test_a_worker_finishes_what_was_taken_where_it_may_not_write(
    client: Client, folder: Folder, signed_in: Any, alice: Any, erin: Any, tmp_path: Any
) -> None:
    token, secret = make_token(erin, folder=folder)
    item = make_pending_item(folder, sender=worker(token))
    private = make_folder(alice, "Hers", visibility="private")
    assert ask(signed_in(alice), "move", [item], private).status_code == 200
    say("item:update", {"itemId": item.id, "status": "complete"}, worker(token))
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "image/png"}
    path = f"/api/items/{item.id}"
    sent = client.put(f"{path}/media", picture(tmp_path), content_type="image/png", headers=headers)
    assert sent.status_code == 200 and Item.objects.get(id=item.id).media_file
    assert client.get(path, headers=headers).status_code == 404, "it may not look there"
    with pytest.raises(Exception, match="may not see it"):
        say("item:remove", {"itemId": item.id}, worker(token))


def test_copies_have_rows_and_files_of_their_own(
    folder: Folder, elsewhere: Folder, signed_in: Any, erin: Any, tmp_path: Any, settings: Any, committed: Any
) -> None:
    first, second = upload(folder, erin, tmp_path, "first.png"), upload(folder, erin, tmp_path, "second.png")
    send(signed_in(erin), "patch", f"/api/items/{first.id}", {"tags": ["Sea", "sea", "Sky"], "isStarred": True})
    files = len(stored_files(settings))
    copies = ask(signed_in(erin), "copy", [first, second], elsewhere).json()["itemIds"]
    assert len(stored_files(settings)) == 2 * files
    listed = signed_in(erin).get(f"/api/folders/{elsewhere.id}/items").json()["items"]
    assert [(item["id"], item["name"]) for item in listed] == list(
        zip(copies, ("first.png", "second.png"), strict=True)
    )
    assert (listed[0]["tags"], listed[0]["isStarred"], listed[0]["status"]) == (["sea", "sky"], True, "complete")
    bytes_of_first = (media_root() / first.media_file).read_bytes()
    with committed(execute=True):
        assert ask(signed_in(erin), "delete", [first, second], permanently=True).status_code == 200
    assert len(stored_files(settings)) == files
    [copy, _] = [Item.objects.get(id=item_id) for item_id in copies]
    shown = signed_in(erin).get(copy.media_url)
    assert shown.status_code == 200 and b"".join(shown.streaming_content) == bytes_of_first
    with committed(execute=True):
        assert ask(signed_in(erin), "delete", copies, permanently=True).json()["itemIds"] == copies
    assert stored_files(settings) == []


def test_a_copy_tells_no_more_than_its_original_and_waits_for_it(
    signed_in: Any, alice: Any, bob: Any, charlie: Any
) -> None:
    public, his = make_folder(alice, visibility="public"), make_folder(charlie)
    item = make_item(public, metadata={"prompt": "a secret recipe"}, mediaUrl="https://example.org/a.png")
    [copy] = ask(signed_in(charlie), "copy", [item], his).json()["itemIds"]
    assert Item.objects.get(id=copy).metadata == {}
    [copy] = ask(signed_in(charlie), "copy", [copy], his).json()["itemIds"]
    assert Item.objects.get(id=copy).name == "Sunset (copy)"
    pending = make_pending_item(public)
    refused = ask(signed_in(alice), "copy", [pending], public)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")


def test_nothing_is_left_of_a_copy_that_fails(
    folder: Folder, elsewhere: Folder, signed_in: Any, erin: Any, tmp_path: Any, settings: Any
) -> None:
    item = upload(folder, erin, tmp_path)
    before = stored_files(settings)
    assert ask(signed_in(erin), "copy", [item], make_folder(make_folder(erin).owner, visibility="private")).status_code
    elsewhere.memberships.all().delete()
    assert ask(signed_in(erin), "copy", [item], elsewhere).status_code == 404
    assert set(before) <= set(stored_files(settings)) and Item.objects.filter(folder=elsewhere).count() == 0
    assert len(stored_files(settings)) == 2 * len(before), "one copy was made, and no file besides"


def test_the_trash_is_listed_and_emptied_by_editors(
    folder: Folder,
    signed_in: Any,
    alice: Any,
    bob: Any,
    erin: Any,
    charlie: Any,
    tmp_path: Any,
    settings: Any,
    committed: Any,
) -> None:
    items = [upload(folder, erin, tmp_path, f"{number}.png") for number in range(3)]
    for item in items:
        assert signed_in(erin).delete(f"/api/items/{item.id}").status_code == 204
    path = f"/api/folders/{folder.id}/trash"
    assert [signed_in(user).get(path).status_code for user in (bob, charlie)] == [403, 404]
    seen, cursor = [], ""
    while cursor is not None:
        page = signed_in(alice).get(path, {"limit": 2, "cursor": cursor}).json()
        seen += [(item["name"], item["trashedBy"]) for item in page["items"]]
        cursor = page["next"]
    assert seen == [("2.png", "erin"), ("1.png", "erin"), ("0.png", "erin")]
    assert ask(signed_in(alice), "restore", [items[0]]).json()["itemIds"] == [items[0].id]
    assert [signed_in(user).delete(path).status_code for user in (bob, charlie)] == [403, 404]
    with committed(execute=True):
        assert signed_in(erin).delete(path).json() == {"deleted": 2}
    assert ask(signed_in(alice), "restore", [items[1]]).status_code == 404
    assert Item.objects.count() == 1 and len(stored_files(settings)) == 2


def test_a_thousand_items_move_with_a_few_statements(
    folder: Folder, elsewhere: Folder, signed_in: Any, alice: Any
) -> None:
    make_item(folder)
    rows = list(Item.objects.all())
    template = rows[0]
    Item.objects.bulk_create(
        [Item(id=f"n{number}", folder=folder, name="x", order_key=f"{number:05d}!!1!n", revision=1, card_revision=1)
         for number in range(1000)]
    )  # fmt: skip
    Folder.objects.filter(id=folder.id).update(item_count=1001)
    ids = [f"n{number}" for number in range(1000)]
    client = signed_in(alice)
    for verb in ("move", "delete", "restore"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = ask(client, verb, ids, elsewhere if verb == "move" else None)
        assert len(answer.json()["itemIds"]) == 1000
        assert len([query for query in queries if "gallery_" in query["sql"]]) < 40, verb
    assert ask(client, "move", [*ids, template], elsewhere).status_code == 413


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"itemIds": [], "folderId": "x"}, "itemIds"),
        ({"itemIds": ["a b"], "folderId": "x"}, "itemIds.0"),
        ({"itemIds": ["a"]}, "folderId"),
        ({"itemIds": ["a"], "folderId": "x", "colour": 1}, "colour"),
    ],
)
def test_wrong_fields_are_named(signed_in: Any, alice: Any, body: Any, field: str) -> None:
    response = send(signed_in(alice), "post", "/api/items/move", body)
    assert response.status_code == 422
    assert [error["field"].replace("[", ".").replace("]", "") for error in response.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "x" * 10_000}, "name"),
        ({"name": "a/b"}, "name"),
        ({"name": "a\\b"}, "name"),
        ({"name": ".."}, "name"),
        ({"name": "\u200b\u200d"}, "name"),
        ({"name": "cod\u202egpj.exe"}, "name"),
        ({"tags": ["\u200b"]}, "tags"),
        ({"tags": ["x" * 61]}, "tags"),
        ({"tags": [str(number) for number in range(51)]}, "tags"),
        ({"isStarred": "yes"}, "isStarred"),
    ],
)
def test_what_a_person_may_not_write(folder: Folder, signed_in: Any, alice: Any, changes: Any, field: str) -> None:
    item = make_item(folder)
    response = send(signed_in(alice), "patch", f"/api/items/{item.id}", changes)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, field)


def test_other_scripts_and_joined_emoji_are_names(folder: Folder, signed_in: Any, alice: Any) -> None:
    item = make_item(folder)
    for name in ("غروب", "שקיעה", "👩‍🚀", "می‌خواهم"):
        assert send(signed_in(alice), "patch", f"/api/items/{item.id}", {"name": name}).json()["name"] == name
    assert set(Item.objects.get().edited_fields) == {"name"}


def test_sweeper_and_a_second_emptying_find_nothing(folder: Folder) -> None:
    make_item(folder)
    empty_trash()
    forget()
    assert Item.objects.count() == 1
