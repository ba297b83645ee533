"""What the folder page and the home page show, read for one viewer."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery

from gallery.access import visible_folders
from gallery.conf import conf
from gallery.live.placeholders import free_placeholders
from gallery.models import Batch, Folder, Item, SystemMessage
from gallery.models.batch import Placeholder
from gallery.services.messages import messages_revision

PAGE_SIZE = 60
FOLDERS_SHOWN = 200
ROWS_KEPT = 16  # folders


@dataclass(frozen=True)
class Rows:
    """What a page shows of a folder. ``entries`` are its cards and placeholders in the order in which they stand."""

    batches: list[Batch]
    items: list[Item]
    entries: list[Item | Placeholder]
    next_cursor: str | None


class RowsCache:
    """The rows of folders' first pages, each good as long as its folder stands at the revision that was read before it.

    After a restart or a reset all viewers of a folder fetch the same page at once; reading its rows is most of it.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[int, Rows]] = OrderedDict()
        self._lock = Lock()

    def rows(self, folder: Folder, revision: int) -> Rows:
        with self._lock:
            found, rows = self._kept.get(folder.id, (-1, None))
        if rows is None or found != revision:
            rows = _read_rows(folder)
            with self._lock:
                self._kept[folder.id] = revision, rows
                self._kept.move_to_end(folder.id)
                while len(self._kept) > ROWS_KEPT:
                    self._kept.popitem(last=False)
        return rows


first_pages = RowsCache()


@dataclass
class FolderPage:
    """One page of a folder, and what stands above it."""

    folder: Folder
    rows: Rows
    revision: int
    messages_revision: int
    system_messages: list[SystemMessage]
    query: str = ""
    is_first: bool = True

    @property
    def takes_arrivals(self) -> bool:
        """Whether new cards belong into this view: only the first page of the default order."""
        return self.is_first and not self.query


def load_page(folder: Folder, *, query: str = "", cursor: str = "") -> FolderPage:
    """Read the page. The revision is read first, the rows after it: what is newer is merely sent again."""
    revision = Folder.objects.filter(id=folder.id).values_list("revision", flat=True).first() or 0
    return FolderPage(
        folder,
        rows=_read_rows(folder, query, cursor) if query or cursor else first_pages.rows(folder, revision),
        revision=revision,
        messages_revision=messages_revision(),
        system_messages=list(SystemMessage.objects.current().shown_on(folder.id)[: conf.MESSAGE_MAX]),
        query=query,
        is_first=not cursor,
    )


def _read_rows(folder: Folder, query: str = "", cursor: str = "") -> Rows:
    """The rows of one page as they are now."""
    batches = list(Batch.objects.filter(folder=folder, folded=False).order_by("-started_at", "-id"))
    found = list(_items(folder, query, cursor)[: PAGE_SIZE + 1])
    items = found[:PAGE_SIZE]
    next_cursor = items[-1].order_key if len(found) > PAGE_SIZE else None
    # A search finds no placeholders, they have no name.
    placeholders = [] if query else _placeholders(batches, cursor, next_cursor)
    entries = sorted([*items, *placeholders], key=lambda entry: entry.order_key, reverse=True)
    return Rows(batches, items, entries, next_cursor)


def _items(folder: Folder, query: str, cursor: str) -> QuerySet[Item]:
    items = Item.objects.filter(folder=folder).select_related("lease", "batch").defer("metadata", "edited_fields")
    if query:
        items = items.filter(name__icontains=query)
    if cursor:
        items = items.filter(order_key__lt=cursor)
    return items.order_by("-order_key")


def _placeholders(batches: list[Batch], cursor: str, next_cursor: str | None) -> list[Placeholder]:
    """Those that stand among this page's cards."""
    return [
        placeholder
        for placeholder in free_placeholders(batches)
        if (not cursor or placeholder.order_key < cursor)
        and (next_cursor is None or placeholder.order_key > next_cursor)
    ]


def home_folders(user: Any) -> list[Folder]:
    """The folders that this person may see, newest first, ready to be shown as cards."""
    return with_covers(
        list(visible_folders(user).select_related("owner").order_by("-created_at", "-id")[:FOLDERS_SHOWN])
    )


def with_covers(folders: list[Folder]) -> list[Folder]:
    """Give each folder what its card shows: ``cover_url``, ``in_progress`` (items at work) and ``running_batches``."""
    ids = [folder.id for folder in folders]
    newest = Item.objects.filter(folder=OuterRef("pk")).exclude(thumb_url="").order_by("-order_key")
    covers = dict(Folder.objects.filter(id__in=ids).values_list("id", Subquery(newest.values("thumb_url")[:1])))
    pending = _count(Item.objects.filter(folder__in=ids, is_pending=True, stalled_at=None))
    running = _count(Batch.objects.filter(folder__in=ids, status=Batch.Status.RUNNING, stalled_at=None))
    for folder in folders:
        folder.cover_url = covers.get(folder.id) or ""
        folder.in_progress = pending.get(folder.id, 0)
        folder.running_batches = running.get(folder.id, 0)
    return folders


def _count(rows: QuerySet[Any]) -> dict[str, int]:
    return dict(rows.order_by().values_list("folder").annotate(Count("pk")))
