"""Actions on very many items, once asked for (``mass_requests``): watched and cancelled. ``mass_work`` does them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from gallery.access import NOT_FOUND, Sender, require_editor
from gallery.conf import conf
from gallery.contract.errors import NotifyError
from gallery.models import MassAction
from gallery.models.mass_action import REMOVE_FOLDER
from gallery.services.change import Change
from gallery.services.locks import cancelled_by
from gallery.services.needs import Needs
from gallery.services.revisions import transact
from gallery.services.verbs import Arguments, verb
from gallery.task_queue import enqueue_on_commit

TAKEN_UP_AT_MOST = 3  # times without coming on
FOLD_AFTER = timedelta(minutes=2)
FOLD_FAILED_AFTER = timedelta(hours=24)
FELL_SILENT = "Its task worker fell silent {} times."
TASK = "carry_on_mass_action"
Status = MassAction.Status

T = TypeVar("T")


def keep_action(
    sender: Sender, kind: str, arguments: Arguments, *, total: int, now: datetime, **fields: Any
) -> MassAction:
    """Write down what was asked for; from the commit on a task worker does it, unless it is folded from the start."""
    action = MassAction.objects.create(
        kind=kind,
        arguments=arguments,
        total=total,
        owner=sender.user,
        who=sender.label,
        asked_at=now,
        moved_at=now,
        look_at=now + patience(),
        **fields,
    )
    if not action.folded:
        enqueue_on_commit(TASK, action.id)
    return action


def cancel_mass_action(sender: Sender, action: MassAction) -> None:
    """Stop it where it is; what was done stays done."""

    def work(change: Change, row: MassAction) -> bool:
        if row.owner_id != sender.user_key:
            require_editor(change.role(sender, row.folder_id))
        close(change, row, Status.CANCELLED, cancelled_by(sender))
        return True

    if not with_open(action, work):
        raise NotifyError("conflict", _("This action has already ended."))


def with_open(
    action: MassAction, work: Callable[[Change, MassAction], T], item_ids: set[str] | None = None
) -> T | None:
    """Run ``work`` on the row as it is under its folder's lock, where it is open; else None."""

    def attempt(change: Change) -> T | None:
        row = MassAction.objects.select_related("owner").defer("item_ids", "view").filter(id=action.id).first()
        return work(change, row) if row is not None and row.is_open else None

    folder_ids = folders_of(action.folder_id, action.arguments)
    return transact(Needs(folder_ids=folder_ids, item_ids=item_ids or set()), attempt)


def require_rights(change: Change, sender: Sender, folder_id: str, kind: str, arguments: Arguments) -> None:
    """Refuse who may not change the folders that it changes, or not see the one in which it begins."""
    if change.role(sender, folder_id) is None:
        raise NotifyError("not_found", NOT_FOUND["folder"])
    if verb(kind).changes_source:
        require_editor(change.role(sender, folder_id))
    if target := arguments.get("folderId"):
        require_editor(change.role(sender, target))


def folders_of(folder_id: str | None, arguments: Arguments) -> set[str | None]:
    """The folders that it changes."""
    target = arguments.get("folderId")
    return {folder_id, target} if target else {folder_id}


def close(change: Change, row: MassAction, status: str, message: str) -> None:
    """It has ended."""
    row.status, row.message, row.ended_at, row.look_at = Status(status), message, change.now, None
    went_well = row.status in (Status.COMPLETE, Status.CANCELLED)
    row.fold_at = change.now + (FOLD_AFTER if went_well else FOLD_FAILED_AFTER)
    show(change, row, "status", "message", "ended_at", "look_at", "fold_at")


def show(change: Change, row: MassAction, *names: str) -> None:
    """These fields are to be written, and pages shall see it."""
    if row.folder_id is not None:
        row.revision = change.stamp(row.folder_id)
    change.touch(row, "revision", *names)


def look_after_mass_actions(now: datetime) -> None:
    """The sweeper: what is silent is taken up again or given up, and strips leave the page."""
    light = MassAction.objects.defer("item_ids", "view")
    for action in light.filter(look_at__lte=now):
        with_open(action, _look)
    for action in light.filter(fold_at__lte=now):
        transact(Needs(folder_ids={action.folder_id}), lambda change, key=action.id: _fold(change, key))


def _look(change: Change, row: MassAction) -> None:
    if row.look_at is None or row.look_at > change.now:
        return  # it has come on, or another process has looked
    is_given_up = row.taken_up >= TAKEN_UP_AT_MOST and row.kind != REMOVE_FOLDER  # nobody could do that by hand
    if row.status == Status.RUNNING and is_given_up:
        close(change, row, Status.ERROR, FELL_SILENT.format(row.taken_up))
        return
    row.look_at = change.now + patience()
    if row.status == Status.RUNNING:
        row.taken_up += 1
        row.message = "Its task worker fell silent; it is taken up again."
    else:
        row.message = "No task worker has taken it up yet."
    show(change, row, "look_at", "taken_up", "message")
    enqueue_on_commit(TASK, row.id)


def _fold(change: Change, action_id: str) -> None:
    row = MassAction.objects.defer("item_ids", "view").filter(id=action_id).first()
    if row is not None and row.fold_at is not None and row.fold_at <= change.now:
        row.folded, row.fold_at = True, None
        show(change, row, "folded", "fold_at")


def patience() -> timedelta:
    """How long it may be silent."""
    return timedelta(seconds=conf.STALLED_AFTER)
