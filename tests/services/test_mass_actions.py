"""Actions on many items: at once where they are few; else in pieces that survive their worker, and can be watched."""

from __future__ import annotations

from typing import Any

import pytest

from gallery.access import NOT_FOUND, own_mass_actions
from gallery.contract.errors import NotifyError
from gallery.live.changes import changes_since
from gallery.models import Folder, Item, MassAction, Membership
from gallery.services import mass_requests, mass_work
from gallery.services.locks import acquire_lock
from gallery.services.mass_actions import cancel_mass_action
from gallery.services.mass_requests import MOST_OPEN, Selection, act_on_selection
from gallery.services.mass_work import carry_on
from gallery.services.sweep import sweep
from gallery.templatetags.strips import action_label
from gallery.views.selection import find_selected
from tests.checks import check_all
from tests.factories import make_folder, make_item, make_items, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mass_work, "PIECE", 10)
    monkeypatch.setattr(mass_work, "PACE_SECONDS", 0.0)
    monkeypatch.setattr(mass_requests, "MOST_IN_REQUEST", 5)


def delete(user: Any, folder: Folder, item_ids: list[str] | None = None, view: str = "") -> Any:
    return act_on_selection(person(user), folder, "delete", {}, Selection(item_ids or [], view), find_selected)


def work(action: MassAction) -> MassAction:
    carry_on(action.id, find_selected)
    check_all()
    return MassAction.objects.get(id=action.id)


def left(folder: Folder) -> set[str]:
    return set(Item.objects.living().filter(folder=folder).values_list("id", flat=True))


def test_a_few_are_done_at_once_and_what_cannot_be_does_not_keep_the_others(
    folder: Folder, alice: Any, erin: Any
) -> None:
    ids = make_items(folder, 4)
    acquire_lock(person(alice), ids[1])
    outcome = delete(erin, folder, [*ids[:3], "nobody"])
    assert len(outcome.done) == 2 and not MassAction.objects.exists()
    assert [(one.name, one.error.code) for one in outcome.refused] == [("Item 1", "locked"), ("nobody", "not_found")]
    assert left(folder) == {ids[1], ids[3]}
    check_all()


def test_what_one_may_not_see_is_refused_without_its_name(folder: Folder, alice: Any, bob: Any, charlie: Any) -> None:
    [seen] = make_items(folder, 1)
    thrown = make_item(folder, "Thrown away").id
    delete(alice, folder, [thrown])
    hidden = make_item(make_folder(charlie, visibility="private"), "Surprise for Alice").id
    target = make_folder(bob, "Mine")
    selection = Selection([seen, thrown, hidden])
    for user, name in ((bob, thrown), (alice, "Thrown away")):
        to = {"folderId": target.id if user == bob else folder.id}
        outcome = act_on_selection(person(user), folder, "copy", to, selection, find_selected)
        assert len(outcome.done) == 1
        assert [(one.name, one.error.code) for one in outcome.refused] == [(name, "not_found"), (hidden, "not_found")]


def test_many_are_done_in_the_background_and_pages_see_it_from_the_first_moment(
    folder: Folder, erin: Any, django_capture_on_commit_callbacks: Any
) -> None:
    ids = make_items(folder, 25)
    folder.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        action = delete(erin, folder, ids)
    from django_tasks_db.models import DBTaskResult

    [task] = DBTaskResult.objects.all()
    assert (task.task_path, task.args_kwargs["args"]) == ("gallery.tasks.carry_on_mass_action", [action.id])
    assert left(folder) == set(ids)
    changes = changes_since(folder.id, folder.revision)
    assert changes is not None and [seen.id for seen in changes.mass_actions] == [action.id]
    done = work(action)
    assert (done.status, done.done_count, done.failed_count, done.total) == ("complete", 25, 0, 25)
    assert left(folder) == set()


