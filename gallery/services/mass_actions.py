"""Actions on very many items: a person asks for them, watches and cancels them; ``mass_work`` does them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from gallery.access import NOT_FOUND, Sender, require_editor
from gallery.conf import conf
from gallery.contract.errors import NotifyError
from gallery.models import Folder, Item, MassAction
from gallery.models.mass_action import REMOVE_FOLDER
from gallery.services.change import Change
from gallery.services.locks import CANCELLED_BY, THE_SITE
from gallery.services.needs import Needs
from gallery.services.revisions import transact
from gallery.services.verbs import CHANGE_SOURCE, Arguments, Outcome, apply_verb, verb
from gallery.task_queue import enqueue_on_commit

MOST_IN_REQUEST = 200  # items that are done before the request is answered
MOST_LISTED = 20_000  # ids; whoever means more selects a view
MOST_OPEN = 5  # that change one folder; and of one person's copies
TAKEN_UP_AT_MOST = 3  # times without coming on
FOLD_AFTER = timedelta(minutes=2)
FOLD_FAILED_AFTER = timedelta(hours=24)
FELL_SILENT = "Its task worker fell silent {} times."
TASK = "carry_on_mass_action"
Status = MassAction.Status

T = TypeVar("T")
Find = Callable[[Any, Folder, str], QuerySet[Item]]  # what a view (an address's query) of a folder finds for a user


@dataclass(frozen=True)
class Selection:
    """Items by their ids, and besides all that a view finds, where one is given; raises ``too_large``."""

    item_ids: list[str] = field(default_factory=list)
    view: str = ""

    def __post_init__(self) -> None:
        if len(self.item_ids) > MOST_LISTED:
            said = _("At most %(count)s items can be named one by one. Select all instead.") % {
                "count": number_format(MOST_LISTED, force_grouping=True)
            }
            raise NotifyError("too_large", said)


def act_on_selection(
    sender: Sender, folder: Folder, kind: str, arguments: Arguments, selection: Selection, find: Find
) -> Outcome | MassAction:
    """Do it and say what became of it; or, where it is much, have it done and return what can be watched."""
    verb(kind)
    found = Item.objects.none()
    if selection.view:
        found = find(sender.user, folder, selection.view).exclude(id__in=selection.item_ids)
    total = len(selection.item_ids) + found.count()
    if not total:
        raise NotifyError("invalid", _("Nothing is selected, or it is not here any more."))
    if total > MOST_IN_REQUEST:
        return _ask(sender, folder, kind, arguments, selection, total)
    item_ids = [*selection.item_ids, *found.order_by("-order_key").values_list("id", flat=True)]
    needs = Needs(folder_ids=folders_of(folder.id, arguments), item_ids=set(item_ids))
    return transact(needs, lambda change: apply_verb(change, sender, kind, item_ids, arguments))


def _ask(
    sender: Sender, folder: Folder, kind: str, arguments: Arguments, selection: Selection, total: int
) -> MassAction:
    # Who may only look at a folder writes nothing on the page of everybody who sees it.
    shown_in = folder.id if verb(kind).changes_source else arguments["folderId"]

    def work(change: Change) -> MassAction:
        require_rights(change, sender, folder.id, kind, arguments)
        require_turn(sender, folder, kind)
        action = MassAction.objects.create(
            folder_id=shown_in,
            source_id=None if shown_in == folder.id else folder.id,
            kind=kind,
            arguments=arguments,
            item_ids=selection.item_ids,
            view=selection.view,
            total=total,
            owner=sender.user,
            who=sender.label,
            asked_at=change.now,
            moved_at=change.now,
            look_at=change.now + patience(),
            revision=change.stamp(shown_in),
        )
        enqueue_on_commit(TASK, action.id)
        return action

    return transact(Needs(folder_ids={folder.id, shown_in}), work)


def require_turn(sender: Sender, folder: Folder, kind: str) -> None:
    """Raise ``conflict`` where enough is at work. Who may only look does not keep those who change the folder."""
    at_work = MassAction.objects.filter(status__in=MassAction.OPEN)
    if not verb(kind).changes_source:
        if at_work.filter(owner=sender.user, kind=kind).count() >= MOST_OPEN:
            said = _("%(count)s of your copies are at work. Wait until one has ended.")
            raise NotifyError("conflict", said % {"count": MOST_OPEN})
    elif at_work.filter(folder=folder, kind__in=CHANGE_SOURCE).count() >= MOST_OPEN:
        said = _("%(count)s actions are at work in this folder. Wait until one has ended.")
        raise NotifyError("conflict", said % {"count": MOST_OPEN})


def cancel_mass_action(sender: Sender, action: MassAction) -> None:
    """Stop it where it is; what was done stays done."""

    def work(change: Change, row: MassAction) -> bool:
        if row.owner_id != sender.user_key:
            require_editor(change.role(sender, row.folder_id))
        who = THE_SITE if sender.is_site else sender.label
        close(change, row, Status.CANCELLED, CANCELLED_BY.format(who))
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
