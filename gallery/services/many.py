"""What people and workers do with several items in one transaction: move, copy, throw away, bring back, delete.

What is not there any more, or may not be taken, does not keep the rest: it is refused by itself, with its reason.
Only where nothing is left to be done, the first reason is the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gallery.access import NOT_FOUND, Sender, require_editor
from gallery.contract import limits
from gallery.contract.errors import FieldError, NotifyError
from gallery.contract.rules import read_item_id
from gallery.models import Item
from gallery.services.change import Change
from gallery.services.copies import add_copies, prepare_copies
from gallery.services.locks import require_unlocked
from gallery.services.needs import Needs
from gallery.services.places import move_items, require_target
from gallery.services.revisions import transact
from gallery.services.stored_files import discarded_on_failure
from gallery.services.trash import purge_items, restore_items, trash_items


@dataclass
class Outcome:
    """The ids of what was done (of copies: the new ones), and why the others were not."""

    done: list[str] = field(default_factory=list)
    refused: list[tuple[str, NotifyError]] = field(default_factory=list)


def move_many(sender: Sender, item_ids: Sequence[str], folder_id: str) -> Outcome:
    """Move these to another folder: one has to be an editor of both."""

    def work(change: Change, items: list[Item]) -> None:
        move_items(change, items, folder_id)

    def check(change: Change) -> None:
        require_target(change, sender, folder_id)

    return _each(sender, item_ids, work, check=check, folder_ids={folder_id})


def throw_away_many(sender: Sender, item_ids: Sequence[str], at: datetime | None = None) -> Outcome:
    """Put these into the trash, all with the moment ``at``, by which they can be brought back together."""
    return _each(sender, item_ids, lambda change, items: trash_items(change, sender, items, at))


def throw_away(sender: Sender, item_id: str) -> None:
    """Put one item into the trash."""
    throw_away_many(sender, [item_id])


def bring_back(sender: Sender, item_id: str) -> None:
    """Take one item out of the trash; raises ``not_found`` where it is not there (any more)."""
    bring_back_many(sender, [item_id])


def bring_back_many(sender: Sender, item_ids: Sequence[str]) -> Outcome:
    """Take these out of the trash."""
    return _each(sender, item_ids, restore_items, in_trash=True)


def delete_many(sender: Sender, item_ids: Sequence[str]) -> Outcome:
    """Delete these for good, wherever they are."""
    return _each(sender, item_ids, purge_items, in_trash=None)


def copy_many(sender: Sender, item_ids: Sequence[str], folder_id: str) -> Outcome:
    """Copy what one may see into a folder that one may change; the copies stand there as new, in the same order."""
    outcome = Outcome()
    wanted = _ids(item_ids)
    with discarded_on_failure() as discarded:
        copies = prepare_copies(sender, wanted, outcome.refused)
        discarded += [path for copy in copies for path in copy.files.values()]

        def work(change: Change) -> None:
            require_target(change, sender, folder_id)
            _require_some(copies, outcome)
            outcome.done = [item.id for item in add_copies(change, sender, copies, folder_id)]

        transact(Needs(folder_ids={folder_id}), work)
    return outcome


def _each(
    sender: Sender,
    item_ids: Sequence[str],
    work: Callable[[Change, list[Item]], None],
    *,
    check: Callable[[Change], None] = lambda change: None,
    folder_ids: set[str] = frozenset(),  # type: ignore[assignment]
    in_trash: bool | None = False,
) -> Outcome:
    wanted = _ids(item_ids)

    def carry_out(change: Change) -> Outcome:
        check(change)
        outcome, taken = Outcome(), []
        for item_id in wanted:
            try:
                taken.append(take(change, sender, item_id, in_trash=in_trash))
            except NotifyError as error:
                outcome.refused.append((item_id, error))
        _require_some(taken, outcome)
        outcome.done = [item.id for item in taken]
        work(change, taken)
        return outcome

    return transact(Needs(item_ids=set(wanted), folder_ids=set(folder_ids)), carry_out)


def take(change: Change, sender: Sender, item_id: str, *, in_trash: bool | None = False) -> Item:
    """An item that may be put elsewhere, thrown away or brought back; ``in_trash`` None: wherever it is."""
    item = change.items.get(item_id)
    if item is None or in_trash not in (None, item.is_trashed):
        raise NotifyError("not_found", NOT_FOUND["item"])
    require_editor(change.role(sender, item.folder_id), "item")
    require_unlocked(change, sender, item)
    return item


def _ids(item_ids: Sequence[str]) -> list[str]:
    """Each once, in the order in which they were named."""
    if len(item_ids) > limits.ITEMS_PER_CALL:
        raise NotifyError("too_large", f"At most {limits.ITEMS_PER_CALL:,} items at once.")
    if not item_ids:
        raise NotifyError("invalid", "itemIds names no item.", [FieldError("itemIds", "names no item")])
    try:
        return list(dict.fromkeys(read_item_id(item_id) for item_id in item_ids))
    except ValueError as error:
        raise NotifyError("invalid", f"itemIds: one {error}.", [FieldError("itemIds", f"one {error}")]) from None


def _require_some(taken: Sequence[object], outcome: Outcome) -> None:
    if not taken:
        raise outcome.refused[0][1]
