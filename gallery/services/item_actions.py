"""Actions on items that are named one by one: done at once, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext

from gallery.access import Sender
from gallery.contract import limits
from gallery.contract.errors import FieldError, NotifyError
from gallery.contract.rules import read_item_id
from gallery.services.change import Change
from gallery.services.copies import files_at_hand
from gallery.services.needs import Needs
from gallery.services.revisions import transact
from gallery.services.verbs import Outcome, apply_verb


def do_to_items(sender: Sender, kind: str, item_ids: Sequence[str], **said: Any) -> Outcome:
    """Do it at once, to 1,000 at most. Where nothing is left to be done, the first reason is raised."""
    wanted = _read_ids(item_ids)
    needs = Needs(item_ids=set(wanted), folder_ids={said["folderId"]} if "folderId" in said else set())

    def work(change: Change) -> Outcome:
        outcome = apply_verb(change, sender, kind, wanted, said, prepared)
        if not outcome.done:
            raise outcome.refused[0].error
        return outcome

    with files_at_hand(sender, kind, wanted, said) as prepared:
        return transact(needs, work)


def _read_ids(item_ids: Sequence[str]) -> list[str]:
    """Each once, in the order in which they were named."""
    if len(item_ids) > limits.ITEMS_PER_CALL:
        most = number_format(limits.ITEMS_PER_CALL, force_grouping=True)
        raise NotifyError("too_large", gettext("At most %(count)s items at once.") % {"count": most})
    if not item_ids:
        raise NotifyError("invalid", "itemIds names no item.", [FieldError("itemIds", "names no item")])
    try:
        return list(dict.fromkeys(read_item_id(item_id) for item_id in item_ids))
    except ValueError as error:
        raise NotifyError("invalid", f"itemIds: one {error}.", [FieldError("itemIds", f"one {error}")]) from None
