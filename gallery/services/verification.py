"""All that must hold, looked at from one end to the other."""

from __future__ import annotations

from collections.abc import Iterator

from gallery.models import Batch, Folder, Item
from gallery.services.integrity import Finding, Looked, RevisionWatch, find_rows
from gallery.services.integrity_files import find_in_files
from gallery.services.integrity_folders import find_in_tree, folder_checks
from gallery.services.integrity_rows import row_checks
from gallery.services.integrity_time import find_in_receipts, time_checks


def verify(looked: Looked) -> Iterator[Finding]:
    """What is wrong, as it is found; ``looked`` counts what was looked at. Raises what the database raises."""
    revisions = RevisionWatch()
    for model in (Folder, Item, Batch):
        looked.add(str(model._meta.verbose_name_plural), model.objects.count())
    yield from find_rows([*row_checks(), *folder_checks(), *time_checks()])
    yield from find_in_tree()
    yield from find_in_receipts(looked)
    yield from find_in_files(looked)
    yield from revisions.find()
