"""``/api/items/move`` and its like, for up to 1,000 items in one transaction; and what lies in the trash."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from gallery.access import folder_for, require_editor, role_in
from gallery.api.documents import errors
from gallery.api.paging import page_of_trash
from gallery.api.rows import outcome_as_json, trash_as_json
from gallery.api.schemas import Emptied, ItemIdsDelete, ItemIdsIn, ItemIdsTo, ManyDone, TrashList
from gallery.models import Item
from gallery.services.item_actions import do_to_items
from gallery.services.trash import empty_trash_of

PAGE = 60  # rows, unless told
PAGE_MAX = 200

router = Router(by_alias=True, exclude_unset=True, tags=["Items"])
ANSWERS = {200: ManyDone} | errors(400, 401, 403, 404, 413, 422, 423, 503)


@router.post("/items/move", response=ANSWERS)
def move_items(request: HttpRequest, items: ItemIdsTo) -> dict[str, Any]:
    """Move items to another folder; one has to be an editor of both. What has gone or is locked stays, and is named."""
    return outcome_as_json(do_to_items(request.auth, "move", items.item_ids, folderId=items.folder_id))


@router.post("/items/copy", response=ANSWERS | errors(409))
def copy_items(request: HttpRequest, items: ItemIdsTo) -> dict[str, Any]:
    """Copy items that one may see into a folder that one may change; what still develops cannot be copied (409)."""
    return outcome_as_json(do_to_items(request.auth, "copy", items.item_ids, folderId=items.folder_id))


@router.post("/items/delete", response=ANSWERS)
def delete_items(request: HttpRequest, items: ItemIdsDelete) -> dict[str, Any]:
    """Put items into the trash for 30 days, or with ``permanently`` delete them for good."""
    kind = "erase" if items.permanently else "delete"
    return outcome_as_json(do_to_items(request.auth, kind, items.item_ids))


@router.post("/items/restore", response=ANSWERS)
def restore_items(request: HttpRequest, items: ItemIdsIn) -> dict[str, Any]:
    """Take items out of the trash: they stand where they stood."""
    return outcome_as_json(do_to_items(request.auth, "restore", items.item_ids))


@router.get("/folders/{folder_id}/trash", response={200: TrashList} | errors(401, 403, 404, 422), tags=["Folders"])
def list_trash(
    request: HttpRequest, folder_id: str, cursor: str = "", limit: int = Query(PAGE, ge=1, le=PAGE_MAX)
) -> dict[str, Any]:
    """What was thrown away in the folder, last first; for editors."""
    folder = folder_for(request.auth.user, folder_id)
    require_editor(role_in(request.auth.user, folder_id))
    trash = Item.objects.trashed().filter(folder=folder).select_related("lease", "trashed_by")
    page = page_of_trash(trash, cursor=cursor, limit=limit)
    return {"items": trash_as_json(request.auth, folder, page.rows), "next": page.next}


@router.delete("/folders/{folder_id}/trash", response={200: Emptied} | errors(401, 403, 404, 503), tags=["Folders"])
def empty_trash(request: HttpRequest, folder_id: str) -> dict[str, Any]:
    """Delete for good what lies in the folder's trash; for editors."""
    folder_for(request.auth.user, folder_id)
    return {"deleted": empty_trash_of(request.auth, folder_id)}