def test_who_goes_on_begins_exactly_where_the_other_was_killed(
    folder: Folder, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = make_items(folder, 35)
    action = delete(alice, folder, ids)
    handled: list[str] = []
    apply = mass_work.apply_verb

    def dies_in_the_third_piece(change: Any, sender: Any, kind: str, item_ids: list[str], *more: Any) -> Any:
        result = apply(change, sender, kind, item_ids, *more)
        if len(handled) == 20:
            raise KeyboardInterrupt
        handled.extend(item_ids)
        return result

    monkeypatch.setattr(mass_work, "apply_verb", dies_in_the_third_piece)
    with pytest.raises(KeyboardInterrupt):
        carry_on(action.id, find_selected)
    halfway = MassAction.objects.get(id=action.id)
    assert (halfway.status, halfway.done_count, halfway.list_position) == ("running", 20, 20)
    assert left(folder) == set(ids[20:])
    monkeypatch.setattr(mass_work, "apply_verb", apply)
    done = work(action)
    assert (done.status, done.done_count, done.failed_count) == ("complete", 35, 0)


def test_of_two_workers_at_one_action_the_slower_leaves_it(folder: Folder, alice: Any) -> None:
    action = delete(alice, folder, make_items(folder, 25))
    slower = MassAction.objects.get(id=action.id)
    assert mass_work._try_a_piece(MassAction.objects.get(id=action.id), find_selected)
    assert not mass_work._try_a_piece(slower, find_selected)
    assert MassAction.objects.get(id=action.id).done_count == 10
    assert work(action).done_count == 25


def test_all_of_a_view_means_those_that_were_there_then_without_those_taken_out(folder: Folder, alice: Any) -> None:
    ids, other = make_items(folder, 22), make_item(folder, "Else").id
    folder.refresh_from_db()
    action = delete(alice, folder, [other], view=f"q=item&all={folder.revision}&except={ids[3]}&except={ids[21]}")
    assert action.total == 21
    late = make_items(folder, 2)
    done = work(action)
    assert (done.status, done.done_count) == ("complete", 21)
    assert left(folder) == {ids[3], ids[21], *late}


def test_a_person_may_stop_it_and_what_was_done_stays_done(folder: Folder, alice: Any, bob: Any, erin: Any) -> None:
    action = delete(alice, folder, make_items(folder, 25))
    mass_work._try_a_piece(action, find_selected)
    with pytest.raises(NotifyError) as refused:
        cancel_mass_action(person(bob), action)
    assert refused.value.code == "forbidden"
    cancel_mass_action(person(erin), action)
    stopped = work(action)
    assert (stopped.status, stopped.message, stopped.done_count) == ("cancelled", "Cancelled by erin.", 10)
    assert len(left(folder)) == 15
    with pytest.raises(NotifyError) as late:
        cancel_mass_action(person(erin), action)
    assert late.value.code == "conflict"


def test_rights_are_asked_with_every_piece(folder: Folder, bob: Any, charlie: Any, erin: Any) -> None:
    ids = make_items(folder, 25)
    for user, code in ((bob, "forbidden"), (charlie, "not_found")):
        with pytest.raises(NotifyError) as refused:
            delete(user, folder, ids)
        assert refused.value.code == code
    action = delete(erin, folder, ids)
    mass_work._try_a_piece(action, find_selected)
    Membership.objects.filter(user=erin).update(role="viewer")
    stopped = work(action)
    assert (stopped.status, stopped.done_count) == ("error", 10)
    assert stopped.message == "You may look at this folder, but not change it."
    again = delete(folder.owner, folder, ids)
    folder.owner.is_active = False
    folder.owner.save()
    assert work(again).message == "Whoever asked for it has no account here any more."


def test_what_could_not_be_done_is_counted_and_the_first_few_are_named(folder: Folder, alice: Any, erin: Any) -> None:
    ids = make_items(folder, 25)
    for item_id in ids[:8]:
        acquire_lock(person(alice), item_id)
    done = work(delete(erin, folder, ids))
    assert (done.status, done.done_count, done.failed_count) == ("partial", 17, 8)
    assert [name for name, _ in done.failures] == [f"Item {number}" for number in range(5)]
    assert all(reason.startswith("Alice Adams is editing this item") for _, reason in done.failures)
    assert work(delete(erin, folder, ids[:8])).status == "error"


def test_silence_is_noticed_taken_up_and_at_last_given_up(
    folder: Folder, alice: Any, clock: Any, django_capture_on_commit_callbacks: Any
) -> None:
    from django_tasks_db.models import DBTaskResult

    action = delete(alice, folder, make_items(folder, 25))
    for times in (1, 2):
        clock.move(seconds=121)
        with django_capture_on_commit_callbacks(execute=True):
            sweep()
        action.refresh_from_db()
        assert (action.status, action.message) == ("waiting", "No task worker has taken it up yet.")
        assert DBTaskResult.objects.count() == times
    mass_work._try_a_piece(action, find_selected)
    for _ in range(3):
        clock.move(seconds=121)
        sweep()
        action.refresh_from_db()
        assert (action.status, action.message[:28]) == ("running", "Its task worker fell silent;")
    mass_work._try_a_piece(action, find_selected)
    action.refresh_from_db()
    assert (action.message, action.taken_up) == ("", 0), "a piece that is done makes it good"
    for _ in range(4):
        clock.move(seconds=121)
        sweep()
    action.refresh_from_db()
    assert (action.status, action.message) == ("error", "Its task worker fell silent 3 times.")


def test_a_strip_leaves_the_page_after_a_while(folder: Folder, alice: Any, clock: Any) -> None:
    action = work(delete(alice, folder, make_items(folder, 25)))
    clock.move(seconds=119)
    sweep()
    action.refresh_from_db()
    assert not action.folded
    clock.move(seconds=2)
    folder.refresh_from_db()
    sweep()
    changes = changes_since(folder.id, folder.revision)
    assert changes is not None and list(changes.removed) == [f"mass-{action.id}"]


def test_a_mistake_of_ours_ends_it_with_a_sentence(folder: Folder, alice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    action = delete(alice, folder, make_items(folder, 25))
    monkeypatch.setattr(mass_work, "apply_verb", lambda *_: 1 / 0)
    ended = work(action)
    assert (ended.status, ended.message) == ("error", "Something went wrong; the server’s log says what.")


def test_what_cannot_be_asked_for_gets_a_sentence(folder: Folder, alice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = make_items(folder, 8)
    with pytest.raises(NotifyError) as nothing:
        delete(alice, folder, view="q=nobody&all=999999")
    assert nothing.value.message == "Nothing is selected, or it is not here any more."
    with pytest.raises(NotifyError) as unknown:
        act_on_selection(person(alice), folder, "paint", {}, Selection(ids), find_selected)
    assert unknown.value.code == "invalid"
    for _ in range(MOST_OPEN):
        delete(alice, folder, ids)
    with pytest.raises(NotifyError) as too_many:
        delete(alice, folder, ids)
    assert too_many.value.code == "conflict"
    monkeypatch.setattr(mass_requests, "MOST_LISTED", 7)
    with pytest.raises(NotifyError) as too_long:
        delete(alice, folder, ids)
    assert too_long.value.code == "too_large"


def test_what_was_thrown_away_can_be_taken_out_again(folder: Folder, alice: Any, bob: Any) -> None:
    ids = make_items(folder, 25)
    work(delete(alice, folder, ids))
    assert left(folder) == set()
    with pytest.raises(NotifyError):
        act_on_selection(person(bob), folder, "restore", {}, Selection(ids), find_selected)
    done = work(act_on_selection(person(alice), folder, "restore", {}, Selection([*ids, "nobody"]), find_selected))
    assert (done.status, done.done_count, done.failed_count) == ("partial", 25, 1)
    assert left(folder) == set(ids)


def act(user: Any, folder: Folder, kind: str, ids: list[str], **arguments: Any) -> MassAction:
    return work(act_on_selection(person(user), folder, kind, arguments, Selection(ids), find_selected))


def test_many_move_and_are_copied(folder: Folder, alice: Any, bob: Any, erin: Any) -> None:
    ids, target = make_items(folder, 25), make_folder(alice, "Best", editor=bob)
    to = {"folderId": target.id}
    copied = act(bob, folder, "copy", ids, **to)  # who may only look here may change there
    assert (copied.status, copied.done_count) == ("complete", 25)
    assert len(left(target)) == 25 and not left(target) & set(ids)
    for user, code in ((bob, "forbidden"), (erin, "not_found")):  # the one may not change here, the other not there
        with pytest.raises(NotifyError) as refused:
            act(user, folder, "move", ids, **to)
        assert refused.value.code == code
    moved = act(alice, folder, "move", ids, **to)
    assert (moved.status, moved.done_count) == ("complete", 25)
    assert left(folder) == set() and set(ids) < left(target)


def test_who_may_only_look_writes_nothing_on_everybodys_page(folder: Folder, alice: Any, bob: Any) -> None:
    ids = [*make_items(folder, 8), "buy-my-pictures"]
    target = make_folder(bob, "Bob’s surprise for Alice", visibility="private")

    def copy(user: Any = bob) -> MassAction:
        to = {"folderId": target.id if user == bob else folder.id}
        return act_on_selection(person(user), folder, "copy", to, Selection(ids), find_selected)

    done = work(copy())
    assert (done.status, done.done_count, done.failed_count) == ("partial", 8, 1)
    assert (done.folder, done.source, done.who) == (target, folder, "bob")
    assert action_label(done) == "Copy into this folder"
    assert not MassAction.objects.filter(folder=folder).exists()
    assert list(own_mass_actions(bob, folder.id)) == [done] and not own_mass_actions(alice, folder.id).exists()
    stopped = copy()
    cancel_mass_action(person(bob), stopped)
    stopped.refresh_from_db()
    assert stopped.message == "Cancelled by bob."
    assert (work(copy(alice)).failures) == [["buy-my-pictures", NOT_FOUND["item"]]]


def test_who_may_only_look_keeps_nobody_from_changing_the_folder(folder: Folder, alice: Any, bob: Any) -> None:
    ids, target = make_items(folder, 8), make_folder(bob, "Mine")
    for _ in range(MOST_OPEN):
        act_on_selection(person(bob), folder, "copy", {"folderId": target.id}, Selection(ids), find_selected)
    with pytest.raises(NotifyError) as too_many:
        act_on_selection(person(bob), folder, "copy", {"folderId": target.id}, Selection(ids), find_selected)
    assert too_many.value.message == "5 of your copies are at work. Wait until one has ended."
    assert work(delete(alice, folder, ids)).status == "complete"


def test_many_get_and_lose_stars_and_tags(folder: Folder, erin: Any) -> None:
    ids = make_items(folder, 12)
    items = Item.objects.filter(folder=folder)
    act(erin, folder, "star", ids)
    assert items.filter(is_starred=True).count() == 12
    act(erin, folder, "unstar", ids[:6])
    assert items.filter(is_starred=True).count() == 6
    act(erin, folder, "tag", ids, tag="sunset")
    act(erin, folder, "tag", ids[:6], tag="dusk")
    assert items.filter(tags__name="sunset").count() == 12 and items.filter(tags__name="dusk").count() == 6
    act(erin, folder, "untag", ids, tag="sunset")
    assert items.filter(tags__name="sunset").count() == 0 and items.filter(tags__name="dusk").count() == 6
