"""Files that are here already, by the hash of their bytes."""

from __future__ import annotations

from django.utils.translation import gettext as _

from gallery.contract.errors import NotifyError
from gallery.models import Item


class AlreadyHere(NotifyError):
    """The folder holds this very file; its sender decides whether it shall hold it twice."""

    def __init__(self, item: Item) -> None:
        super().__init__("conflict", _("It is already here as “%(name)s”.") % {"name": item.name})
        self.item = item


def require_new(folder_id: str, content_hash: str) -> None:
    """Raise ``AlreadyHere`` where an item of the folder has a file with this hash."""
    if content_hash:
        known = Item.objects.living().filter(folder=folder_id, content_hash=content_hash)
        item = known.only("id", "name", "folder").order_by("created_at").first()
        if item is not None:
            raise AlreadyHere(item)
