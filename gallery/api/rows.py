"""Rows as the API says them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from gallery.access import Role, Sender, display_name, may_read_metadata, roles_in
from gallery.contract.receipts import Receipt
from gallery.models import Batch, Folder, Item, ItemTag
from gallery.services.verbs import Outcome

ITEM_FIELDS = (
    "id", "folder_id", "batch_id", "revision", "name", "type", "thumb_url", "media_url", "preview_url", "rendition_url",
    "is_pending", "status", "progress", "message", "estimated_time_seconds", "width", "height", "duration", "size",
    "content_type", "is_starred", "created_at",
)  # fmt: skip
BATCH_FIELDS = (
    "id", "folder_id", "label", "total", "status", "is_stalled", "message", "progress", "estimated_time_seconds",
    "item_count", "done_count", "failed_count", "who", "started_at", "ended_at", "cancel_asked_at", "revision",
)  # fmt: skip


def items_as_json(sender: Sender, folder: Folder, items: Iterable[Item]) -> list[dict[str, Any]]:
    """Items of one folder; their metadata only for those who may read it."""
    items = list(items)
    tags: dict[str, list[str]] = defaultdict(list)
    for item_id, name in ItemTag.objects.filter(item__in=[item.id for item in items]).values_list("item", "name"):
        tags[item_id].append(name)
    names = (*ITEM_FIELDS, "metadata") if may_read_metadata(sender.user, folder) else ITEM_FIELDS
    return [
        {name: getattr(item, name) for name in names} | {"lock": _lock(item), "tags": tags[item.id]} for item in items
    ]


def trash_as_json(sender: Sender, folder: Folder, items: Sequence[Item]) -> list[dict[str, Any]]:
    """What lies in a folder's trash, with who threw it away, and when."""
    rows = items_as_json(sender, folder, items)
    for row, item in zip(rows, items, strict=True):
        row["trashed_at"] = item.trashed_at
        row["trashed_by"] = display_name(item.trashed_by) if item.trashed_by else ""
    return rows


def outcome_as_json(outcome: Outcome) -> dict[str, Any]:
    refused = [
        {"item_id": one.item_id, "code": one.error.code, "message": one.error.message} for one in outcome.refused
    ]
    return {"item_ids": outcome.done, "refused": refused}


def item_as_json(sender: Sender, folder: Folder, item: Item) -> dict[str, Any]:
    return items_as_json(sender, folder, [item])[0]


def _lock(item: Item) -> dict[str, Any] | None:
    lock = item.lock
    return lock and {"by": lock.holder_name, "expires_at": lock.expires_at}


def folders_as_json(sender: Sender, folders: list[Folder]) -> list[dict[str, Any]]:
    parents = {folder.parent_id for folder in folders if folder.parent_id}
    roles = roles_in(sender, {folder.id for folder in folders} | parents)
    return [
        _folder(folder, roles.get(folder.id) or Role.VIEWER)
        | {"parent_id": folder.parent_id if roles.get(folder.parent_id or "") else None}
        for folder in folders
    ]


def _folder(folder: Folder, role: Role) -> dict[str, Any]:
    return {
        "id": folder.id,
        "name": folder.name,
        "visibility": folder.visibility,
        "role": role,
        "owner": display_name(folder.owner),
        "cover_id": folder.cover_id,
        "sort": folder.sort,
        "item_count": folder.item_count,
        "revision": folder.revision,
        "created_at": folder.created_at,
    }


def batch_as_json(batch: Batch) -> dict[str, Any]:
    return {name: getattr(batch, name) for name in BATCH_FIELDS}


def receipt_as_json(receipt: Receipt) -> dict[str, Any]:
    return {"type": "ack"} | {name: value for name, value in receipt._asdict().items() if value is not None}
