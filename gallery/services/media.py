"""Files of items: the finished picture with its thumbnail, a person's uploads, and previews of what develops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gallery.access import Sender, require_editor
from gallery.contract import limits
from gallery.contract.receipts import Receipt
from gallery.media.probe import MediaFacts
from gallery.media.recipes import bounded
from gallery.models import Item
from gallery.models.fields import new_id, order_key
from gallery.models.item import file_url
from gallery.services.batches import speaking_slot, touch_slot
from gallery.services.change import Change
from gallery.services.duplicates import require_new
from gallery.services.files import discard_on_commit
from gallery.services.item_states import drop_spare_preview, revive_item
from gallery.services.needs import Needs
from gallery.services.rendition_queue import ask_for_rendition
from gallery.services.revisions import transact
from gallery.services.slots import require_index
from gallery.services.stalls import hear_batch, hear_item
from gallery.services.stored_files import KeptFile, discarded_on_failure, keep_media, keep_preview, look_into

FILE_FIELDS = (
    "media_file", "media_url", "thumb_file", "thumb_url", "size", "width", "height", "duration", "content_type", "type",
    "content_hash", "metadata", "rendition_file", "rendition_due_at",
)  # fmt: skip
NAMELESS = "Untitled"


@dataclass(frozen=True)
class Upload:
    """A file that a person sends: received, not looked into yet."""

    temporary: Path
    filename: str
    claimed_type: str = ""
    recipe: dict[str, Any] = field(default_factory=dict)  # what a sidecar says


def store_media(sender: Sender, item_id: str, temporary: Path, facts: MediaFacts) -> Item:
    """The finished file of an item, whatever its status: it is safe, and its thumbnail made, when this returns.

    ``temporary`` is gone afterwards, also where this raises.
    """

    def work(change: Change) -> Item:
        item = change.item(sender, item_id)
        discard_on_commit(item.media_file, item.thumb_file, item.rendition_file)
        put_file(item, kept)
        change.touch_item(item, "card", *FILE_FIELDS)
        hear_item(change, item)
        drop_spare_preview(change, item)
        return item

    kept = keep_media(temporary, facts)
    with discarded_on_failure(*kept.paths):
        return transact(Needs(item_ids={item_id}), work)


def add_uploads(
    sender: Sender, folder_id: str, uploads: Sequence[Upload], *, skip_duplicates: bool = False
) -> list[Item]:
    """All of these files become finished items of the folder or, where one of them is refused, none.

    ``skip_duplicates`` refuses what the folder has already. The temporary files are gone afterwards.
    """

    def work(change: Change) -> list[Item]:
        require_editor(change.role(sender, folder_id))
        if skip_duplicates:
            for each in kept:
                require_new(folder_id, each.content_hash)
        pairs = zip(uploads, kept, strict=True)
        return [_add_item(change, sender, folder_id, *pair, place) for place, pair in enumerate(pairs)]

    kept: list[KeptFile] = []
    try:
        facts = [look_into(upload.temporary, upload.claimed_type, upload.filename) for upload in uploads]
        with discarded_on_failure() as discarded:
            for upload, fact in zip(uploads, facts, strict=True):
                kept.append(keep_media(upload.temporary, fact))
                discarded += kept[-1].paths
            return transact(Needs(folder_ids={folder_id}), work)
    finally:
        for upload in uploads:
            upload.temporary.unlink(missing_ok=True)


def store_preview(sender: Sender, item_id: str, data: bytes) -> Receipt:
    """What the item looks like so far; one that comes after the picture itself is accepted and dropped."""

    def work(change: Change) -> Receipt:
        item = change.item(sender, item_id)
        before = item.revision
        revive_item(change, item)
        hear_item(change, item)
        if item.status == Item.Status.COMPLETE and item.media_url:
            discard_on_commit(path)
        else:
            discard_on_commit(item.preview_file)
            item.preview_file = path
            change.touch_item(item, "card", "preview_file")
        revision = item.revision if item.revision != before else None
        return Receipt(revision=revision, folder_id=item.folder_id, batch_id=item.batch_id, item_id=item.id)

    path = keep_preview(data)
    with discarded_on_failure(path):
        return transact(Needs(item_ids={item_id}), work)


def store_slot_preview(sender: Sender, batch_id: str, index: int, data: bytes) -> Receipt:
    """What a placeholder's picture looks like so far; dropped where the batch has ended."""

    def work(change: Change) -> Receipt:
        batch = change.batch(sender, batch_id)
        hear_batch(change, batch)
        if not batch.is_running:
            require_index(batch, index)
            discard_on_commit(path)
            return Receipt(folder_id=batch.folder_id, batch_id=batch.id)
        slot = speaking_slot(change, batch, index)
        discard_on_commit(slot.preview_file)
        slot.preview_file = path
        touch_slot(change, slot, "preview_file")
        return Receipt(revision=slot.revision, folder_id=batch.folder_id, batch_id=batch.id)

    path = keep_preview(data)
    with discarded_on_failure(path):
        return transact(Needs(batch_ids={batch_id}, slots={(batch_id, index)}), work)


def clean_name(filename: str) -> str:
    """An item's name from that of the file which somebody sent: no path, nothing unprintable, not too long."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(character if character.isprintable() else " " for character in name)
    return " ".join(name.split())[: limits.NAME_LENGTH].rstrip() or NAMELESS


def new_item(change: Change, sender: Sender, folder_id: str, **fields: Any) -> Item:
    """An item of a person's own, in no batch: the newest, unless ``position_at`` and ``place`` say where it stands."""
    item_id = fields.pop("id", "") or new_id()
    item = Item(
        id=item_id,
        folder_id=folder_id,
        created_by=sender.label,
        created_at=change.now,
        heard_at=change.now,
        order_key=order_key(fields.pop("position_at", change.now), "", fields.pop("place", 0), item_id),
        **fields,
    )
    change.arrive(item)
    change.add(item)
    return item


def _add_item(change: Change, sender: Sender, folder_id: str, upload: Upload, kept: KeptFile, place: int) -> Item:
    name = clean_name(upload.filename)
    item = new_item(
        change, sender, folder_id, name=name, place=place, metadata=bounded(kept.facts.recipe | upload.recipe)
    )
    put_file(item, kept)
    return item


def put_file(item: Item, kept: KeptFile) -> None:
    """Its file from now on. The caller marks ``FILE_FIELDS``."""
    facts = kept.facts
    has_cover = facts.kind == "audio" and item.thumb_url and not item.thumb_file  # the worker's own says more
    if has_cover:
        discard_on_commit(kept.thumb_file)
    elif kept.thumb_file or item.thumb_file:  # else the worker's own thumbUrl stays
        item.thumb_file = kept.thumb_file
        item.thumb_url = file_url(item.id, kept.thumb_file, "thumb")
    item.rendition_file = kept.rendition_file
    ask_for_rendition(item, facts)
    item.media_file = kept.media_file
    item.media_url = file_url(item.id, kept.media_file, "media")
    item.content_hash = kept.content_hash
    if not item.metadata and "metadata" not in item.edited_fields:  # else somebody has said it better
        item.metadata = facts.recipe
    item.type, item.content_type, item.size = facts.kind, facts.content_type, facts.size
    item.width, item.height, item.duration = facts.width, facts.height, facts.duration
