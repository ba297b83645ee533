"""The search documents of whole folders, caught up or written anew, where nobody wants to wait for the sweeper."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import IntegrityError

from gallery.models import Folder, Item, SearchDocument, SearchProgress
from gallery.services.search_index import AT_ONCE, index_some

BEFORE_ALL = -1  # rows that came past the gallery may have no revision


def write_down(folder: Folder, *, afresh: bool = False) -> Iterator[float]:
    """Bring one folder up to date, piece by piece; yields how much of it is done, 0–1.

    ``afresh``: whatever is written down already, for rows that came past the gallery. What was found is found
    meanwhile, and servers may run. Who stops it goes on later, then not afresh.
    """
    if afresh:
        SearchProgress.objects.update_or_create(folder_id=folder.id, defaults={"revision": BEFORE_ALL})
    is_going_on = True
    while is_going_on:
        try:
            is_going_on = index_some(folder.id)
        except IntegrityError:  # a server writes the same items down
            continue
        done = SearchProgress.objects.filter(folder_id=folder.id).values_list("revision", flat=True).first() or 0
        yield min(1.0, max(0, done) / max(folder.revision, 1))
    if afresh:
        _forget_strays(folder.id)


def _forget_strays(folder_id: str) -> None:
    """Documents of items that went without a tombstone."""
    documents = SearchDocument.objects.filter(folder_id=folder_id).order_by("id")
    living = Item.objects.living().filter(folder=folder_id)
    some = documents
    while found := dict(some.values_list("item_id", "id")[:AT_ONCE]):
        gone = found.keys() - set(living.filter(id__in=found).values_list("id", flat=True))
        SearchDocument.objects.filter(item_id__in=gone).delete()
        some = documents.filter(id__gt=max(found.values()))
