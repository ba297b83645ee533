"""Uploads that can be resumed, by tus 1.0: ``POST /api/folders/ID/uploads``, then ``/api/uploads/ID``."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from gallery.access import Sender, folder_for, require_editor, role_in
from gallery.api import tus
from gallery.api.bodies import CHUNK_BYTES, small_file
from gallery.api.documents import PIECE_BODY, SIDECAR_BODY, UPLOAD_HEADERS, errors
from gallery.contract.errors import NotifyError
from gallery.http_errors import error_response, plain_error
from gallery.media.partial import ChecksumMismatch
from gallery.media.recipes import SIDECAR_BYTES, read_sidecar
from gallery.models import PartialUpload
from gallery.services.announced_uploads import begin_upload
from gallery.services.duplicates import AlreadyHere
from gallery.services.finished_uploads import finish_upload, keep_both
from gallery.services.uploads import append_piece, cancel_upload, offset_of, upload_for

router = Router(tags=["Uploads"])


@router.api_operation(["OPTIONS"], "/folders/{folder_id}/uploads", auth=None, include_in_schema=False)
def describe(request: HttpRequest, folder_id: str) -> HttpResponse:
    """What of tus this server can do."""
    return tus.options()


@router.post(
    "/folders/{folder_id}/uploads",
    response={201: None} | errors(401, 403, 404, 409, 413, 422, 503),
    openapi_extra=UPLOAD_HEADERS,
)
def create_upload(request: HttpRequest, folder_id: str) -> HttpResponse:
    """Announce a file (tus "creation"): a developing card appears, and ``Location`` says where the bytes go."""
    if refusal := tus.wrong_version(request):
        return refusal
    folder_for(request.auth.user, folder_id)
    require_editor(role_in(request.auth.user, folder_id))
    try:
        upload = begin_upload(request.auth, folder_id, tus.read_announced(request))
    except AlreadyHere as error:
        return _already_here(error)
    position = upload.position_at.isoformat()
    response = JsonResponse({"id": upload.id, "itemId": upload.item_id, "position": position}, status=201)
    place = f"{request.path.split('/folders/')[0]}/uploads/{upload.id}"  # on this site, whatever a proxy calls it
    return tus.with_headers(response, Location=place, Upload_Offset="0", Upload_Expires=tus.expires(upload))


@router.api_operation(["HEAD"], "/uploads/{upload_id}", response={200: None}, include_in_schema=False)
def read_upload(request: HttpRequest, upload_id: str) -> HttpResponse:
    """How many bytes are here."""
    upload = upload_for(request.auth, upload_id)
    return _standing(upload, offset_of(upload), status=200, Upload_Length=str(upload.length))


@router.patch(
    "/uploads/{upload_id}",
    response={204: None} | errors(400, 401, 403, 404, 409, 413, 422, 423, 503),
    openapi_extra=PIECE_BODY,
)
def send_piece(request: HttpRequest, upload_id: str) -> HttpResponse:
    """The next bytes, from ``Upload-Offset`` on. The answer to the last ones comes once the item is finished."""
    if refusal := tus.wrong_version(request):
        return refusal
    upload = upload_for(request.auth, upload_id)
    if request.content_type not in ("", tus.PIECE_TYPE):
        return plain_error("media_type", f"Send the bytes as {tus.PIECE_TYPE}.", 415)
    offset, checksum = tus.read_number(request, "Upload-Offset"), tus.read_checksum(request)
    end = offset_of(upload)
    if end < upload.length or offset != end:
        chunks = iter(lambda: request.read(CHUNK_BYTES), b"")
        try:
            end = append_piece(request.auth, upload, offset, chunks, checksum)
        except ChecksumMismatch:
            return tus.with_headers(plain_error("checksum", tus.CHECKSUM_MISMATCH, 460))
    return _finished(request.auth, upload) if end == upload.length else _standing(upload, end)


@router.delete("/uploads/{upload_id}", response={204: None} | errors(401, 404, 503))
def delete_upload(request: HttpRequest, upload_id: str) -> HttpResponse:
    """Cancel it (tus "termination"): the card goes, and what has been sent."""
    cancel_upload(upload_for(request.auth, upload_id))
    return tus.with_headers(HttpResponse(status=204))


@router.put(
    "/uploads/{upload_id}/sidecar",
    response={204: None} | errors(400, 401, 404, 413, 422, 503),
    openapi_extra=SIDECAR_BODY,
)
def send_sidecar(request: HttpRequest, upload_id: str) -> HttpResponse:
    """How the file was made, as a JSON object; before its last piece."""
    upload = upload_for(request.auth, upload_id)
    upload.recipe = read_sidecar(small_file(request, SIDECAR_BYTES))
    upload.save(update_fields=["recipe"])
    return tus.with_headers(HttpResponse(status=204))


@router.post("/uploads/{upload_id}/keep", response={204: None} | errors(401, 403, 404, 422, 503))
def keep_duplicate(request: HttpRequest, upload_id: str) -> HttpResponse:
    """Keep the file although the folder has it already (after a 409 whose body names the item in ``itemId``)."""
    upload = upload_for(request.auth, upload_id)
    keep_both(request.auth, upload)
    return _standing(upload, upload.length)


def _finished(sender: Sender, upload: PartialUpload) -> HttpResponse:
    try:
        finish_upload(sender, upload)
    except AlreadyHere as error:
        return _already_here(error)
    except NotifyError as error:
        return tus.with_headers(error_response(error))
    return _standing(upload, upload.length)


def _standing(upload: PartialUpload, offset: int, *, status: int = 204, **more: str) -> HttpResponse:
    more |= {"Upload_Offset": str(offset), "Upload_Expires": tus.expires(upload)}
    return tus.with_headers(HttpResponse(status=status), **more)


def _already_here(error: AlreadyHere) -> HttpResponse:
    body = error.as_json() | {"itemId": error.item.id, "itemName": error.item.name}
    return tus.with_headers(JsonResponse(body, status=error.status))
