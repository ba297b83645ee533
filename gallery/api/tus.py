"""The headers of tus 1.0 (https://tus.io/protocols/resumable-upload): what they say, read with care."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

from gallery.conf import conf
from gallery.contract.errors import FieldError, NotifyError
from gallery.http_errors import plain_error
from gallery.media.partial import Checksum
from gallery.models import PartialUpload
from gallery.services.announced_uploads import Announced
from gallery.services.uploads import KEPT_FOR

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,checksum,expiration"
ALGORITHMS = ("sha1", "sha256")
PIECE_TYPE = "application/offset+octet-stream"
CHECKSUM_MISMATCH = "The piece is not what its checksum says. Send it again."

METADATA_BYTES = 8 * 1024
SHA256 = re.compile(r"[0-9a-f]{64}")
LAST_PLACE = 99_999


def with_headers(response: HttpResponse, **more: str) -> HttpResponse:
    """What every answer says, and ``Upload_Offset="7"`` and the like."""
    response["Tus-Resumable"] = VERSION
    response["Cache-Control"] = "no-store"
    for name, value in more.items():
        response[name.replace("_", "-")] = value
    return response


def options() -> HttpResponse:
    """What this server can do."""
    headers = {
        "Tus_Version": VERSION,
        "Tus_Extension": EXTENSIONS,
        "Tus_Max_Size": str(conf.MAX_FILE_BYTES),
        "Tus_Checksum_Algorithm": ",".join(ALGORITHMS),
    }
    return with_headers(HttpResponse(status=204), **headers)


def expires(upload: PartialUpload) -> str:
    return http_date((upload.heard_at + KEPT_FOR).timestamp())


def wrong_version(request: HttpRequest) -> HttpResponse | None:
    """The refusal of a client that speaks another version; None where it is ours."""
    said = request.headers.get("Tus-Resumable", VERSION)
    if said == VERSION:
        return None
    refusal = plain_error("version", f"This server speaks tus {VERSION}.", 412)
    return with_headers(refusal, Tus_Version=VERSION)


def read_number(request: HttpRequest, name: str) -> int:
    said = request.headers.get(name, "")
    if not re.fullmatch(r"[0-9]{1,15}", said):
        raise _wrong(name, "must be a number of bytes")
    return int(said)


def read_announced(request: HttpRequest) -> Announced:
    """The file that a creation announces."""
    length = read_number(request, "Upload-Length")
    said = _read_metadata(request.headers.get("Upload-Metadata", ""))
    content_hash = said.get("sha256", "")
    if content_hash and not SHA256.fullmatch(content_hash):
        raise _wrong("Upload-Metadata.sha256", "must be 64 hexadecimal digits")
    return Announced(
        filename=said.get("filename", ""),
        length=length,
        claimed_type=said.get("filetype", ""),
        content_hash=content_hash,
        asks_about_duplicates=said.get("duplicates") == "ask",
        position_at=_read_moment(said.get("position", "")),
        place=min(_read_place(said.get("place", "")), LAST_PLACE),
    )


def read_checksum(request: HttpRequest) -> Checksum | None:
    said = request.headers.get("Upload-Checksum")
    if said is None:
        return None
    algorithm, _, encoded = said.partition(" ")
    if algorithm not in ALGORITHMS:
        raise NotifyError("malformed", f"Upload-Checksum must begin with one of: {', '.join(ALGORITHMS)}.")
    return Checksum(algorithm, _decode("Upload-Checksum", encoded))


def _read_metadata(said: str) -> dict[str, str]:
    if len(said) > METADATA_BYTES:
        raise _wrong("Upload-Metadata", f"must have at most {METADATA_BYTES:,} characters")
    pairs = (pair.strip().partition(" ") for pair in said.split(",") if pair.strip())
    return {key: _decode("Upload-Metadata", value).decode("utf-8", "replace") for key, _, value in pairs}


def _decode(name: str, encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise _wrong(name, "must be encoded as Base64") from None


def _read_moment(said: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _read_place(said: str) -> int:
    return int(said) if re.fullmatch(r"[0-9]{1,7}", said) else 0


def _wrong(field: str, message: str) -> NotifyError:
    return NotifyError("invalid", f"{field} {message}.", [FieldError(field, message)])
