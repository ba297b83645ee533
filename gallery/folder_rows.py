"""The rows that a folder's page shows, read as they are now, and their HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.dates import MONTHS
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext

from gallery.languages import shown_language
from gallery.live.fragments import cards, render, rendering
from gallery.live.placeholders import free_among
from gallery.models import Batch, Folder, Item, MassAction
from gallery.models.batch import Placeholder
from gallery.search.cursors import asks_for_the_rest, cursor_of, cursors_of, place_in
from gallery.search.find import Found, find
from gallery.search.view import View
from gallery.services.search_index import catch_up

PAGE_SIZE = 60
# What no card shows.
SPARED = (
    *("metadata", "edited_fields", "content_hash", "trashed_at", "trashed_by", "stall_at", "rendition_due_at"),
    *("rendition_file", "created_by", "estimated_time_seconds"),
)
EPOCH = date(1970, 1, 1)
MICROSECONDS_A_DAY = 86_400_000_000
# Made once: to put a question together costs as much as to ask it.
CARDS = Item.objects.living().select_related("lease").defer(*SPARED).order_by("-order_key")
STRIPS = Batch.objects.annotate(
    has_actions=Exists(MassAction.objects.filter(folder=OuterRef("folder"), folded=False))
).order_by("-started_at", "-id")


@dataclass(frozen=True)
class Rows:
    """What a page shows of a folder. ``entries`` are its cards and placeholders in the order in which they stand.

    Their HTML knows neither request nor person, so that one rendering serves all who see these rows.
    """

    strips: list[Batch | MassAction]
    items: list[Item]
    entries: list[Item | Placeholder]
    next_cursor: str | None
    begins_after: str = ""  # the cursor whose page begins with these rows; none: the folder begins with them
    has_days: bool = True
    cursors: list[str] = field(default_factory=list)  # of each entry, where its ``order_key`` does not say its place
    is_so_far: bool = False  # there are fewer than a page holds, and more to look through
    above: int = 0  # how many of these stand before the place up to which was asked

    @cached_property
    def strips_html(self) -> SafeString:
        """What ``#batches`` holds."""
        return mark_safe(
            "".join(
                render("batch", batch=strip) if isinstance(strip, Batch) else render("mass_action", action=strip)
                for strip in self.strips
            )
        )

    @cached_property
    def entries_html(self) -> SafeString:
        """What ``#grid`` holds, a heading before each day; its cards come from the cache that the stream keeps."""
        return mark_safe("".join(self._entries_html()))

    def _entries_html(self) -> Iterator[str]:
        language = shown_language()
        with rendering("item") as render_item, rendering("placeholder") as render_placeholder:
            for day, entries in groupby(self.entries, lambda entry: int(entry.order_key[:17]) // MICROSECONDS_A_DAY):
                if self.has_days:
                    yield heading(EPOCH + timedelta(days=day))
                for entry in entries:
                    is_card = isinstance(entry, Item)
                    yield cards.card(entry, language, render_item) if is_card else render_placeholder(entry)

    def rendered(self) -> Rows:
        """These, with their HTML made: by whoever read them, before others get them."""
        self.strips_html, self.entries_html  # noqa: B018 (asking makes it)
        return self


def heading(day: date) -> str:
    """Over the cards of one day, in UTC, for it knows no reader: days.js puts it into their own days and words."""
    words = pgettext("a date", "%(day)s %(month)s %(year)s") % {
        "day": day.day,
        "month": MONTHS[day.month],
        "year": day.year,
    }
    return f'<h2 class="day" data-day="{day}"><time datetime="{day}">{words}</time></h2>'


def read_rows(folder: Folder, cursor: str = "", before: str = "") -> Rows:
    """The rows of one page as they are now."""
    items = CARDS.filter(folder=folder)
    if before:
        above = list(items.filter(order_key__gt=before).order_by("order_key")[: PAGE_SIZE + 1])
        # So near the beginning the first page is the better answer: it is full.
        cursor = above[PAGE_SIZE].order_key if len(above) > PAGE_SIZE else ""
    found = list((items.filter(order_key__lt=cursor) if cursor else items)[: PAGE_SIZE + 1])
    items = found[:PAGE_SIZE]
    next_cursor = items[-1].order_key if len(found) > PAGE_SIZE else None
    batches = _batches(folder, items)
    entries = [*items, *_placeholders(batches, items, cursor, next_cursor)]
    entries.sort(key=lambda entry: entry.order_key, reverse=True)
    return Rows(_strips(folder, batches), items, entries, next_cursor, cursor)


def find_rows(folder: Folder, view: View, reads_metadata: bool, cursor: str, before: str) -> Rows:
    """The same of a view that finds or sorts; it has no placeholders, which nobody looks for."""
    catch_up(folder)

    def ask(place: tuple[Any, ...] | None, limit: int = PAGE_SIZE, **how: bool) -> Found:
        return find(folder, view, reads_metadata=reads_metadata, limit=limit, after=place, spared=SPARED, **how)

    above = 0
    if before and (place := place_in(view, before)):
        back = ask(place, PAGE_SIZE + 1, back=True)
        above = min(len(back.items), PAGE_SIZE)
        # So near the beginning the first page is the better answer: it is full.
        cursor = cursors_of(view, back)[PAGE_SIZE] if len(back.items) > PAGE_SIZE else ""
    after = place_in(view, cursor) if cursor else None
    found = ask(after, is_bounded=not asks_for_the_rest(cursor))
    return Rows(
        _strips(folder, _batches(folder)),
        found.items,
        list(found.items),
        next_cursor=cursor_of(view, found) if found.after else None,
        begins_after=cursor if after else "",
        has_days=view.sort in ("newest", "oldest"),
        cursors=cursors_of(view, found) if view.sort != "newest" else [],
        is_so_far=found.is_so_far,
        above=above,
    )


def _batches(folder: Folder, items: Sequence[Item] = ()) -> list[Batch]:
    """Those that have a strip. Of ``items``, those that failed get theirs, which says whether they can be retried."""
    failed = [item for item in items if item.status == Item.Status.ERROR and item.batch_id]
    wanted = Q(folder=folder, folded=False)
    if failed:
        wanted |= Q(id__in={item.batch_id for item in failed})
    batches = list(STRIPS.filter(wanted))
    known = {batch.id: batch for batch in batches}
    for item in failed:
        item.batch = known.get(item.batch_id)
    return [batch for batch in batches if batch.folder_id == folder.id and not batch.folded]


def _strips(folder: Folder, batches: list[Batch]) -> list[Batch | MassAction]:
    if batches and not batches[0].has_actions:
        return list(batches)
    actions = MassAction.objects.filter(folder=folder, folded=False).defer("item_ids", "view")
    return sorted([*batches, *actions], key=lambda strip: strip.order_key, reverse=True)


def _placeholders(batches: list[Batch], items: list[Item], cursor: str, next_cursor: str | None) -> list[Placeholder]:
    """Those that stand among this page's cards."""
    return [
        placeholder
        for placeholder in free_among(batches, items)
        if (not cursor or placeholder.order_key < cursor)
        and (next_cursor is None or placeholder.order_key > next_cursor)
    ]
