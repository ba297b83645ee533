"""What a person does with items: with all that is selected in a folder, or with some wherever they are."""

from __future__ import annotations

import re
from datetime import datetime

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from gallery import dom_ids
from gallery.access import (
    by_hand,
    folder_and_role,
    folder_for,
    mass_action_for,
    require_editor,
    role_in,
    visible_items,
)
from gallery.contract import limits
from gallery.contract.errors import NotifyError
from gallery.contract.rules import check_tags
from gallery.models import MassAction
from gallery.services.checks import checked
from gallery.services.item_actions import do_to_items
from gallery.services.mass_actions import cancel_mass_action
from gallery.services.mass_requests import Selection, act_on_selection
from gallery.services.verbs import Arguments, Outcome
from gallery.views.errors import action, offer_undo, tell
from gallery.views.navigation import SeeOther, done, is_from_script
from gallery.views.own_actions import HAS_OWN
from gallery.views.selection import arrived_at, find_selected, microseconds, thrown_at

REFUSED_SAID = 3
UNDONE_BY_NAME = 60  # items, whose ids an address may hold
OUT_OF_TRASH = ("restore", "purge")
VIEW_LENGTH = 100_000  # characters; it names what was taken out of "all"

_is_id = re.compile(limits.ID_PATTERN).fullmatch


@action
def act(request: HttpRequest, folder_id: str, kind: str) -> HttpResponse:
    """Do ``kind`` (``gallery.services.verbs``) to the selection: ``item`` (repeated) or ``items`` (ids with blanks
    between), and ``view``. To move and copy there is ``target``, a folder's id, and to tag and untag ``tag``.
    """
    folder = folder_for(request.user, folder_id)
    selection, said = read_selection(request.POST), _read_arguments(request, kind)
    result = act_on_selection(by_hand(request.user), folder, kind, said, selection, find_selected)
    undo = "" if isinstance(result, MassAction) else _undo_of(kind, said, folder.id, result)
    return _answer(request, result, reverse("gallery:folder", args=[folder.id]), kind, undo)


@action
def act_on_items(request: HttpRequest, kind: str) -> HttpResponse:
    """The same with up to 1,000 items, wherever they are, and at once; the address may name them too."""
    is_in_form = "item" in request.POST or "items" in request.POST
    selection, said = read_selection(request.POST if is_in_form else request.GET), _read_arguments(request, kind)
    places = visible_items(request.user).filter(id__in=selection.item_ids).values_list("folder", flat=True).distinct()
    came_from = list(places[:2])
    try:
        result = do_to_items(by_hand(request.user), kind, selection.item_ids, **said)
    except NotifyError as error:
        if error.code == "not_found" and kind in OUT_OF_TRASH:
            raise NotifyError("conflict", gettext("This is not in the trash any more.")) from error
        raise
    url = reverse("gallery:folder", args=[said["folderId"]]) if "folderId" in said else reverse("gallery:home")
    undo = _undo_of(kind, said, came_from[0], result) if len(came_from) == 1 else ""
    if kind == "restore" and len(result.done) <= UNDONE_BY_NAME:
        undo = f"{reverse('gallery:act_on_items', args=['delete'])}?items={'+'.join(result.done)}"
    # Where an item was opened by itself it is followed, for its old address stays the same and its folder does not.
    return _answer(request, result, url, kind, undo, goes_on="folderId" in said)


@action
def undo_delete(request: HttpRequest, folder_id: str, moment: int) -> HttpResponse:
    """Take out of the trash what was thrown away there at that moment (microseconds since 1970)."""
    return _undo(request, folder_id, "restore", {}, thrown_at(moment))


@action
def undo_move(request: HttpRequest, folder_id: str, target_id: str, revision: int) -> HttpResponse:
    """Move back what went to the other folder at that revision of it."""
    folder = folder_for(request.user, folder_id)
    return _undo(request, target_id, "move", {"folderId": folder.id}, arrived_at([revision]))


