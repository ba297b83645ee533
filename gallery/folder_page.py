"""What the folder page shows, read for one viewer."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, Subquery
from django.db.models.functions import Coalesce

from gallery.conf import conf
from gallery.first_pages import FirstPages
from gallery.folder_rows import Rows, find_rows, read_rows
from gallery.languages import shown_language
from gallery.models import Folder, SiteRevision, SystemMessage
from gallery.search.view import View
from gallery.services.messages import messages_revision

PLAIN = View()
# What is asked for a page with the same question as its folder (``folder_and_role``).
FOLDERS = Folder.objects.annotate(
    messages_at=Coalesce(Subquery(SiteRevision.objects.filter(id=1).values("messages")), 0),
    has_messages=Exists(SystemMessage.objects.filter(ended=False)),  # on whatever page
)

first_pages: FirstPages[Rows] = FirstPages()


@dataclass
class FolderPage:
    """One page of a folder, and what stands above it."""

    folder: Folder
    rows: Rows
    revision: int
    messages_revision: int
    system_messages: list[SystemMessage]
    view: View = View()
    reads_metadata: bool = False

    @property
    def is_first(self) -> bool:
        return not self.rows.begins_after

    @property
    def newer_than(self) -> str:
        """Where the page before this one ends; none where this is the first, or where nothing is left of it."""
        if not (self.rows.begins_after and self.rows.items):
            return ""
        return self.rows.cursors[0] if self.rows.cursors else self.rows.items[0].order_key

    @property
    def takes_arrivals(self) -> bool:
        """Whether new cards belong into this view: only the first page of the default order."""
        return self.is_first and self.view.is_plain


def load_page(
    folder: Folder, view: View = PLAIN, *, reads_metadata: bool = False, cursor: str = "", before: str = ""
) -> FolderPage:
    """Read a page of a folder that was read just now: what begins after ``cursor``, or ends before ``before``.

    The revision is read first, with the folder, the rows after it: what is newer is merely sent again. So messages
    are not asked for where there were none (``FOLDERS``). The rows may serve those who know of a later revision.
    """
    if view.is_plain and not (cursor or before):
        rows = first_pages.at(f"{shown_language()} {folder.id}", folder.revision, lambda: read_rows(folder).rendered())
    elif view.is_plain:
        rows = read_rows(folder, cursor, before)
    else:
        rows = find_rows(folder, view, reads_metadata, cursor, before)
    messages_at = getattr(folder, "messages_at", None)
    page = FolderPage(
        folder,
        rows=rows,
        revision=folder.revision,
        messages_revision=messages_revision() if messages_at is None else messages_at,
        system_messages=[],
        view=view,
        reads_metadata=reads_metadata,
    )
    if getattr(folder, "has_messages", True):
        page.system_messages += SystemMessage.objects.current().shown_on(folder.id)[: conf.MESSAGE_MAX]
    return page
