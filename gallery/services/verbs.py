"""What can be done with many items at once: whom it asks, and how it is done to those that may be taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gallery.access import NOT_FOUND, Sender, may_edit
from gallery.contract import limits
from gallery.contract.errors import NotifyError
from gallery.models import Item, ItemTag
from gallery.services.change import Change
from gallery.services.copies import add_copies, prepare_copies
from gallery.services.edits import put_changes
from gallery.services.many import take
from gallery.services.places import move_items, require_target
from gallery.services.trash import restore_items, trash_items

Arguments = dict[str, Any]


Refused = list[tuple[str, NotifyError]]  # (name or id, why not)


@dataclass(frozen=True)
class Verb:
    """One of them. ``pick`` finds an item or raises why it cannot be taken; ``apply`` does it to all that were.

    ``apply`` may still refuse some and returns those. ``changes_source``: whether one must be an editor of the folder
    where they are, and not only of the one where they go.
    """

    pick: Callable[[Change, Sender, str], Item]
    apply: Callable[[Change, Sender, Sequence[Item], Arguments], Refused | None]
    changes_source: bool = True


def _seen(change: Change, sender: Sender, item_id: str) -> Item:
    item = change.items.get(item_id)
    if item is None or item.is_trashed or change.role(sender, item.folder_id) is None:
        raise NotifyError("not_found", NOT_FOUND["item"])
    return item


def _trashed(change: Change, sender: Sender, item_id: str) -> Item:
    return take(change, sender, item_id, in_trash=True)


def _delete(change: Change, sender: Sender, items: Sequence[Item], said: Arguments) -> None:
    trash_items(change, sender, items, datetime.fromisoformat(said["at"]) if "at" in said else None)


def _move(change: Change, sender: Sender, items: Sequence[Item], said: Arguments) -> None:
    require_target(change, sender, said["folderId"])
    move_items(change, items, said["folderId"])


def _copy(change: Change, sender: Sender, items: Sequence[Item], said: Arguments) -> Refused:
    require_target(change, sender, said["folderId"])
    refused: Refused = []
    copies = prepare_copies(sender, [item.id for item in items], refused)
    change.new_files += [path for copy in copies for path in copy.files.values()]
    add_copies(change, sender, copies, said["folderId"])
    names = {item.id: item.name for item in items}
    return [(names[item_id], error) for item_id, error in refused]


def _star(change: Change, sender: Sender, items: Sequence[Item], said: Arguments) -> None:
    for item in items:
        put_changes(change, sender, item, {"is_starred": True})


def _unstar(change: Change, sender: Sender, items: Sequence[Item], said: Arguments) -> None:
    for item in items:
        put_changes(change, sender, item, {"is_starred": False})


def _tag(change: Change, sender: Sender, items: Sequence[Item], said: Arguments) -> Refused:
    refused: Refused = []
    tags = _tags_of(items)
    for item in items:
        if len(tags[item.id] | {said["tag"]}) > limits.TAGS_PER_ITEM:
            refused.append((item.name, NotifyError("conflict", f"It has {limits.TAGS_PER_ITEM} tags already.")))
        else:
            put_changes(change, sender, item, {}, sorted(tags[item.id] | {said["tag"]}))
    return refused


def _untag(change: Change, sender: Sender, items: Sequence[Item], said: Arguments) -> None:
    tags = _tags_of(items)
    for item in items:
        put_changes(change, sender, item, {}, sorted(tags[item.id] - {said["tag"]}))


def _tags_of(items: Sequence[Item]) -> dict[str, set[str]]:
    tags: dict[str, set[str]] = {item.id: set() for item in items}
    for item_id, name in ItemTag.objects.filter(item__in=tags).values_list("item", "name"):
        tags[item_id].add(name)
    return tags


def _editable(change: Change, sender: Sender, item_id: str) -> Item:
    return change.item(sender, item_id)


VERBS = {
    "delete": Verb(take, _delete),
    "restore": Verb(_trashed, lambda change, sender, items, _: restore_items(change, items)),
    "move": Verb(take, _move),
    "copy": Verb(_seen, _copy, changes_source=False),
    "star": Verb(_editable, _star),
    "unstar": Verb(_editable, _unstar),
    "tag": Verb(_editable, _tag),
    "untag": Verb(_editable, _untag),
}
CHANGE_SOURCE = [kind for kind, one in VERBS.items() if one.changes_source]


def verb(kind: str) -> Verb:
    """Raises ``invalid`` where there is no such one."""
    if kind not in VERBS:
        raise NotifyError("invalid", f"There is no action “{kind}”.")
    return VERBS[kind]


@dataclass
class Outcome:
    """What became of some items: how many were done, and each of the others with its reason."""

    done: int
    failures: Refused


def _name_of(change: Change, sender: Sender, item_id: str) -> str:
    """Its id where the sender may not see it: also a refusal must not tell what it is called."""
    item = change.items.get(item_id)
    role = None if item is None else change.role(sender, item.folder_id)
    return item.name if may_edit(role) or (role is not None and not item.is_trashed) else item_id


def apply_verb(change: Change, sender: Sender, kind: str, item_ids: Sequence[str], arguments: Arguments) -> Outcome:
    """Do it to these items; one that cannot be taken does not keep the others."""
    known, taken = verb(kind), []
    failures: Refused = []
    for item_id in item_ids:
        try:
            taken.append(known.pick(change, sender, item_id))
        except NotifyError as error:
            failures.append((_name_of(change, sender, item_id), error))
    refused = (known.apply(change, sender, taken, arguments) if taken else None) or []
    return Outcome(len(taken) - len(refused), failures + refused)
