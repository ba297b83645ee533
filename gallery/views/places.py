"""Items that are put elsewhere, starred and tagged, by plain forms: one item, or up to 1,000 that are selected."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from gallery import dom_ids
from gallery.access import Sender, item_for
from gallery.services.edits import edit_item
from gallery.services.many import Outcome, copy_many, move_many
from gallery.views.errors import action, tell
from gallery.views.forms import TagsForm, TargetForm, read_form
from gallery.views.mass_actions import read_selection
from gallery.views.navigation import SeeOther, done, is_from_script

SAID = 3  # refusals that are told with their reason


@action
def move(request: HttpRequest) -> HttpResponse:
    """``item`` (repeated) or ``items`` go to ``folder``."""
    return _put(request, move_many, "moved")


@action
def copy(request: HttpRequest) -> HttpResponse:
    """Copies of ``item`` or ``items`` come into ``folder``."""
    return _put(request, copy_many, "copied")


@action
def star(request: HttpRequest, item_id: str) -> HttpResponse:
    """Mark it with a star, or take that off."""
    item = item_for(request.user, item_id)
    edit_item(_sender(request), item_id, {"is_starred": not item.is_starred})
    return done(request, reverse("gallery:item", args=[item_id]), dom_ids.item(item_id))


@action
def tag(request: HttpRequest, item_id: str) -> HttpResponse:
    """Give it these tags and no others."""
    item_for(request.user, item_id)
    edit_item(_sender(request), item_id, read_form(TagsForm, request))
    return done(request, reverse("gallery:item", args=[item_id]))


def _put(request: HttpRequest, do: Callable[[Sender, Sequence[str], str], Outcome], done_word: str) -> HttpResponse:
    item_ids = read_selection(request.POST).item_ids
    folder_id = read_form(TargetForm, request)["folder"]
    outcome = do(_sender(request), item_ids, folder_id)
    url = reverse("gallery:folder", args=[folder_id])
    if outcome.refused:
        reasons = list(dict.fromkeys(error.message for _, error in outcome.refused))[:SAID]
        number, total = len(outcome.refused), len(outcome.done) + len(outcome.refused)
        sentence = f"{number} of {total} could not be {done_word}. {' '.join(reasons)}"
        return tell(request, outcome.refused[0][1].code, sentence, url)
    # Where an item was opened by itself it is followed, for its old address stays the same and its folder does not.
    return done(request, url) if is_from_script(request) else SeeOther(url)


def _sender(request: HttpRequest) -> Sender:
    return Sender(user=request.user, by_hand=True)
