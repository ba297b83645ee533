"""What a person does with a batch."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from gallery import dom_ids
from gallery.access import batch_for, by_hand
from gallery.generators.runs import start_again
from gallery.services.batch_ends import cancel_batch as ask_to_stop
from gallery.views.errors import action
from gallery.views.navigation import done


@action
def cancel_batch(request: HttpRequest, batch_id: str) -> HttpResponse:
    """Ask the batch's worker to stop."""
    batch = batch_for(request.user, batch_id)
    ask_to_stop(by_hand(request.user), batch_id)
    return done(request, reverse("gallery:folder", args=[batch.folder_id]), dom_ids.batch(batch_id))


@action
def try_again(request: HttpRequest, batch_id: str) -> HttpResponse:
    """What a generator failed to make, once more."""
    batch = batch_for(request.user, batch_id)
    again = start_again(request.user, batch)
    return done(request, reverse("gallery:folder", args=[batch.folder_id]), dom_ids.batch(again))
