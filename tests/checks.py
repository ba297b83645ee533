"""What must hold in the database whatever has happened."""

from __future__ import annotations

from gallery.models import Batch, BatchSlot, Folder, Item, Tombstone


def check_counters() -> None:
    """Each batch's counters, and each folder's, are what a recount says; only the folder's know the trash."""
    for folder in Folder.objects.all():
        assert folder.item_count == Item.objects.living().filter(folder=folder).count(), folder.id
    for batch in Batch.objects.all():
        statuses = list(Item.objects.filter(batch=batch).values_list("status", flat=True))
        counted = (len(statuses), statuses.count("complete"), statuses.count("error"))
        assert (batch.item_count, batch.done_count, batch.failed_count) == counted, batch.id


def check_revisions() -> None:
    """No row is newer than its folder, an item's revision is the newest of its parts, and none has gone twice."""
    newest = dict(Folder.objects.values_list("id", "revision"))
    for item in Item.objects.all():
        parts = (item.card_revision, item.progress_revision, item.lock_revision)
        assert item.revision == max(parts) <= newest[item.folder_id], item.id
        assert item.created_revision <= item.card_revision, item.id
        assert item.is_pending == (item.status == "processing"), item.id
        has_tombstone = Tombstone.objects.filter(folder=item.folder_id, item_id=item.id).exists()
        assert not has_tombstone or item.is_trashed, item.id
    for model in (Batch, BatchSlot, Tombstone):
        for row in model.objects.all():
            assert 0 < row.revision <= newest[row.folder_id], row


def check_slots() -> None:
    """No slot has two owners, and below ``next_slot`` none is free."""
    for batch in Batch.objects.all():
        slots = list(Item.objects.filter(batch=batch, slot__isnull=False).values_list("slot", flat=True))
        buried = list(BatchSlot.objects.filter(batch=batch, used=True).values_list("index", flat=True))
        assert len({*slots, *buried}) >= len(slots), batch.id
        assert set(range(batch.next_slot)) <= {*slots, *buried}, batch.id


def check_all() -> None:
    check_counters()
    check_revisions()
    check_slots()
