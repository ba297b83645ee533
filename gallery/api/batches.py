"""``/api/batches``: how far a batch is, and the previews of its placeholders."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Path, Router

from gallery.access import batch_for, require_editor, role_in
from gallery.api.bodies import small_file
from gallery.api.documents import PREVIEW_BODY, errors
from gallery.api.rows import batch_as_json, receipt_as_json
from gallery.api.schemas import BatchOut, Receipt
from gallery.contract import limits
from gallery.services.media import store_slot_preview

router = Router(by_alias=True, exclude_unset=True, tags=["Batches"])


@router.get("/batches/{batch_id}", response={200: BatchOut} | errors(401, 404))
def read_batch(request: HttpRequest, batch_id: str) -> dict[str, Any]:
    """One batch."""
    return batch_as_json(batch_for(request.auth.user, batch_id))


@router.put(
    "/batches/{batch_id}/previews/{index}",
    response={200: Receipt} | errors(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra=PREVIEW_BODY,
)
def put_slot_preview(
    request: HttpRequest, batch_id: str, index: int = Path(..., ge=0, le=limits.INDEX_MAX)
) -> dict[str, Any]:
    """What a placeholder's picture looks like so far: JPEG, PNG or WebP, 512 KiB at most."""
    batch = batch_for(request.auth.user, batch_id)
    require_editor(role_in(request.auth.user, batch.folder_id), "batch")
    data = small_file(request, limits.PREVIEW_BYTES)
    return receipt_as_json(store_slot_preview(request.auth, batch_id, index, data))
