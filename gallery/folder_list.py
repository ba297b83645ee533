"""The folders that one person may see, as the home page and the panel list them: by keyset, or found by their names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from gallery.access import storable, visible_folders
from gallery.contract import limits
from gallery.models import Batch, Folder, Item

FOLDERS_SHOWN = 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class FolderList:
    """Some folders, newest first, ready to be shown as cards. ``q``: in whose names all its words are."""

    folders: list[Folder]
    q: str = ""
    cursor: str = ""  # after which they begin
    next_cursor: str = ""

    @property
    def is_first(self) -> bool:
        return not self.cursor

    @property
    def takes_arrivals(self) -> bool:
        """Whether new folders belong into it."""
        return self.is_first and not self.q

    @property
    def more(self) -> str:
        """The query of the address that goes on; nothing where nothing does."""
        said = {"q": self.q, "cursor": self.next_cursor}
        return urlencode({name: value for name, value in said.items() if value}) if self.next_cursor else ""


def list_folders(user: Any, *, q: str = "", cursor: str = "") -> FolderList:
    """The folders that this person may see; what makes no sense is not asked, for addresses are passed on and typed."""
    q = _words_of(q)
    found = list(matching_folders(user, q=q, cursor=cursor).select_related("owner")[: FOLDERS_SHOWN + 1])
    shown = with_covers(found[:FOLDERS_SHOWN])
    more = shown[-1].order_key if len(found) > FOLDERS_SHOWN else ""
    return FolderList(shown, q, cursor if _place_of(cursor) else "", more)


def matching_folders(user: Any, *, q: str, cursor: str) -> QuerySet[Folder]:
    """The list from ``cursor`` on to its end."""
    folders = visible_folders(user).order_by("-created_at", "-id")
    for word in _words_of(q).split():
        folders = folders.filter(_has_in_its_name(word))
    place = _place_of(cursor)
    if place is not None:
        created_at, folder_id = place
        folders = folders.filter(created_at__lte=created_at)  # what an index can be asked for
        folders = folders.filter(Q(created_at__lt=created_at) | Q(id__lt=folder_id))
    return folders


def _words_of(q: str) -> str:
    return " ".join(q.replace("\0", "").split())[: limits.NAME_LENGTH]


def _has_in_its_name(word: str) -> Q:
    # SQLite itself folds the case of ASCII alone; its "regexp" is Python's.
    return Q(name__iregex=re.escape(word)) if connection.vendor == "sqlite" else Q(name__icontains=word)


def _place_of(cursor: str) -> tuple[datetime, str] | None:
    """Where the list goes on: the folder's own place, also where it is gone."""
    moment, _, folder_id = cursor.partition("!")
    if not (folder_id and len(moment) == 17 and moment.isascii() and moment.isdecimal()):
        return None
    created_at = Folder.objects.filter(id=storable(folder_id)).values_list("created_at", flat=True).first()
    return created_at or EPOCH + timedelta(microseconds=int(moment)), storable(folder_id)


def with_covers(folders: list[Folder]) -> list[Folder]:
    """Give each folder what its card shows: ``cover_url``, ``in_progress`` (items at work) and ``running_batches``."""
    ids = [folder.id for folder in folders]
    shown = Item.objects.living().filter(folder=OuterRef("pk")).exclude(thumb_url="")
    newest = shown.order_by("-order_key").values("thumb_url")[:1]
    chosen = shown.filter(pk=OuterRef("cover")).values("thumb_url")
    covers = dict(Folder.objects.filter(id__in=ids).values_list("id", Coalesce(Subquery(chosen), Subquery(newest))))
    pending = _count(Item.objects.living().filter(folder__in=ids, is_pending=True, stalled_at=None))
    running = _count(Batch.objects.filter(folder__in=ids, status=Batch.Status.RUNNING, stalled_at=None))
    for folder in folders:
        folder.cover_url = covers.get(folder.id) or ""
        folder.in_progress = pending.get(folder.id, 0)
        folder.running_batches = running.get(folder.id, 0)
    return folders


def _count(rows: QuerySet[Any]) -> dict[str, int]:
    return dict(rows.order_by().values_list("folder").annotate(Count("pk")))
