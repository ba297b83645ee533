"""``/api/items``: one item, its file and its preview."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from gallery.access import item_for, item_of_worker
from gallery.api.bodies import received_file, small_file
from gallery.api.documents import FILE_BODY, PREVIEW_BODY, errors
from gallery.api.rows import item_as_json, receipt_as_json
from gallery.api.schemas import ItemOut, ItemPatch, Receipt
from gallery.contract import limits
from gallery.services.edits import edit_item as change_item
from gallery.services.item_actions import do_to_items
from gallery.services.media import store_media, store_preview
from gallery.services.stored_files import look_into

router = Router(by_alias=True, exclude_unset=True, tags=["Items"])


@router.get("/items/{item_id}", response={200: ItemOut} | errors(401, 404))
def read_item(request: HttpRequest, item_id: str) -> dict[str, Any]:
    """One item."""
    return _answer(request, item_id)


@router.patch("/items/{item_id}", response={200: ItemOut} | errors(400, 401, 403, 404, 422, 423, 503))
def edit_item(request: HttpRequest, item_id: str, changes: ItemPatch) -> dict[str, Any]:
    """Change its name, metadata, star or tags. What a person has edited by hand, a token does not overwrite."""
    item_for(request.auth.user, item_id)
    change_item(request.auth, item_id, {name: getattr(changes, name) for name in changes.model_fields_set})
    return _answer(request, item_id)


@router.delete("/items/{item_id}", response={204: None} | errors(401, 403, 404, 423, 503))
def delete_item(request: HttpRequest, item_id: str) -> Status[None]:
    """Put it into the trash, where it stays for 30 days. A worker's ``item:remove`` deletes it for good."""
    item_for(request.auth.user, item_id)
    do_to_items(request.auth, "delete", [item_id])
    return Status(204, None)


@router.put(
    "/items/{item_id}/media",
    response={200: ItemOut} | errors(400, 401, 403, 404, 413, 422, 503),
    openapi_extra=FILE_BODY,
)
def put_media(request: HttpRequest, item_id: str) -> dict[str, Any]:
    """The finished file. The answer comes once it is safe and its thumbnail is made; the status stays as it is."""
    item_of_worker(request.auth, item_id)  # before the body is read: who may not change it need not send it
    with received_file(request) as upload:
        facts = look_into(upload.temporary, upload.claimed_type, upload.filename)
        store_media(request.auth, item_id, upload.temporary, facts)
    item = item_of_worker(request.auth, item_id)
    return item_as_json(request.auth, item.folder, item)


@router.put(
    "/items/{item_id}/preview",
    response={200: Receipt} | errors(400, 401, 403, 404, 413, 422, 503),
    openapi_extra=PREVIEW_BODY,
)
def put_preview(request: HttpRequest, item_id: str) -> dict[str, Any]:
    """What the picture looks like so far: JPEG, PNG or WebP, 512 KiB at most."""
    item_of_worker(request.auth, item_id)
    data = small_file(request, limits.PREVIEW_BYTES)
    return receipt_as_json(store_preview(request.auth, item_id, data))


def _answer(request: HttpRequest, item_id: str) -> dict[str, Any]:
    item = item_for(request.auth.user, item_id)
    return item_as_json(request.auth, item.folder, item)
