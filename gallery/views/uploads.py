"""Uploading by a plain form, several files at once."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import SuspiciousOperation, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from gallery import dom_ids
from gallery.access import Sender, by_hand, folder_for, require_editor, role_in
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
        raise NotifyError(
            "too_large",
            _("These files are larger than %(size)s together.") % {"size": size_in_words(conf.MAX_FILE_BYTES)},
        )
    try:
        return _upload(request, folder_id)
    except TooManyFilesSent as error:
        sentence = _("Choose at most %(count)s files at once.") % {"count": settings.DATA_UPLOAD_MAX_NUMBER_FILES}
        raise NotifyError("too_large", sentence) from error
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError) as error:
        raise NotifyError("malformed", _("The upload broke off, or cannot be read. Send it again.")) from error


@csrf_protect
def _upload(request: HttpRequest, folder_id: str) -> HttpResponse:
    files = request.FILES.getlist(FILES_FIELD)
    if not files:
        raise NotifyError("invalid", _("Choose at least one file."))
    sender = by_hand(request.user)
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
    sentences = [
        _("“%(name)s” was not added: %(reason)s") % {"name": name, "reason": error.message}
        for name, error in refused[:REFUSALS_SAID]
    ]
    if (more := len(refused) - REFUSALS_SAID) > 0:
        sentences.append(ngettext("Nor was %(count)s more.", "Nor were %(count)s more.", more) % {"count": more})
    if added:
        said = ngettext("The other file was added.", "The other %(count)s files were added.", added)
        sentences.append(said % {"count": added})
    first = refused[0][1]
    return NotifyError(first.code, " ".join(sentences), retry_after=first.retry_after)
