"""Uploading by a plain form, several files at once."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import SuspiciousOperation, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from gallery import dom_ids
from gallery.access import Sender, folder_for, require_editor, role_in
from gallery.conf import conf
from gallery.contract import limits
from gallery.contract.errors import NotifyError
from gallery.media.incoming import receive, size_in_words
from gallery.media.recipes import SIDECAR_BYTES
from gallery.models import Item
from gallery.services.media import Upload, add_uploads, clean_name
from gallery.services.sidecars import find_recipes
from gallery.services.stored_files import incoming_directory
from gallery.views.errors import action
from gallery.views.navigation import done

FILES_FIELD = "files"
FORM_BYTES = limits.MIB  # what multipart may add around the files
REFUSALS_SAID = 3  # of one upload; of more only the number is told


@csrf_exempt  # so that nothing of the body is read before it is welcome: the token in it is checked below
@action
def upload(request: HttpRequest, folder_id: str) -> HttpResponse:
    """Each file becomes a finished item."""
    folder_for(request.user, folder_id)
    require_editor(role_in(request.user, folder_id))
    announced = request.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > conf.MAX_FILE_BYTES + FORM_BYTES:
        raise NotifyError("too_large", f"These files are larger than {size_in_words(conf.MAX_FILE_BYTES)} together.")
    try:
        return _upload(request, folder_id)
    except TooManyFilesSent as error:
        sentence = f"Choose at most {settings.DATA_UPLOAD_MAX_NUMBER_FILES} files at once."
        raise NotifyError("too_large", sentence) from error
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError) as error:
        raise NotifyError("malformed", "The upload broke off, or cannot be read. Send it again.") from error


@csrf_protect
def _upload(request: HttpRequest, folder_id: str) -> HttpResponse:
    files = request.FILES.getlist(FILES_FIELD)
    if not files:
        raise NotifyError("invalid", "Choose at least one file.")
    sender = Sender(user=request.user, by_hand=True)
    added = _add(sender, folder_id, files, skip_duplicates="skip_duplicates" in request.POST)
    return done(request, reverse("gallery:folder", args=[folder_id]), dom_ids.item(added[0].id))


def _add(sender: Sender, folder_id: str, files: Sequence[UploadedFile], *, skip_duplicates: bool) -> list[Item]:
    """Keep all that are good, and say which were not, and why."""
    added: list[Item] = []
    refused: list[tuple[str, NotifyError]] = []
    recipes, sidecars = find_recipes([file.name or "" for file in files], lambda place: _head(files[place]))
    for place, file in reversed(
        list(enumerate(files))
    ):  # what is added last stands first: they shall stand as they were chosen
        name = file.name or ""
        if place in sidecars:
            continue
        try:
            temporary = receive(file.chunks(), incoming_directory(), limit=conf.MAX_FILE_BYTES)
            upload = Upload(temporary, name, file.content_type or "", recipes.get(place, {}))
            added[:0] = add_uploads(sender, folder_id, [upload], skip_duplicates=skip_duplicates)
        except NotifyError as error:
            refused.insert(0, (clean_name(name), error))
    if refused:
        raise _refusal(refused, len(added))
    return added


def _head(file: UploadedFile) -> bytes:
    """As much as a sidecar may have, and a byte more for the one that has more."""
    head = file.read(SIDECAR_BYTES + 1)
    file.seek(0)
    return head


def _refusal(refused: list[tuple[str, NotifyError]], added: int) -> NotifyError:
    sentences = [f"“{name}” was not added: {error.message}" for name, error in refused[:REFUSALS_SAID]]
    if more := len(refused) - REFUSALS_SAID:
        sentences += [f"Nor {'was' if more == 1 else 'were'} {more} more."] if more > 0 else []
    if added:
        sentences.append("The other file was added." if added == 1 else f"The other {added} files were added.")
    first = refused[0][1]
    return NotifyError(first.code, " ".join(sentences), retry_after=first.retry_after)
