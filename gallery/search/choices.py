"""What somebody who filters a folder may choose from, so that nobody has to know a tag, a name or a batch by heart."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from django.db.models import Count

from gallery.models import Batch, Folder, Item, ItemTag
from gallery.search.view import View

LOOKED_AT = 1_000  # of the newest items: in a large folder those whose tags are still in use
BATCHES = TAGS = PEOPLE = 50


class Choices(NamedTuple):
    """The most frequent first, of batches the newest."""

    batches: list[Batch]
    tags: list[str]
    people: list[str]


def choices_in(folder: Folder, batch_id: str = "") -> Choices:
    """Of a folder that the viewer may see; with the batch that is asked for now, however old it is."""
    batches = list(Batch.objects.filter(folder=folder, item_count__gt=0).order_by("-started_at", "-id")[:BATCHES])
    if batch_id and all(batch.id != batch_id for batch in batches):
        batches += Batch.objects.filter(folder=folder, id=batch_id)
    newest = Item.objects.living().filter(folder=folder).order_by("-order_key")[:LOOKED_AT]
    tags = ItemTag.objects.filter(item__in=newest.values("id")).order_by().values_list("name")
    made = Item.objects.filter(id__in=newest.values("id")).exclude(created_by="").values_list("created_by")
    return Choices(
        batches,
        [name for name, _ in tags.annotate(often=Count("id")).order_by("-often", "name")[:TAGS]],
        [name for name, _ in made.annotate(often=Count("id")).order_by("-often", "created_by")[:PEOPLE]],
    )


def with_batch_label(folder: Folder, view: View) -> View:
    """The same view, which says how the batch that it asks for is called, where that was made in this folder."""
    if not view.batch:
        return view
    label = Batch.objects.filter(folder=folder, id=view.batch).values_list("label", flat=True).first()
    return replace(view, batch_label=label or "")
