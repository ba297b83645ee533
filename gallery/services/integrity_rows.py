"""The checks of rows: revisions, counters, slots, tombstones and leases fit together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from gallery.models import Batch, BatchSlot, Command, Folder, Item, ItemLock, Tombstone
from gallery.services.change import Change
from gallery.services.integrity import BY_HAND, RowCheck
from gallery.services.needs import Needs
from gallery.services.revisions import transact

COUNTERS = {"item_count": None, "done_count": Item.Status.COMPLETE, "failed_count": Item.Status.ERROR}

RELOAD = "Nothing is mended: find out who wrote past the gallery; whoever has the folder open should load it again."
RECOUNT = "--repair counts again, and pages show it."


def _above_folder(*revisions: str) -> Any:
    above = Q()
    for name in revisions:
        above |= Q(**{f"{name}__gt": F("folder__revision")})
    return lambda rows: rows.filter(above)


def _count_items(**which: Any) -> Coalesce:
    items = Item.objects.with_trash().filter(batch=OuterRef("pk"), **which)
    counted = items.order_by().values("batch").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), Value(0), output_field=IntegerField())


def _miscounted(rows: QuerySet[Batch]) -> QuerySet[Batch]:
    rows = rows.filter(makes_items=True)  # the others count what they have done with items of other batches
    wrong = Q()
    for name, status in COUNTERS.items():
        rows = rows.annotate(**{f"real_{name}": _count_items(**({"status": status} if status else {}))})
        wrong |= ~Q(**{name: F(f"real_{name}")})
    return rows.filter(wrong)


def _say_miscounted(batch: Any) -> str:
    kept = (batch.item_count, batch.done_count, batch.failed_count)
    real = (batch.real_item_count, batch.real_done_count, batch.real_failed_count)
    words = "{} items, {} complete and {} failed"
    return f"Batch {batch.id} counts {words.format(*kept)}; there are {words.format(*real)}."


def recount(batch: Batch) -> None:
    """Put a batch's counters right, under its folder's lock; its strip changes on every page."""

    def work(change: Change) -> None:
        row = change.batches.get(batch.id)
        if row is not None and (counted := _miscounted(Batch.objects.filter(id=row.id)).first()) is not None:
            for name in COUNTERS:
                setattr(row, name, getattr(counted, f"real_{name}"))
            change.touch_batch(row, *COUNTERS)

    transact(Needs(batch_ids={batch.id}), work)


def _with_gap(rows: QuerySet[Batch]) -> QuerySet[Batch]:
    """Below ``next_slot`` each slot must belong to an item, or have belonged to one that left."""
    items = Item.objects.with_trash().filter(batch=OuterRef("pk"), slot__lt=OuterRef("next_slot"))
    still_there = Item.objects.with_trash().filter(batch=OuterRef("batch"), slot=OuterRef("index"))
    buried = BatchSlot.objects.filter(~Exists(still_there), batch=OuterRef("pk"), index__lt=OuterRef("next_slot"))
    counts = [
        Coalesce(Subquery(kept.order_by().values("batch").annotate(n=Count("pk")).values("n")), Value(0))
        for kept in (items, buried.filter(used=True))
    ]
    return rows.annotate(taken=counts[0] + counts[1]).exclude(taken=F("next_slot"))


OTHER_ITEM = Item.objects.filter(batch=OuterRef("batch"), slot=OuterRef("index")).exclude(pk=OuterRef("item_id"))
LIVING = Item.objects.living().filter(pk=OuterRef("item_id"), folder=OuterRef("folder"))
PARTS = ("card_revision", "progress_revision", "lock_revision")


def _checks() -> Iterator[tuple[Any, Any, Any, str]]:
    """(model, the rows of it that are wrong, how one is said, what may be done)"""
    yield (
        Folder,
        lambda rows: rows.filter(Q(memory_floor__gt=F("revision")) | Q(revision__lt=0)),
        lambda row: f"Folder {row.id} is at revision {row.revision}, but remembers only from {row.memory_floor} on.",
        RELOAD,
    )
    yield (
        Item,
        _above_folder("revision", *PARTS, "created_revision"),
        lambda row: f"Item {row.id} is stamped {row.revision}, above the revision of its folder {row.folder_id}.",
        RELOAD,
    )
    yield (
        Item,
        lambda rows: rows.exclude(revision=Greatest(*PARTS)),
        lambda row: f"Item {row.id} is stamped {row.revision}, which is not the newest of its parts.",
        RELOAD,
    )
    yield (
        Item,
        lambda rows: rows.filter(Q(created_revision__gt=F("card_revision")) | Q(revision__lte=0)),
        lambda row: f"Item {row.id} came at revision {row.created_revision}, but its card is of {row.card_revision}.",
        RELOAD,
    )
    yield (
        Item,
        lambda rows: rows.exclude(
            Q(is_pending=True, status=Item.Status.PROCESSING) | Q(Q(is_pending=False), ~Q(status="processing"))
        ),
        lambda row: f"Item {row.id} is {row.status}, and {'is' if row.is_pending else 'is not'} marked as pending.",
        BY_HAND,
    )
    yield (
        Batch,
        _above_folder("revision", "placeholders_revision"),
        lambda row: f"Batch {row.id} is stamped {row.revision}, above the revision of its folder {row.folder_id}.",
        RELOAD,
    )
    yield (
        Batch,
        lambda rows: rows.filter(Q(placeholders_revision__gt=F("revision")) | Q(revision__lte=0)),
        lambda row: (
            f"Batch {row.id} is stamped {row.revision}, its placeholders {row.placeholders_revision}: that cannot be."
        ),
        RELOAD,
    )
    yield (
        Batch,
        _with_gap,
        lambda row: f"Batch {row.id} has a slot below {row.next_slot} that no item has or had.",
        BY_HAND,
    )
    yield (
        BatchSlot,
        _above_folder("revision"),
        lambda row: f"Slot {row.index} of batch {row.batch_id} is stamped {row.revision}, above its folder's revision.",
        RELOAD,
    )
    yield (
        BatchSlot,
        lambda rows: rows.exclude(folder=F("batch__folder")),
        lambda row: f"Slot {row.index} of batch {row.batch_id} is in another folder than its batch.",
        BY_HAND,
    )
    yield (
        BatchSlot,
        lambda rows: rows.filter(Exists(OTHER_ITEM), used=True),
        lambda row: f"Slot {row.index} of batch {row.batch_id} belonged to item {row.item_id}, and has another one.",
        BY_HAND,
    )
    yield (
        Tombstone,
        _above_folder("revision"),
        lambda row: f"The tombstone of item {row.item_id} is stamped {row.revision}, above its folder's revision.",
        RELOAD,
    )
    yield (
        Tombstone,
        lambda rows: rows.filter(Exists(LIVING)),
        lambda row: f"Item {row.item_id} is in folder {row.folder_id}, and has a tombstone there.",
        RELOAD,
    )
    yield (
        ItemLock,
        lambda rows: rows.filter(Q(expires_at=None, holder__isnull=False) | Q(fence__lt=0)),
        lambda row: f"The lease of item {row.item_id} has ended, and yet it has a holder.",
        BY_HAND,
    )
    yield (
        Command,
        lambda rows: rows.filter(type=Command.Type.BATCH_CANCEL).exclude(batch__status=Batch.Status.RUNNING),
        lambda row: f"A worker is asked to cancel batch {row.batch_id}, which has ended.",
        BY_HAND,
    )


def row_checks() -> list[RowCheck]:
    """All of them; only counters are mended."""
    checks = [RowCheck(model.objects.all, *rest) for model, *rest in _checks()]
    return [*checks, RowCheck(Batch.objects.all, _miscounted, _say_miscounted, RECOUNT, recount)]
