"""When the sweeper has to work: an idle gallery asks one small question a second, not one for each kind of thing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from gallery.models import Batch, GeneratorRun, Item, ItemLock, MassAction, SystemMessage
from gallery.services.database_version import Version, database_version
from gallery.services.search_index import index_all
from gallery.services.sweep import sweep

SWEEP_ANYWAY = timedelta(seconds=10)


class Sweeper:
    """Sweeps once the earliest known moment has come, and looks for it again after each write. Lives on one thread."""

    def __init__(self) -> None:
        self._version: Version | None = None
        self._next: datetime | None = None  # when something is due
        self._is_behind = False  # the search, with what was written
        self._now = self._swept_at = datetime.min.replace(tzinfo=timezone.get_default_timezone())

    def beat(self) -> bool:
        """Called every second; returns whether it swept."""
        before, self._now = self._now, timezone.now()
        version = database_version()  # first: what is written from here on is looked for by the next beat
        if version is None or version != self._version:
            self._version = None
            self._next = _earliest()
            self._is_behind = True
            self._version = version
        if self._is_behind:
            self._is_behind = index_all()
        is_due = self._next is not None and self._next <= self._now
        if not is_due and before <= self._now < self._swept_at + SWEEP_ANYWAY:
            return False
        self._version = None  # its own writes do not show
        sweep()
        self._swept_at = self._now
        return True


def _earliest() -> datetime | None:
    """The moment at which something is due next."""
    moments = (
        _first(ItemLock.objects.all(), "expires_at"),
        _first(Item.objects.all(), "stall_at"),
        _first(Batch.objects.all(), "stall_at"),
        _first(Batch.objects.all(), "fold_at"),
        _first(MassAction.objects.all(), "look_at"),
        _first(MassAction.objects.all(), "fold_at"),
        _first(GeneratorRun.objects.all(), "beat_due_at"),
        _first(SystemMessage.objects.filter(started=False), "starts_at"),
        _first(SystemMessage.objects.filter(ended=False), "expires_at"),
    )
    return min((moment for moment in moments if moment is not None), default=None)


def _first(rows: QuerySet[Any], field: str) -> datetime | None:
    return rows.filter(**{f"{field}__isnull": False}).order_by(field).values_list(field, flat=True).first()
