"""Which place of a batch an item takes. A slot is used up for good, also when its item goes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from gallery.contract.errors import FieldError, NotifyError
from gallery.models import Batch, BatchSlot, Item
from gallery.services.change import Change


class FreeSlots:
    """The free slots of one batch, as one transaction sees and uses them."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.taken_here: set[int] = set()
        self._taken_before: Iterator[int] | None = None
        self._next_taken: int | None = None

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

    def _was_taken(self, slot: int) -> bool:
        if self._taken_before is None:
            self._taken_before = _used_from(self.batch, slot)
            self._next_taken = next(self._taken_before, None)
        while self._next_taken is not None and self._next_taken < slot:
            self._next_taken = next(self._taken_before, None)
        return self._next_taken == slot


def free_slots(change: Change, batch: Batch) -> FreeSlots:
    """This transaction's view of the batch's slots."""
    return change.free_slots.setdefault(batch.id, FreeSlots(batch))


def require_index(batch: Batch, index: int) -> None:
    """Refuse an index that the batch does not have."""
    if index >= batch.total:
        message = f"must be below the batch's total, {batch.total}"
        raise NotifyError("invalid", f"payload.index {message}.", [FieldError("payload.index", message)])


def is_used(batch: Batch, index: int) -> bool:
    """Whether an item has, or had, this slot."""
    return (
        Item.objects.filter(batch=batch, slot=index).exists()
        or BatchSlot.objects.filter(batch=batch, index=index, used=True).exists()
    )


def _used_from(batch: Batch, slot: int) -> Iterator[int]:
    """The used slots from this one on, in order, read only as far as somebody asks."""
    items = Item.objects.filter(batch=batch, slot__gte=slot).order_by("slot").values_list("slot", flat=True)
    buried = (
        BatchSlot.objects.filter(batch=batch, index__gte=slot, used=True)
        .order_by("index")
        .values_list("index", flat=True)
    )
    gone = set(buried[:1000])
    return iter(sorted(gone.union(chain(items[:1000])))) if gone else iter(items[:1000].iterator(chunk_size=100))


def bury_slot(change: Change, item: Item) -> None:
    """Keep the slot of an item that leaves its batch's folder used, and let the pages drop its placeholder."""
    if item.batch is None or item.slot is None:
        return
    slot = BatchSlot.objects.filter(batch=item.batch, index=item.slot).first()
    revision = change.stamp(item.batch.folder_id)
    if slot is None:
        change.add(
            BatchSlot(
                batch=item.batch,
                folder_id=item.batch.folder_id,
                index=item.slot,
                used=True,
                item_id=item.id,
                revision=revision,
            )
        )
    else:
        slot.used, slot.item_id, slot.revision = True, item.id, revision
        change.touch(slot, "used", "item_id", "revision")
