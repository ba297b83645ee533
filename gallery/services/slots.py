"""Which place of a batch an item takes. A slot is used up for good, also when its item goes."""

from __future__ import annotations

from collections.abc import Iterable

from gallery.contract.errors import FieldError, NotifyError
from gallery.models import Batch, BatchSlot, Item
from gallery.services.change import Change

WINDOW = 500  # slots read at once


class FreeSlots:
    """The free slots of one batch, as one transaction sees and uses them."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.taken_here: set[int] = set()
        self._window = range(0)  # the slots of which is known …
        self._taken_before: set[int] = set()  # … which of them are used
        self._with_preview: dict[int, BatchSlot] | None = None

    def take_lowest(self) -> int:
        """The lowest free slot; past ``total`` they go on (more items than total are kept)."""
        slot = self.batch.next_slot
        while slot in self.taken_here or self._was_taken(slot):
            slot += 1
        self.taken_here.add(slot)
        self.batch.next_slot = slot + 1
        return slot

    def take(self, index: int) -> int:
        """That very slot; raises ``conflict`` where it is taken, ``invalid`` where the batch has none such."""
        require_index(self.batch, index)
        if index in self.taken_here or is_used(self.batch, index):
            raise NotifyError(
                "conflict", f"Slot {index} of this batch is taken.", [FieldError("payload.index", "is taken")]
            )
        self.taken_here.add(index)
        return index

    def hand_over_preview(self, change: Change, index: int) -> str:
        """The file of what the placeholder has shown so far: from now on it is the item's; '' where there is none."""
        if self._with_preview is None:
            rows = BatchSlot.objects.filter(batch=self.batch).exclude(preview_file="")
            self._with_preview = {row.index: change.know_slot(row) for row in rows}
        row = self._with_preview.pop(index, None)
        if row is None:
            return ""
        path, row.preview_file = row.preview_file, ""
        change.touch(row, "preview_file")
        return path

    def _was_taken(self, slot: int) -> bool:
        if slot not in self._window:
            self._window = range(slot, slot + WINDOW)
            self._taken_before = _used_among(self.batch, self._window)
        return slot in self._taken_before


def free_slots(change: Change, batch: Batch) -> FreeSlots:
    """This transaction's view of the batch's slots."""
    return change.free_slots.setdefault(batch.id, FreeSlots(batch))


def slot_taken(index: int) -> NotifyError:
    """Why an index cannot be had."""
    return NotifyError("conflict", f"Slot {index} of this batch is taken.", [FieldError("payload.index", "is taken")])


def require_index(batch: Batch, index: int) -> None:
    """Refuse an index that the batch does not have."""
    if index >= batch.total:
        message = f"must be below the batch's total, {batch.total}"
        raise NotifyError("invalid", f"payload.index {message}.", [FieldError("payload.index", message)])


def is_used(batch: Batch, index: int) -> bool:
    """Whether an item has, or had, this slot."""
    return (
        Item.objects.with_trash().filter(batch=batch, slot=index).exists()
        or BatchSlot.objects.filter(batch=batch, index=index, used=True).exists()
    )


def _used_among(batch: Batch, slots: range) -> set[int]:
    bounds = (slots.start, slots.stop - 1)
    items = Item.objects.with_trash().filter(batch=batch, slot__range=bounds).values_list("slot", flat=True)
    buried = BatchSlot.objects.filter(batch=batch, index__range=bounds, used=True).values_list("index", flat=True)
    return {*items, *buried}


def stands_with_batch(item: Item) -> bool:
    """Whether it has a slot among the placeholders of the folder in which it is."""
    return item.batch is not None and item.slot is not None and item.folder_id == item.batch.folder_id


def bury_slots(change: Change, items: Iterable[Item]) -> None:
    """Keep the slots of items that leave their batches' folders used, and let the pages drop their placeholders."""
    leaving = [item for item in items if item.batch is not None and item.slot is not None]
    unknown = [item for item in leaving if (item.batch_id, item.slot) not in change.slots]
    rows = BatchSlot.objects.filter(
        batch__in={item.batch_id for item in unknown}, index__in={item.slot for item in unknown}
    )
    for row in rows if unknown else ():
        change.know_slot(row)
    for item in leaving:
        slot = change.slots.get((item.batch_id, item.slot))
        if slot is None:
            slot = change.know_slot(BatchSlot(batch=item.batch, folder_id=item.batch.folder_id, index=item.slot))
            change.add(slot)
        slot.used, slot.item_id, slot.revision = True, item.id, change.stamp(item.batch.folder_id)
        change.touch(slot, "used", "item_id", "revision")
