"""The trash as one person sees it, and by what a page of it knows that it is behind."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, QuerySet, Sum

from gallery.access import editable_folders, storable
from gallery.models import Item


def trash_of(user: Any, folder_id: str = "") -> QuerySet[Item]:
    """What lies in the trash of the folders that this person may change, or of that one."""
    folders = editable_folders(user)
    return Item.objects.trashed().filter(folder__in=folders.filter(id=storable(folder_id)) if folder_id else folders)


def mark_of(items: QuerySet[Item]) -> str:
    """Another one whenever something came among these, left them or changed: by it a page knows that it is behind."""
    facts = items.order_by().aggregate(Count("id"), Sum("revision"), Max("trashed_at"))
    last = facts["trashed_at__max"]
    return f"{facts['id__count']}-{facts['revision__sum'] or 0}-{last.timestamp() if last else 0:.6f}"
