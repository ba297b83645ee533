"""Doing what ``mass_actions`` was asked, in pieces that nobody who looks or works elsewhere notices.

Each piece is one transaction that changes its items, notes how far the action has come and counts it. So an action
may be carried on by any task worker at any time, also where another was killed in the middle of it. Where two are at
the same action, the one that finds it further than it was leaves it to the other.
"""

from __future__ import annotations

import logging
import time

from django.contrib.auth.models import AnonymousUser
from django.db import Error

from gallery.access import Sender, by_hand
from gallery.contract.errors import NotifyError
from gallery.models import MassAction
from gallery.models.mass_action import ARRIVALS_KEPT, REMOVE_FOLDER
from gallery.services.change import Change
from gallery.services.copies import files_at_hand
from gallery.services.folder_removal import remove_a_piece
from gallery.services.mass_actions import TASK, Status, close, patience, require_rights, show, with_open
from gallery.services.mass_requests import Find
from gallery.services.verbs import Outcome, apply_verb
from gallery.task_queue import enqueue_on_commit, waits_in_queue

logger = logging.getLogger("gallery.mass_actions")

PIECE = 80  # items a transaction: two of them are fewer than what makes pages fetch themselves again
PACE_SECONDS = 0.25  # from piece to piece: pages show one before the next comes, and others write between them
TURN_SECONDS = 5.0  # that one task works, so that others get their turn and a worker's end waits no longer
BUSY_SECONDS = 1.0  # before a database that was busy is asked again
FAILURES_KEPT = 5
WENT_WRONG = "Something went wrong; the server’s log says what."


def carry_on(action_id: str, find: Find) -> None:
    """Do it from where it is, for one turn; the task is enqueued again until all is done."""
    until = time.monotonic() + TURN_SECONDS
    while (action := MassAction.objects.filter(id=action_id, status__in=MassAction.OPEN).first()) is not None:
        since = time.monotonic()
        if not _try_a_piece(action, find):
            return
        if waits_in_queue(TASK):
            if time.monotonic() > until:
                enqueue_on_commit(TASK, action_id)
                return
            time.sleep(max(0.0, since + PACE_SECONDS - time.monotonic()))


def _try_a_piece(action: MassAction, find: Find) -> bool:
    """False where somebody else is at it. A database that is away is raised: the sweeper has it taken up again."""
    try:
        return remove_a_piece(action) if action.kind == REMOVE_FOLDER else bool(_do_a_piece(action, find))
    except Error:
        raise
    except Exception as error:
        if isinstance(error, NotifyError) and error.code == "unavailable":
            time.sleep(BUSY_SECONDS)
            return True
        logger.exception("An action on many items failed.")
        if action.kind != REMOVE_FOLDER:  # that is taken up again
            with_open(action, lambda change, row: close(change, row, Status.ERROR, WENT_WRONG))
        return False


def _do_a_piece(action: MassAction, find: Find) -> bool | None:
    item_ids, place = _next_items(action, find)
    sender = by_hand(action.owner)

    def work(change: Change, row: MassAction) -> bool:
        if row.place != action.place:
            return False
        if reason := _why_not(change, row, sender):
            close(change, row, Status.ERROR, reason)
        elif not item_ids:
            _end(change, row)
        else:
            outcome = apply_verb(change, sender, row.kind, item_ids, row.arguments, prepared)
            _count(row, outcome)
            _come_on(change, row, place)
        return True

    with files_at_hand(sender, action.kind, item_ids if action.owner else [], action.arguments) as prepared:
        return with_open(action, work, item_ids=set(item_ids))


def _next_items(action: MassAction, find: Find) -> tuple[list[str], tuple[int, str]]:
    """The ids of the next piece, as they stand, and where the action stands after it.

    Copies begin with what stands last: each piece comes to stand above the one before it.
    """
    rises = action.kind == "copy"
    listed = action.item_ids[::-1] if rises else action.item_ids
    piece = listed[action.list_position : action.list_position + PIECE]
    place = (action.list_position + len(piece), action.view_position)
    if not piece and action.view:
        found = find(action.owner or AnonymousUser(), action.found_in, action.view).exclude(id__in=action.item_ids)
        if action.view_position:
            found = found.filter(**{f"order_key__{'gt' if rises else 'lt'}": action.view_position})
        rows = list(found.order_by("order_key" if rises else "-order_key").values_list("id", "order_key")[:PIECE])
        piece = [item_id for item_id, _ in rows]
        place = (action.list_position, rows[-1][1] if rows else action.view_position)
    return piece[::-1] if rises else piece, place


def _why_not(change: Change, row: MassAction, sender: Sender) -> str:
    if row.owner is None or not row.owner.is_active:
        return "Whoever asked for it has no account here any more."
    try:
        require_rights(change, sender, row.found_in.id, row.kind, row.arguments)
    except NotifyError as error:
        return error.message
    return ""


def _count(row: MassAction, outcome: Outcome) -> None:
    row.done_count += len(outcome.done)
    row.failed_count += len(outcome.refused)
    if outcome.arrived_at is not None and len(row.arrivals) <= ARRIVALS_KEPT:
        row.arrivals = [*row.arrivals, outcome.arrived_at]
    row.failures = [*row.failures, *([one.name, one.error.message] for one in outcome.refused)][:FAILURES_KEPT]


def _come_on(change: Change, row: MassAction, place: tuple[int, str]) -> None:
    row.status, row.message, row.taken_up = Status.RUNNING, "", 0
    row.list_position, row.view_position = place
    row.moved_at, row.look_at = change.now, change.now + patience()
    show(
        change, row, "status", "message", "taken_up", "list_position", "view_position", "moved_at", "look_at",
        "done_count", "failed_count", "failures", "arrivals",
    )  # fmt: skip


def _end(change: Change, row: MassAction) -> None:
    failed = Status.PARTIAL if row.done_count else Status.ERROR
    close(change, row, failed if row.failed_count else Status.COMPLETE, "")
