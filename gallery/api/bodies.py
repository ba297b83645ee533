"""Files in request bodies, streamed to disk: raw, or as multipart form data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser
from django.utils.datastructures import MultiValueDict

from gallery.conf import conf
from gallery.contract import limits
from gallery.contract.errors import FieldError, NotifyError
from gallery.media.incoming import receive, size_in_words
from gallery.media.recipes import SIDECAR_BYTES
from gallery.services.media import Upload
from gallery.services.sidecars import find_recipes
from gallery.services.stored_files import incoming_directory

CHUNK_BYTES = 256 * 1024
FORM_BYTES = limits.MIB  # what multipart may add around the file
FILE_FIELD = "file"


@dataclass(frozen=True)
class Body:
    """What one request sends as a file."""

    chunks: Iterator[bytes]
    content_type: str
    filename: str = ""


def refuse_announced(request: HttpRequest) -> None:
    """Refuse what says itself that it is too much, before any of it is read."""
    announced = request.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > conf.MAX_FILE_BYTES + FORM_BYTES:
        raise _too_large(conf.MAX_FILE_BYTES)


@contextmanager
def received_file(request: HttpRequest) -> Iterator[Upload]:
    """The one file of a PUT, raw or in the field ``file``; its temporary file is gone at the end of the block."""
    body = _body(request)
    is_picture = body.content_type.lower().startswith("image/")
    limit = min(conf.MAX_IMAGE_BYTES, conf.MAX_FILE_BYTES) if is_picture else conf.MAX_FILE_BYTES
    temporary = receive(body.chunks, incoming_directory(), limit=limit)
    with _removed_at_the_end([temporary]):
        yield Upload(temporary, body.filename, body.content_type)


@contextmanager
def received_files(request: HttpRequest) -> Iterator[list[Upload]]:
    """The files of a form's field ``file``, one or several; a sidecar goes with its picture."""
    if not _is_form(request):
        raise _no_file("must be multipart form data with files in the field 'file'")
    files = _form_files(request)
    temporaries: list[Path] = []
    with _removed_at_the_end(temporaries):
        for file in files:
            temporaries.append(receive(file.chunks(), incoming_directory(), limit=conf.MAX_FILE_BYTES))
        recipes, sidecars = find_recipes([file.name or "" for file in files], lambda place: _head(temporaries[place]))
        yield [
            Upload(temporaries[place], file.name or "", file.content_type or "", recipes.get(place, {}))
            for place, file in enumerate(files)
            if place not in sidecars
        ]


def small_file(request: HttpRequest, limit: int) -> bytes:
    """The one file of a PUT, at most ``limit`` bytes, in memory."""
    announced = request.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > limit + (FORM_BYTES if _is_form(request) else 0):
        raise _too_large(limit)
    data = bytearray()
    for chunk in _body(request).chunks:
        data += chunk
        if len(data) > limit:
            raise _too_large(limit)
    return bytes(data)


def _body(request: HttpRequest) -> Body:
    if not _is_form(request):
        chunks = iter(lambda: request.read(CHUNK_BYTES), b"")
        return Body(chunks, request.headers.get("Content-Type", ""))
    files = _form_files(request)
    if len(files) > 1:
        raise _no_file("must be one file")
    return Body(files[0].chunks(), files[0].content_type or "", files[0].name or "")


def _is_form(request: HttpRequest) -> bool:
    return request.content_type == "multipart/form-data"


def _form_files(request: HttpRequest) -> list[UploadedFile]:
    if request.method != "POST" or not hasattr(request, "_files"):
        # Django parses only POST, and believes that a body without a length is empty.
        meta = request.META
        if not meta.get("CONTENT_LENGTH"):
            meta = meta | {"CONTENT_LENGTH": str(FORM_BYTES)}
        handlers = [TemporaryFileUploadHandler(request)]
        _, files = MultiPartParser(meta, request, handlers, request.encoding or "utf-8").parse()
    else:
        files = request.FILES
    return _pick(files)


def _pick(files: MultiValueDict) -> list[UploadedFile]:
    if wrong := [name for name in files if name != FILE_FIELD]:
        raise _no_file(f"is the field for files, not '{wrong[0][:100]}'")
    if not files.getlist(FILE_FIELD):
        raise _no_file("is missing")
    return files.getlist(FILE_FIELD)


def _no_file(message: str) -> NotifyError:
    return NotifyError("invalid", f"{FILE_FIELD} {message}.", [FieldError(FILE_FIELD, message)])


def _too_large(limit: int) -> NotifyError:
    return NotifyError("too_large", f"The file is larger than {size_in_words(limit)}.")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SIDECAR_BYTES + 1)


@contextmanager
def _removed_at_the_end(paths: list[Path]) -> Iterator[None]:
    try:
        yield
    finally:
        for path in paths:
            with suppress(OSError):
                path.unlink(missing_ok=True)
