"""What can be done with many items at once: whom it asks, and how it is done to those that may be taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gallery.access import NOT_FOUND, Sender, require_editor
from gallery.contract.errors import NotifyError
from gallery.models import Item
from gallery.services.change import Change
from gallery.services.locks import require_unlocked
from gallery.services.trash import restore_items, trash_items

Arguments = dict[str, Any]


@dataclass(frozen=True)
class Verb:
    """One of them. ``pick`` finds an item or raises why it cannot be taken; ``apply`` does it to all that were."""

    pick: Callable[[Change, Sender, str], Item]
    apply: Callable[[Change, Sender, Sequence[Item], Arguments], None]


def _unlocked(change: Change, sender: Sender, item_id: str) -> Item:
    item = change.item(sender, item_id)
    require_unlocked(change, sender, item)
    return item


def _trashed(change: Change, sender: Sender, item_id: str) -> Item:
    item = change.items.get(item_id)
    if item is None or not item.is_trashed:
        raise NotifyError("not_found", NOT_FOUND["item"])
    require_editor(change.role(sender, item.folder_id), "item")
    return item


VERBS = {
    "delete": Verb(_unlocked, lambda change, sender, items, _: trash_items(change, sender, items)),
    "restore": Verb(_trashed, lambda change, sender, items, _: restore_items(change, items)),
}


def verb(kind: str) -> Verb:
    """Raises ``invalid`` where there is no such one."""
    if kind not in VERBS:
        raise NotifyError("invalid", f"There is no action “{kind}”.")
    return VERBS[kind]


@dataclass
class Outcome:
    """What became of some items: how many were done, and each of the others with its reason."""

    done: int
    failures: list[tuple[str, NotifyError]]  # (name or id, why not)


def apply_verb(change: Change, sender: Sender, kind: str, item_ids: Sequence[str], arguments: Arguments) -> Outcome:
    """Do it to these items; one that cannot be taken does not keep the others."""
    known, taken, failures = verb(kind), [], []
    for item_id in item_ids:
        name = item.name if (item := change.items.get(item_id)) else item_id
        try:
            taken.append(known.pick(change, sender, item_id))
        except NotifyError as error:
            failures.append((name, error))
    if taken:
        known.apply(change, sender, taken, arguments)
    return Outcome(len(taken), failures)
