"""What a person does with all that is selected in a folder."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone

from gallery import dom_ids
from gallery.access import Sender, folder_for, mass_action_for, require_editor, role_in
from gallery.contract import limits
from gallery.contract.errors import NotifyError
from gallery.contract.rules import check_tags
from gallery.models import MassAction
from gallery.services.checks import checked
from gallery.services.mass_actions import Selection, act_on_selection, cancel_mass_action
from gallery.services.verbs import Arguments, Outcome
from gallery.views.errors import action, tell
from gallery.views.navigation import done
from gallery.views.selection import find_selected

FAILURES_SAID = 3
VIEW_LENGTH = 100_000  # characters; it names what was taken out of "all"

_is_id = re.compile(limits.ID_PATTERN).fullmatch


@action
def act(request: HttpRequest, folder_id: str, kind: str) -> HttpResponse:
    """Do ``kind`` to the selection: ``item`` (repeated) or ``items`` (ids with blanks between), and ``view``.

    To move and copy there is ``target``, a folder's id, and to tag and untag ``tag``.
    """
    folder = folder_for(request.user, folder_id)
    sender = Sender(user=request.user, by_hand=True)
    arguments = _read_arguments(request, kind)
    result = act_on_selection(sender, folder, kind, arguments, read_selection(request.POST), find_selected)
    url = reverse("gallery:folder", args=[folder.id])
    if isinstance(result, MassAction):
        return done(request, url, dom_ids.mass_action(result.id))
    return _say_failures(request, result, url) if result.failures else done(request, url)


@action
def cancel(request: HttpRequest, action_id: str) -> HttpResponse:
    """Stop an action that runs in the background."""
    mass_action = mass_action_for(request.user, action_id)
    cancel_mass_action(Sender(user=request.user, by_hand=True), mass_action)
    url = reverse("gallery:folder", args=[mass_action.folder_id])
    return done(request, url, dom_ids.mass_action(action_id))


def _read_arguments(request: HttpRequest, kind: str) -> Arguments:
    """What it needs to know besides: ``target``, the folder where they go, or ``tag``."""
    if kind in ("move", "copy"):
        target = folder_for(request.user, request.POST.get("target", ""))
        require_editor(role_in(request.user, target.id))
        return {"folderId": target.id}
    if kind in ("tag", "untag"):
        tags = checked("tag", check_tags, [request.POST.get("tag", "")])
        return {"tag": tags[0]}
    return {"at": timezone.now().isoformat()} if kind == "delete" else {}


def read_selection(said: QueryDict) -> Selection:
    """Raises ``invalid`` for what no id can be, and ``too_large``."""
    item_ids = list(dict.fromkeys([*said.getlist("item"), *said.get("items", "").split()]))
    if not all(map(_is_id, item_ids)):
        raise NotifyError("invalid", "One of the items that were named cannot be one.")
    if len(view := said.get("view", "")) > VIEW_LENGTH:
        raise NotifyError("too_large", "Too many are taken out of this selection. Narrow the view instead.")
    return Selection(item_ids, view)


def _say_failures(request: HttpRequest, result: Outcome, url: str) -> HttpResponse:
    """Where nothing was done, and always for the same reason, it is refused; else the first few are named."""
    (_, first), *_ = result.failures
    if not result.done and len({error.code for _, error in result.failures}) == 1:
        raise first
    named = " ".join(f"“{name}”: {error.message}" for name, error in result.failures[:FAILURES_SAID])
    number, total = len(result.failures), result.done + len(result.failures)
    return tell(request, first.code, f"{number} of {total} could not be done. {named}", url)
