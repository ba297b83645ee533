from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from gallery.contract.errors import NotifyError
from gallery.models import Folder, Item
from gallery.services.edits import edit_item
from gallery.services.locks import acquire_lock, break_lock, release_lock
from gallery.services.sweep import sweep
from tests.checks import check_all
from tests.factories import make_item, make_pending_item, make_token, person, say, throw_away
from tests.factories import worker as worker_of

pytestmark = pytest.mark.django_db


def is_refused(code: str, deed: Any, *arguments: Any) -> bool:
    before = Folder.objects.values_list("id", "revision")
    with pytest.raises(NotifyError) as caught:
        deed(*arguments)
    assert list(before) == list(Folder.objects.values_list("id", "revision"))
    return caught.value.code == code


def test_the_lease_has_a_holder_an_end_and_a_growing_fence(erin: Any, folder: Folder) -> None:
    item = make_item(folder)
    first = say("item:lock", {"itemId": item.id}, person(erin))
    lease = Item.objects.get().lease
    assert (lease.holder, lease.holder_name, first.fence, lease.fence) == (erin, "erin", 1, 1)
    assert (first.item_id, first.folder_id, first.revision) == (item.id, folder.id, Item.objects.get().lock_revision)
    assert Item.objects.get().card_revision == item.card_revision, "the card itself has not changed"
    renewed = say("item:lock", {"itemId": item.id, "ttlSeconds": 3600}, person(erin))
    assert renewed.fence == 1
    assert (Item.objects.get().lease.expires_at - lease.expires_at).total_seconds() == pytest.approx(3510, abs=30)
    release_lock(person(erin), item.id)
    assert Item.objects.get().lock is None
    assert say("item:lock", {"itemId": item.id}, person(erin)).fence == 2
    check_all()


def test_unlocking_what_is_free_changes_nothing(erin: Any, folder: Folder) -> None:
    item = make_item(folder)
    assert say("item:unlock", {"itemId": item.id}, person(erin)).revision is None


def test_a_lease_in_the_trash_changes_no_folder(alice: Any, folder: Folder, token: Any) -> None:
    item = make_pending_item(folder)
    throw_away(person(alice), item.id)
    revision = Folder.objects.get().revision
    for kind in ("item:lock", "item:unlock"):
        receipt = say(kind, {"itemId": item.id}, worker_of(token))
        assert (receipt.revision, receipt.folder_id) == (None, folder.id)
    assert Folder.objects.get().revision == revision
    check_all()


def test_what_another_user_may_and_may_not_do(alice: Any, erin: Any, folder: Folder, token: Any) -> None:
    item = make_pending_item(folder, metadata={"seed": 1})
    acquire_lock(person(erin), item.id)
    alices = worker_of(token)
    assert is_refused("locked", acquire_lock, person(alice), item.id)
    assert is_refused("locked", release_lock, person(alice), item.id)
    assert is_refused("locked", edit_item, person(alice), item.id, {"name": "Mine"})
    assert is_refused("locked", edit_item, person(alice), item.id, {"metadata": {}})
    assert is_refused("locked", throw_away, person(alice), item.id)
    assert is_refused("locked", say, "item:remove", {"itemId": item.id}, alices)
    for sender in (alices, None):
        changed = {"itemId": item.id, "status": "complete", "item": {"name": "Mine"}}
        assert is_refused("locked", say, "item:update", changed, sender)
        changed["item"] = {"metadata": {"seed": 2}}
        assert is_refused("locked", say, "item:update", changed, sender)
    # No result is lost, and what stays the same is no change.
    done = {"name": item.name, "metadata": {"seed": 1}, "mediaUrl": "/m.png", "thumbUrl": "/t.webp"}
    say("item:update", {"itemId": item.id, "status": "processing", "progress": 50}, alices)
    say("item:update", {"itemId": item.id, "status": "complete", "item": done}, alices)
    item.refresh_from_db()
    assert (item.status, item.media_url, item.lock.holder) == ("complete", "/m.png", erin)
    check_all()


def test_the_holder_may_do_everything(erin: Any, folder: Folder) -> None:
    item = make_pending_item(folder)
    acquire_lock(person(erin), item.id)
    edit_item(person(erin), item.id, {"name": "Mine"})
    assert Item.objects.get().name == "Mine"
    throw_away(person(erin), item.id)
    assert not Item.objects.living().exists()


def test_two_tokens_of_one_user_are_not_another(alice: Any, folder: Folder, token: Any) -> None:
    item = make_item(folder)
    other, _ = make_token(alice, folder=folder)
    assert say("item:lock", {"itemId": item.id}, worker_of(token)).fence == 1
    assert say("item:lock", {"itemId": item.id}, worker_of(other)).fence == 1
    edit_item(person(alice), item.id, {"name": "Mine"})
    say("item:unlock", {"itemId": item.id}, worker_of(other))
    assert Item.objects.get().lock is None


def test_a_lease_of_the_site_keeps_people_out(erin: Any, folder: Folder) -> None:
    item = make_item(folder)
    say("item:lock", {"itemId": item.id})
    assert is_refused("locked", edit_item, person(erin), item.id, {"name": "Mine"})
    lock = Item.objects.get().lock
    assert (lock.holder_name, lock.shown_holder) == ("the site", "the site")
    with override("de"):
        assert (lock.holder_name, lock.shown_holder) == ("the site", "die Website")


def test_an_ended_lease_is_free_at_once_and_the_sweeper_says_so(
    alice: Any, erin: Any, folder: Folder, clock: Any
) -> None:
    item = make_item(folder)
    fence = acquire_lock(person(erin), item.id, 5).fence
    before = Item.objects.get().lock_revision
    clock.move(seconds=6)
    assert Item.objects.get().lock is None
    edit_item(person(alice), item.id, {"name": "Mine now"})
    sweep()
    after = Item.objects.get()
    assert after.lock_revision == after.revision > before
    assert after.lease.expires_at is None
    sweep()
    assert Item.objects.get().revision == after.revision
    assert acquire_lock(person(erin), item.id).fence == fence + 1


def test_an_ended_lease_taken_again_is_a_new_one_before_the_sweeper_came(erin: Any, folder: Folder, clock: Any) -> None:
    item = make_item(folder)
    acquire_lock(person(erin), item.id, 5)
    clock.move(seconds=6)
    assert acquire_lock(person(erin), item.id, 90).fence == 2
    sweep()
    assert Item.objects.get().lock is not None


def test_an_administrator_breaks_it(erin: Any, folder: Folder) -> None:
    item = make_item(folder)
    acquire_lock(person(erin), item.id)
    break_lock(item.id)
    assert Item.objects.get().lock is None
    break_lock(item.id)
    break_lock("unknown")
    check_all()


@pytest.mark.parametrize("call", [acquire_lock, release_lock])
@pytest.mark.parametrize("item_id", ["", "no id", "x" * 129, "a\0", "\ud800", "a-progress", None])
def test_what_is_no_id_is_refused_like_any_event(erin: Any, call: Any, item_id: Any) -> None:
    with pytest.raises(NotifyError) as refused:
        call(person(erin), item_id)
    assert (refused.value.code, refused.value.errors[0].field) == ("invalid", "payload.itemId")
