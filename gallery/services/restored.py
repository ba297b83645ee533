"""After the database was put back to an earlier state: nothing that pages still show may be taken for what comes now.

Pages then stand at revisions that the folders will reach a second time, with other changes. A leap past all of them
puts every page before its folder's memory, so that it fetches itself again.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from gallery.doorbell import MESSAGES, ring_on_commit
from gallery.models import Folder, SiteRevision
from gallery.services.revisions import database_errors

LEAP = 1_000_000_000  # revisions: more than any folder takes between a backup and its return


def leap_ahead() -> int:
    """Let every folder, and the site's messages, go on at a revision that no page has seen; returns how many folders.

    May be said again, and while servers run. Raises ``NotifyError`` ``unavailable`` without the database.
    """
    with database_errors(), transaction.atomic():
        for folder_id in Folder.objects.order_by("id").values_list("id", flat=True):  # locked in everybody's order
            Folder.objects.filter(id=folder_id).update(revision=F("revision") + LEAP, memory_floor=F("revision") + LEAP)
        SiteRevision.objects.update(messages=F("messages") + LEAP)
        ring_on_commit(MESSAGES)  # wakes every stream
        return Folder.objects.count()
