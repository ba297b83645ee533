"""Copies of items: rows and files of their own, so that whatever becomes of one does nothing to the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from gallery.access import NOT_FOUND, Sender, may_edit, may_read_metadata, roles_in, visible_items
from gallery.contract import limits
from gallery.contract.errors import NotifyError
from gallery.media.incoming import discard, duplicate
from gallery.models import Item, ItemTag
from gallery.models.item import file_url
from gallery.services.change import Change
from gallery.services.files import media_root
from gallery.services.media import new_item
from gallery.services.stored_files import discarded_on_failure

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


@dataclass
class Prepared:
    """What can be copied and what cannot, by the originals' ids; ``used`` are the files that rows name at the end."""

    copies: dict[str, Copy] = field(default_factory=dict)
    refused: dict[str, NotifyError] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    spare: list[str] = field(default_factory=list)  # the files that go again should it fail

    def take(self, items: Sequence[Item]) -> list[Copy]:
        """Those of these items, which the transaction found still there, in their order; each attempt calls it."""
        copies = [self.copies[item.id] for item in items if item.id in self.copies]
        self.used = {path for copy in copies for path in copy.files.values() if path}
        transaction.on_commit(self.spare.clear)  # they stay, whatever goes wrong after the commit
        return copies

    def why_not(self, item_id: str) -> NotifyError | None:
        """Why this one is not copied: also where it came to be seen only after all was read."""
        if item_id in self.copies:
            return None
        return self.refused.get(item_id) or NotifyError("not_found", NOT_FOUND["item"])


@contextmanager
def files_at_hand(sender: Sender, kind: str, item_ids: Sequence[str], said: dict[str, Any]) -> Iterator[Prepared]:
    """Before the transaction of an action of this ``kind``: the files of copies under their second names.

    Bytes may have to be copied, and nobody else should wait for that with what they write. What no row names
    afterwards is gone again. Who may not write where the copies go has none made: the transaction says so.
    """
    prepared = Prepared()
    target = said.get("folderId", "")
    if kind == "copy" and may_edit(roles_in(sender, [target]).get(target)):
        prepared = prepare_copies(sender, item_ids)
    paths = [path for copy in prepared.copies.values() for path in copy.files.values() if path]
    with discarded_on_failure(*paths) as prepared.spare:
        yield prepared
    for path in paths:
        if path not in prepared.used:  # refused since, or done by somebody else
            discard(media_root(), path)


def prepare_copies(sender: Sender, item_ids: Sequence[str]) -> Prepared:
    """Read what this sender may see, and give the files second names. The caller discards those that no row takes."""
    prepared = Prepared()
    found = {item.id: item for item in readable_items(sender, item_ids)}
    tags: dict[str, list[str]] = {}
    for item_id, name in ItemTag.objects.filter(item__in=found).values_list("item", "name"):
        tags.setdefault(item_id, []).append(name)
    sources = []
    for item_id in item_ids:
        if (item := found.get(item_id)) is None:
            prepared.refused[item_id] = NotifyError("not_found", NOT_FOUND["item"])
        elif item.is_pending and not item.media_url:
            prepared.refused[item_id] = NotifyError("conflict", NOT_YET)
        else:
            sources.append(item)
    names = duplicate(media_root(), [getattr(item, name) for item in sources for name in FILES if getattr(item, name)])
    for item in sources:
        if item.media_file and item.media_file not in names:  # removed for good between the two looks
            prepared.refused[item.id] = NotifyError("not_found", NOT_FOUND["item"])
            continue
        files = {name: names.get(getattr(item, name), "") for name in FILES}
        prepared.copies[item.id] = Copy(item, files, tags.get(item.id, []))
    return prepared


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
