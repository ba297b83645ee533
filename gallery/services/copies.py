"""Copies of items: rows and files of their own, so that whatever becomes of one does nothing to the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from gallery.access import NOT_FOUND, Sender, may_read_metadata, visible_items
from gallery.contract import limits
from gallery.contract.errors import NotifyError
from gallery.media.incoming import duplicate
from gallery.models import Item, ItemTag
from gallery.models.item import file_url
from gallery.services.change import Change
from gallery.services.files import media_root
from gallery.services.media import new_item

COPIED = (
    "name", "type", "status", "message", "thumb_url", "media_url", "media_file", "thumb_file", "content_type", "size",
    "width", "height", "duration", "metadata", "edited_fields", "is_starred", "content_hash",
    "rendition_due_at",
)  # fmt: skip
FILES = {"media_file": "media_url", "thumb_file": "thumb_url", "rendition_file": ""}  # column → that of its URL
NOT_YET = _("This is still developing: it can be copied once it is finished.")
SAME_FOLDER = " (copy)"


@dataclass(frozen=True)
class Copy:
    """One item that is copied: as it was read, and its files under their second names."""

    source: Item
    files: dict[str, str]
    tags: list[str]


def prepare_copies(sender: Sender, item_ids: Sequence[str], refused: list[tuple[str, NotifyError]]) -> list[Copy]:
    """Read what this sender may see, and give the files second names. The caller discards those if it fails."""
    found = {item.id: item for item in readable_items(sender, item_ids)}
    tags: dict[str, list[str]] = {}
    for item_id, name in ItemTag.objects.filter(item__in=found).values_list("item", "name"):
        tags.setdefault(item_id, []).append(name)
    sources = []
    for item_id in item_ids:
        if (item := found.get(item_id)) is None:
            refused.append((item_id, NotifyError("not_found", NOT_FOUND["item"])))
        elif item.is_pending and not item.media_url:
            refused.append((item_id, NotifyError("conflict", NOT_YET)))
        else:
            sources.append(item)
    names = duplicate(media_root(), [getattr(item, name) for item in sources for name in FILES if getattr(item, name)])
    copies = []
    for item in sources:
        if item.media_file and item.media_file not in names:  # removed for good between the two looks
            refused.append((item.id, NotifyError("not_found", NOT_FOUND["item"])))
            continue
        files = {name: names.get(getattr(item, name), "") for name in FILES}
        copies.append(Copy(item, files, tags.get(item.id, [])))
    return copies


def readable_items(sender: Sender, item_ids: Sequence[str]) -> list[Item]:
    """Without prompts and parameters for those who may not read them: what is made of an item tells no more than it."""
    if sender.is_site:
        return list(Item.objects.living().filter(id__in=item_ids))
    items = list(visible_items(sender.user).filter(id__in=item_ids).select_related("folder"))
    may_read: dict[str, bool] = {}
    for item in items:
        if item.folder_id not in may_read:
            may_read[item.folder_id] = may_read_metadata(sender.user, item.folder)
        if not may_read[item.folder_id]:
            item.metadata = {}
    return items


def add_copies(change: Change, sender: Sender, copies: Sequence[Copy], folder_id: str) -> list[Item]:
    """New, finished items on top of the folder."""
    items, tags = [], []
    for place, copy in enumerate(copies):
        fields = {name: getattr(copy.source, name) for name in COPIED}
        item = new_item(change, sender, folder_id, place=place, **fields)
        for name, url in FILES.items():
            if path := copy.files[name]:
                setattr(item, name, path)
                if url:
                    setattr(item, url, file_url(item.id, path, url.removesuffix("_url")))
        if copy.source.folder_id == folder_id:
            item.name = item.name[: limits.NAME_LENGTH - len(SAME_FOLDER)] + SAME_FOLDER
        if item.media_url:  # an old picture that is being made anew is copied as it is
            item.status, item.message = Item.Status.COMPLETE, ""
        items.append(item)
        tags += [ItemTag(item_id=item.id, name=name) for name in copy.tags]
    change.after_rows.append(lambda: ItemTag.objects.bulk_create(tags))
    return items
