"""What is new in a folder since a revision: always current state, each changed thing once."""

from __future__ import annotations

from dataclasses import dataclass, field

from gallery import dom_ids
from gallery.live.placeholders import free_placeholders, shows_placeholders, slots_shown, used_slots
from gallery.models import Batch, BatchSlot, Folder, Item, MassAction, Tombstone
from gallery.models.batch import Placeholder

MOST_CARDS = 200  # more changed cards than this, and the page loads itself again


@dataclass
class Changes:
    """What a viewer who stands at some revision has to be sent to stand at ``revision``."""

    revision: int
    must_reset: bool = False
    removed: dict[str, int] = field(default_factory=dict)  # DOM id → the revision at which it went
    batches: list[Batch] = field(default_factory=list)
    mass_actions: list[MassAction] = field(default_factory=list)
    placeholders: list[Placeholder] = field(default_factory=list)
    cards: list[Item] = field(default_factory=list)
    progress: list[Item] = field(default_factory=list)
    locks: list[Item] = field(default_factory=list)


def changes_since(folder_id: str, since: int | None) -> Changes | None:
    """The changes of the folder after ``since`` (None: a revision that cannot be read); None where the folder is gone.

    The revision is read first and the rows after it, outside a transaction: what is newer is merely sent again.
    """
    folder = Folder.objects.filter(id=folder_id).values_list("revision", "memory_floor").first()
    if folder is None:
        return None
    revision, memory_floor = folder
    if since is None or not memory_floor <= since <= revision:
        return Changes(revision, must_reset=True)
    changes = Changes(revision)
    if since < revision:
        _collect(changes, folder_id, since)
    return changes


def _collect(changes: Changes, folder_id: str, since: int) -> None:
    items = list(
        Item.objects.living()
        .filter(folder=folder_id, revision__gt=since)
        .select_related("lease", "batch")
        .defer("metadata", "edited_fields")
        .order_by("-order_key")[: MOST_CARDS + 1]
    )
    tombstones = list(
        Tombstone.objects.filter(folder=folder_id, revision__gt=since).values_list("item_id", "revision")[
            : MOST_CARDS + 1
        ]
    )
    if len(items) + len(tombstones) > MOST_CARDS:
        changes.must_reset = True
        return
    for item in items:
        if item.card_revision > since:
            changes.cards.append(item)
            continue
        if item.progress_revision > since and item.is_pending:
            changes.progress.append(item)
        if item.lock_revision > since:
            changes.locks.append(item)
    present = {item.id for item in items}
    changes.removed = {dom_ids.item(item_id): at for item_id, at in tombstones if item_id not in present}
    _collect_batches(changes, folder_id, since)
    _collect_mass_actions(changes, folder_id, since)


def _collect_batches(changes: Changes, folder_id: str, since: int) -> None:
    batches = list(Batch.objects.filter(folder=folder_id, revision__gt=since).order_by("started_at", "id"))
    replaced = {item.placeholder_id for item in changes.cards}
    for batch in batches:
        if batch.folded:
            changes.removed[dom_ids.batch(batch.id)] = batch.revision
        else:
            changes.batches.append(batch)
    turned = [batch for batch in batches if batch.placeholders_revision > since]
    changes.placeholders = free_placeholders(turned)
    for batch in turned:
        if not shows_placeholders(batch):
            for index in slots_shown(batch):
                _remove_placeholder(changes, batch.id, index, batch.placeholders_revision, replaced)
    _collect_slots(changes, folder_id, since, {batch.id for batch in turned}, replaced)


def _collect_slots(changes: Changes, folder_id: str, since: int, turned: set[str], replaced: set[str]) -> None:
    """Placeholders that spoke, and those whose item has left the folder."""
    slots = [
        slot
        for slot in BatchSlot.objects.filter(folder=folder_id, revision__gt=since).select_related("batch")
        if slot.index in slots_shown(slot.batch)
    ]
    used = used_slots({slot.batch.id: slot.batch for slot in slots}.values()) if slots else {}
    for slot in slots:
        if slot.used:
            _remove_placeholder(changes, slot.batch_id, slot.index, slot.revision, replaced)
        elif slot.batch_id not in turned and shows_placeholders(slot.batch) and slot.index not in used[slot.batch_id]:
            changes.placeholders.append(Placeholder(slot.batch, slot.index, slot))


def _collect_mass_actions(changes: Changes, folder_id: str, since: int) -> None:
    for action in MassAction.objects.filter(folder=folder_id, revision__gt=since).defer("item_ids", "view"):
        if action.folded:
            changes.removed[dom_ids.mass_action(action.id)] = action.revision
        else:
            changes.mass_actions.append(action)


def _remove_placeholder(changes: Changes, batch_id: str, index: int, revision: int, replaced: set[str]) -> None:
    dom_id = dom_ids.placeholder(batch_id, index)
    if dom_id not in replaced:  # its card is in this very frame, and takes its place
        changes.removed[dom_id] = revision