@action
def undo_mass_action(request: HttpRequest, action_id: str) -> HttpResponse:
    """Take back what an action on very many items has done, in the background as well."""
    mass_action = mass_action_for(request.user, action_id)
    if not mass_action.can_undo:
        raise NotifyError("conflict", gettext("This cannot be taken back."))
    if mass_action.kind == "delete":
        moment = microseconds(datetime.fromisoformat(mass_action.arguments["at"]))
        return _undo(request, mass_action.folder_id, "restore", {}, thrown_at(moment))
    back = {"folderId": mass_action.folder_id}
    return _undo(request, mass_action.arguments["folderId"], "move", back, arrived_at(mass_action.arrivals))


def undo_of_delete(folder_id: str, at: datetime) -> str:
    return reverse("gallery:undo_delete", args=[folder_id, microseconds(at)])


@action
def cancel(request: HttpRequest, action_id: str) -> HttpResponse:
    """Stop an action that runs in the background."""
    mass_action = mass_action_for(request.user, action_id)
    cancel_mass_action(by_hand(request.user), mass_action)
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
        raise NotifyError("invalid", gettext("One of the items that were named cannot be one."))
    if len(view := said.get("view", "")) > VIEW_LENGTH:
        raise NotifyError("too_large", gettext("Too many are taken out of this selection. Narrow the view instead."))
    return Selection(item_ids, view)


def _undo_of(kind: str, said: Arguments, folder_id: str, result: Outcome) -> str:
    """Where it is taken back; '' where it cannot be, or where there is nothing."""
    if kind == "delete" and result.done:
        return undo_of_delete(folder_id, datetime.fromisoformat(said["at"]))
    if kind == "move" and result.arrived_at is not None:
        return reverse("gallery:undo_move", args=[folder_id, said["folderId"], result.arrived_at])
    return ""


def _undo(request: HttpRequest, folder_id: str, kind: str, said: Arguments, view: str) -> HttpResponse:
    folder, role = folder_and_role(request.user, folder_id)
    require_editor(role)
    if not find_selected(request.user, folder, view).exists():
        raise NotifyError("conflict", gettext("There is nothing left to take back: it has been put elsewhere since."))
    result = act_on_selection(by_hand(request.user), folder, kind, said, Selection(view=view), find_selected)
    return _answer(request, result, reverse("gallery:folder", args=[said.get("folderId", folder.id)]))


def _answer(
    request: HttpRequest,
    result: Outcome | MassAction,
    url: str,
    kind: str = "",
    undo: str = "",
    *,
    goes_on: bool = False,
) -> HttpResponse:
    """Where the person goes, and what is said; ``goes_on``: a plain form leads to ``url`` and not back."""
    if isinstance(result, MassAction):
        request.session[HAS_OWN] = True
        return done(request, url, dom_ids.mass_action(result.id))
    if result.refused:
        return _say_refused(request, result, url)
    answer = SeeOther(url) if goes_on and not is_from_script(request) else done(request, url)
    return offer_undo(request, answer, _say_done(kind, len(result.done)), undo) if undo else answer


def _say_done(kind: str, number: int) -> str:
    if kind == "delete":
        said = ngettext("%(count)s item put into the trash.", "%(count)s items put into the trash.", number)
    elif kind == "restore":
        said = ngettext("%(count)s item taken out of the trash.", "%(count)s items taken out of the trash.", number)
    else:
        said = ngettext("%(count)s item moved.", "%(count)s items moved.", number)
    return said % {"count": number_format(number, force_grouping=True)}


def _say_refused(request: HttpRequest, result: Outcome, url: str) -> HttpResponse:
    """Where nothing was done, and always for the same reason, it is refused; else the first few are named."""
    first = result.refused[0].error
    if not result.done and len({one.error.code for one in result.refused}) == 1:
        raise first
    said = gettext("“%(name)s”: %(reason)s")
    named = " ".join(said % {"name": one.name, "reason": one.error.message} for one in result.refused[:REFUSED_SAID])
    number, total = len(result.refused), len(result.done) + len(result.refused)
    sentence = gettext("%(count)s of %(total)s could not be done.") % {"count": number, "total": total}
    return tell(request, first.code, f"{sentence} {named}", url)
