"""What can be done with items: whom it asks, which items can be taken, and how it is done to them.

``item_actions`` does it at once, to what is named one by one. What somebody has selected in a folder, and may be very
much, goes through ``mass_requests``, which does it at once too or has it done in pieces (``mass_work``). Either way
what is not there any more, or may not be taken, does not keep the rest: it is refused by itself, with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.utils.translation import gettext

from gallery.access import NOT_FOUND, Sender, may_edit, require_editor
from gallery.contract import limits
from gallery.contract.errors import NotifyError
from gallery.models import Item, ItemTag
from gallery.services.change import Change
from gallery.services.copies import Prepared, add_copies
from gallery.services.edits import put_changes
from gallery.services.locks import require_unlocked
from gallery.services.places import move_items
from gallery.services.trash import purge_items, restore_items, trash_items

Arguments = dict[str, Any]  # folderId: where they go · tag · at: the moment with which they are thrown away, ISO 8601


class Refusal(NamedTuple):
    """One that was not done; its name is its id for those who may not see what it is called."""

    item_id: str
    name: str
    error: NotifyError


@dataclass
class Outcome:
    """The ids of what was done (of copies: the new ones), and what was not."""

    done: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    arrived_at: int | None = None  # the revision of the folder where they went, with which they came into it


@dataclass
class Deed:
    """What one sender does to some items in one transaction."""

    change: Change
    sender: Sender
    said: Arguments
    prepared: Prepared
    outcome: Outcome = field(default_factory=Outcome)

    def refuse(self, item_id: str, error: NotifyError) -> None:
        self.outcome.refused.append(Refusal(item_id, self._name_of(item_id), error))

    def _name_of(self, item_id: str) -> str:
        item = self.change.items.get(item_id)
        role = None if item is None else self.change.role(self.sender, item.folder_id)
        return item.name if may_edit(role) or (role is not None and not item.is_trashed) else item_id


@dataclass(frozen=True)
class Verb:
    """``pick`` finds an item or raises why it cannot be taken; ``apply`` does it to all that were, and may still
    refuse some; it returns the ids of what came of it where those are others. ``changes_source``: whether one must be
    an editor of the folder where they are, and not only of the one where they go.
    """

    pick: Callable[[Change, Sender, str], Item]
    apply: Callable[[Deed, list[Item]], list[str] | None]
    changes_source: bool = True


def _take(change: Change, sender: Sender, item_id: str, *, in_trash: bool | None = False) -> Item:
    """An item that may be put elsewhere, thrown away or brought back; ``in_trash`` None: wherever it is."""
    item = change.items.get(item_id)
    if item is None or in_trash not in (None, item.is_trashed):
        raise NotifyError("not_found", NOT_FOUND["item"])
    require_editor(change.role(sender, item.folder_id), "item")
    require_unlocked(change, sender, item)
    return item


def _see(change: Change, sender: Sender, item_id: str) -> Item:
    item = change.items.get(item_id)
    if item is None or item.is_trashed or change.role(sender, item.folder_id) is None:
        raise NotifyError("not_found", NOT_FOUND["item"])
    return item


def _edit(change: Change, sender: Sender, item_id: str) -> Item:
    return change.item(sender, item_id)


def _delete(deed: Deed, items: list[Item]) -> None:
    at = deed.said.get("at")
    trash_items(deed.change, deed.sender, items, at and datetime.fromisoformat(at))


def _copy(deed: Deed, items: list[Item]) -> list[str]:
    for item in items:
        if error := deed.prepared.why_not(item.id):
            deed.refuse(item.id, error)
    copies = deed.prepared.take(items)
    return [item.id for item in add_copies(deed.change, deed.sender, copies, deed.said["folderId"])]


def _star(deed: Deed, items: list[Item], *, is_starred: bool) -> None:
    for item in items:
        put_changes(deed.change, deed.sender, item, {"is_starred": is_starred})


def _tag(deed: Deed, items: list[Item]) -> None:
    tags = _tags_of(items)
    for item in items:
        if len(wanted := tags[item.id] | {deed.said["tag"]}) > limits.TAGS_PER_ITEM:
            said = gettext("It has %(count)s tags already.") % {"count": limits.TAGS_PER_ITEM}
            deed.refuse(item.id, NotifyError("conflict", said))
        else:
            put_changes(deed.change, deed.sender, item, {}, sorted(wanted))


def _untag(deed: Deed, items: list[Item]) -> None:
    tags = _tags_of(items)
    for item in items:
        put_changes(deed.change, deed.sender, item, {}, sorted(tags[item.id] - {deed.said["tag"]}))


def _tags_of(items: Sequence[Item]) -> dict[str, set[str]]:
    tags: dict[str, set[str]] = {item.id: set() for item in items}
    for item_id, name in ItemTag.objects.filter(item__in=tags).values_list("item", "name"):
        tags[item_id].add(name)
    return tags


VERBS = {
    "delete": Verb(_take, _delete),  # into the trash
    "restore": Verb(partial(_take, in_trash=True), lambda deed, items: restore_items(deed.change, items)),
    "purge": Verb(partial(_take, in_trash=True), lambda deed, items: purge_items(deed.change, items)),  # for good
    "erase": Verb(partial(_take, in_trash=None), lambda deed, items: purge_items(deed.change, items)),  # from anywhere
    "move": Verb(_take, lambda deed, items: move_items(deed.change, items, deed.said["folderId"])),
    "copy": Verb(_see, _copy, changes_source=False),
    "star": Verb(_edit, partial(_star, is_starred=True)),
    "unstar": Verb(_edit, partial(_star, is_starred=False)),
    "tag": Verb(_edit, _tag),
    "untag": Verb(_edit, _untag),
}
CHANGE_SOURCE = [kind for kind, one in VERBS.items() if one.changes_source]


def verb(kind: str) -> Verb:
    """Raises ``invalid`` where there is no such one."""
    if kind not in VERBS:
        raise NotifyError("invalid", gettext("There is no action “%(kind)s”.") % {"kind": kind})
    return VERBS[kind]


def apply_verb(
    change: Change, sender: Sender, kind: str, item_ids: Sequence[str], said: Arguments, prepared: Prepared
) -> Outcome:
    """Do it to these items, within a transaction that has them at hand, as ``files_at_hand`` has their files."""
    if "folderId" in said:
        require_editor(change.role(sender, said["folderId"]))
    known, deed, taken = verb(kind), Deed(change, sender, said, prepared), []
    for item_id in item_ids:
        try:
            taken.append(known.pick(change, sender, item_id))
        except NotifyError as error:
            deed.refuse(item_id, error)
    made = known.apply(deed, taken) if taken else []
    refused = {one.item_id for one in deed.outcome.refused}
    deed.outcome.done = [item.id for item in taken if item.id not in refused] if made is None else made
    if "folderId" in said:
        deed.outcome.arrived_at = change.revision_since(0, said["folderId"])
    return deed.outcome
