"""A person asks for an action on a selection. It is done at once or, where it is much, kept to be done in pieces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from gallery.access import Sender
from gallery.contract.errors import NotifyError
from gallery.models import Folder, Item, MassAction
from gallery.services.change import Change
from gallery.services.copies import files_at_hand
from gallery.services.mass_actions import folders_of, keep_action, require_rights
from gallery.services.needs import Needs
from gallery.services.revisions import transact
from gallery.services.verbs import CHANGE_SOURCE, Arguments, Outcome, apply_verb, verb

MOST_IN_REQUEST = 200  # items that are done before the request is answered
MOST_LISTED = 20_000  # ids; whoever means more selects a view
MOST_OPEN = 5  # that change one folder; and of one person's copies

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
    with files_at_hand(sender, kind, item_ids, arguments) as prepared:
        return transact(needs, lambda change: apply_verb(change, sender, kind, item_ids, arguments, prepared))


def _ask(
    sender: Sender, folder: Folder, kind: str, arguments: Arguments, selection: Selection, total: int
) -> MassAction:
    # Who may only look at a folder writes nothing on the page of everybody who sees it.
    shown_in = folder.id if verb(kind).changes_source else arguments["folderId"]

    def work(change: Change) -> MassAction:
        require_rights(change, sender, folder.id, kind, arguments)
        require_turn(sender, folder, kind)
        return keep_action(
            sender,
            kind,
            arguments,
            total=total,
            now=change.now,
            folder_id=shown_in,
            source_id=None if shown_in == folder.id else folder.id,
            item_ids=selection.item_ids,
            view=selection.view,
            revision=change.stamp(shown_in),
        )

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
