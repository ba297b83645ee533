"""The free slots of running batches, as the page and the stream show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from gallery.contract.limits import PLACEHOLDER_SLOTS
from gallery.models import Batch, BatchSlot, Item
from gallery.models.batch import Placeholder


def shows_placeholders(batch: Batch) -> bool:
    """Whether the page has placeholders of this batch at all."""
    return batch.is_running and not batch.folded


def slots_shown(batch: Batch) -> range:
    """The slots that may have a placeholder; the strip says how many more there are."""
    return range(min(batch.total, PLACEHOLDER_SLOTS) if batch.makes_items else 0)


def used_slots(batches: Iterable[Batch]) -> dict[str, set[int]]:
    """The slots below the limit that an item has or had, by batch."""
    ids = [batch.id for batch in batches]
    used: dict[str, set[int]] = defaultdict(set)
    if ids:
        of_items = Item.objects.with_trash().filter(batch__in=ids, slot__lt=PLACEHOLDER_SLOTS)
        of_the_gone = BatchSlot.objects.filter(batch__in=ids, index__lt=PLACEHOLDER_SLOTS, used=True)
        gone = of_the_gone.values_list("batch_id", "index")
        for batch_id, slot in [*of_items.values_list("batch_id", "slot"), *gone]:
            used[batch_id].add(slot)
    return used


def free_placeholders(batches: Iterable[Batch]) -> list[Placeholder]:
    """All placeholders of these batches, in no order."""
    batches = [batch for batch in batches if shows_placeholders(batch)]
    used = used_slots(batches)
    spoken = {
        (slot.batch_id, slot.index): slot
        for slot in BatchSlot.objects.filter(batch__in=[batch.id for batch in batches], used=False)
    }
    return _free(batches, used, spoken)


def free_among(batches: Iterable[Batch], items: Iterable[Item]) -> list[Placeholder]:
    """The same where all living items are known that stand among them."""
    used: dict[str, set[int]] = defaultdict(set)
    for item in items:
        if item.batch_id and item.slot is not None:
            used[item.batch_id].add(item.slot)
    batches = [batch for batch in batches if shows_placeholders(batch) and not used[batch.id] >= {*slots_shown(batch)}]
    # Others of theirs stand elsewhere, or lie in the trash, where they keep their slots.
    if more := [batch.id for batch in batches if batch.item_count != len(used[batch.id])]:
        others = Item.objects.with_trash().filter(batch__in=more, slot__lt=PLACEHOLDER_SLOTS)
        for batch_id, slot in others.values_list("batch_id", "slot"):
            used[batch_id].add(slot)
    spoken: dict[tuple[str, int], BatchSlot] = {}
    if ids := [batch.id for batch in batches]:
        for slot in BatchSlot.objects.filter(batch__in=ids, index__lt=PLACEHOLDER_SLOTS):
            if slot.used:
                used[slot.batch_id].add(slot.index)
            else:
                spoken[slot.batch_id, slot.index] = slot
    return _free(batches, used, spoken)


def _free(
    batches: Iterable[Batch], used: dict[str, set[int]], spoken: dict[tuple[str, int], BatchSlot]
) -> list[Placeholder]:
    return [
        Placeholder(batch, index, spoken.get((batch.id, index)))
        for batch in batches
        for index in slots_shown(batch)
        if index not in used[batch.id]
    ]
