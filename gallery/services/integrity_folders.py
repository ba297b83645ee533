"""The checks of folders: their counters, their covers, and that they stand in a tree."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from gallery.models import Folder, Item
from gallery.services.change import Change
from gallery.services.integrity import BY_HAND, Finding, RowCheck
from gallery.services.needs import Needs
from gallery.services.revisions import transact


def _miscounted(rows: QuerySet[Folder]) -> QuerySet[Folder]:
    living = Item.objects.living().filter(folder=OuterRef("pk")).order_by()
    counted = living.values("folder").annotate(n=Count("pk")).values("n")
    real = Coalesce(Subquery(counted), Value(0), output_field=IntegerField())
    return rows.annotate(real_count=real).exclude(item_count=F("real_count"))


def recount_folder(folder: Folder) -> None:
    """Put a folder's counter right, under its lock; it changes on every page."""

    def work(change: Change) -> None:
        if (counted := _miscounted(Folder.objects.filter(id=folder.id)).first()) is not None:
            change.recount(folder.id, counted.real_count - counted.item_count)

    transact(Needs(folder_ids={folder.id}), work)


def folder_checks() -> list[RowCheck]:
    """Those that look at one folder alone; only the counter is mended."""
    return [
        RowCheck(
            Folder.objects.all,
            _miscounted,
            lambda row: f"Folder {row.id} counts {row.item_count} items; there are {row.real_count}.",
            "--repair counts again, and pages show it.",
            recount_folder,
        ),
        RowCheck(
            Folder.objects.all,
            lambda rows: rows.filter(~Q(cover=None), ~Q(cover__folder=F("pk"))),
            lambda row: f"The cover of folder {row.id} is item {row.cover_id}, which is in another folder.",
            BY_HAND,
        ),
    ]


def find_in_tree() -> Iterator[Finding]:
    """No folder may stand within itself: its row would be found from no top."""
    parents = dict(Folder.objects.exclude(parent=None).values_list("id", "parent_id"))
    sound: set[str] = set()
    for start in parents:
        way: list[str] = []
        here: str | None = start
        while here in parents and here not in sound and here not in way:
            way.append(here)
            here = parents[here]
        if here in way and Folder.objects.filter(id=here, parent=parents[here]).exists():  # not moved meanwhile
            yield Finding(f"Folder {here} stands within itself.", BY_HAND)
        sound.update(way)
