"""``/api/folders``: what there is, and what is in it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from gallery.access import folder_for, may_read_metadata, require_editor, role_in, visible_folders
from gallery.api.asked import ItemsAsked
from gallery.api.bodies import received_files
from gallery.api.documents import FILES_BODY, errors
from gallery.api.paging import page_of_folders, page_of_view
from gallery.api.rows import folders_as_json, items_as_json
from gallery.api.schemas import FolderCopy, FolderIn, FolderList, FolderOut, FolderPatch, ItemList, NewItems
from gallery.services.folder_copies import copy_folder as make_copy
from gallery.services.folder_removal import delete_folder as remove_folder
from gallery.services.folders import create_folder as make_folder
from gallery.services.folders import edit_folder as change_folder
from gallery.services.media import add_uploads

PAGE = 60  # rows, unless told
PAGE_MAX = 200

router = Router(by_alias=True, exclude_unset=True, tags=["Folders"])


@router.get("/folders", response={200: FolderList} | errors(401, 422))
def list_folders(
    request: HttpRequest,
    cursor: str = "",
    limit: int = Query(PAGE, ge=1, le=PAGE_MAX),
) -> dict[str, Any]:
    """The folders that you may see, newest first."""
    page = page_of_folders(visible_folders(request.auth.user).select_related("owner"), cursor=cursor, limit=limit)
    return {"folders": folders_as_json(request.auth, page.rows), "next": page.next}


@router.post("/folders", response={201: FolderOut} | errors(400, 401, 403, 404, 409, 422))
def create_folder(request: HttpRequest, folder: FolderIn) -> Status[dict[str, Any]]:
    """A new folder of your own."""
    return Status(201, _one(request, make_folder(request.auth.user, **folder.model_dump())))


@router.get("/folders/{folder_id}", response={200: FolderOut} | errors(401, 404))
def read_folder(request: HttpRequest, folder_id: str) -> dict[str, Any]:
    """One folder."""
    return _one(request, folder_for(request.auth.user, folder_id))


@router.patch("/folders/{folder_id}", response={200: FolderOut} | errors(400, 401, 403, 404, 409, 422, 503))
def edit_folder(request: HttpRequest, folder_id: str, changes: FolderPatch) -> dict[str, Any]:
    """Change its name, order or cover, or put it into another folder (editors of both); its visibility (owners).

    A folder within another one keeps its own visibility and members. Into itself or what stands in it: 409.
    """
    folder_for(request.auth.user, folder_id)
    change_folder(request.auth, folder_id, {name: getattr(changes, name) for name in changes.model_fields_set})
    return _one(request, folder_for(request.auth.user, folder_id))


@router.delete("/folders/{folder_id}", response={204: None} | errors(401, 403, 404, 503))
def delete_folder(request: HttpRequest, folder_id: str) -> Status[None]:
    """Delete it for good, with all that is in it, also your folders within it. Those of others move up. For owners.

    How much that is: ``itemCount`` of the folders that name it as ``parentId``.
    """
    folder_for(request.auth.user, folder_id)
    remove_folder(request.auth, folder_id)
    return Status(204, None)


@router.post("/folders/{folder_id}/copy", response={201: FolderOut} | errors(400, 401, 403, 404, 409, 422, 503))
def copy_folder(request: HttpRequest, folder_id: str, wanted: FolderCopy) -> Status[dict[str, Any]]:
    """A private copy of your own, with the folders in it that you may see. Its items follow in the background."""
    folder = folder_for(request.auth.user, folder_id)
    made = make_copy(request.auth, folder_id, name=wanted.name or folder.name, parent_id=wanted.parent_id)
    return Status(201, _one(request, made))


@router.get("/folders/{folder_id}/items", response={200: ItemList} | errors(401, 404, 422))
def list_items(
    request: HttpRequest,
    folder_id: str,
    asked: Query[ItemsAsked],
    cursor: str = "",
    limit: int = Query(PAGE, ge=1, le=PAGE_MAX),
) -> dict[str, Any]:
    """The folder's items, page by page: pass ``next`` as ``cursor`` until it is null.

    A page of a search may have fewer items than asked for, or none, where there is still more to look through.
    """
    # The revision is read with the folder, before the rows: what comes between is newer, and merely told again.
    folder = folder_for(request.auth.user, folder_id)
    may_read = bool(asked.q) and may_read_metadata(request.auth.user, folder)
    page = page_of_view(folder, asked.view(), reads_metadata=may_read, cursor=cursor, limit=limit)
    return {"items": items_as_json(request.auth, folder, page.rows), "next": page.next, "revision": folder.revision}


@router.post(
    "/folders/{folder_id}/items",
    response={201: NewItems} | errors(400, 401, 403, 404, 413, 422, 503),
    openapi_extra=FILES_BODY,
)
def upload_items(request: HttpRequest, folder_id: str) -> Status[dict[str, Any]]:
    """Upload files: each becomes a finished item, all of them or none."""
    folder = folder_for(request.auth.user, folder_id)
    require_editor(role_in(request.auth.user, folder_id))
    with received_files(request) as uploads:
        items = add_uploads(request.auth, folder_id, uploads)
    return Status(201, {"items": items_as_json(request.auth, folder, items)})


def _one(request: HttpRequest, folder: Any) -> dict[str, Any]:
    return folders_as_json(request.auth, [folder])[0]
