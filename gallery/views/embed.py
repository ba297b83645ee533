"""A folder as a component for anybody's page: ``{% gallery_head %}`` and ``{% gallery folder %}`` (docs/embed.md)."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from gallery.access import folder_and_role
from gallery.contract.errors import NotifyError
from gallery.folder_page import FOLDERS
from gallery.generators.registry import all_generators
from gallery.models import Folder
from gallery.views.errors import take_notice
from gallery.views.folders import asked_page
from gallery.views.messages import dismissed_ids
from gallery.views.pages import not_dismissed


def render_head(request: HttpRequest) -> SafeString:
    """What the component needs in the head of its page."""
    return render_to_string("gallery/embed/_head.html", {}, request)


def render_component(request: HttpRequest, folder: Folder | str) -> SafeString:
    """The folder as this person may see it; a sentence where they may not, so that the page around it still stands."""
    folder_id = folder.id if isinstance(folder, Folder) else str(folder)
    try:
        found, role = folder_and_role(request.user, folder_id, FOLDERS)
    except NotifyError as error:
        return render_to_string("gallery/embed/_refused.html", {"message": error.message}, request)
    page = asked_page(request, found)
    page.system_messages = not_dismissed(request, page.system_messages)
    context = {
        "page": page,
        "folder": found,
        "role": role,
        "generators": all_generators(),
        "notice": take_notice(request),
        "dismissed": dismissed_ids(request),
    }
    return render_to_string("gallery/embed/_component.html", context, request)
