"""One item's page, and what a person does with an item."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from gallery import dom_ids
from gallery.access import by_hand, item_for, may_read_metadata, role_of
from gallery.folder_tree import editable_tree, trail_to
from gallery.models import Item
from gallery.services.edits import edit_item
from gallery.services.edits import retry_item as ask_again
from gallery.services.item_actions import do_to_items
from gallery.views.errors import action, offer_undo, page
from gallery.views.forms import RenameForm, TagsForm, read_form
from gallery.views.mass_actions import undo_of_delete
from gallery.views.navigation import done
from gallery.views.pages import message_context, render_page
from gallery.views.recipe_facts import recipe_facts


@page
def item(request: HttpRequest, item_id: str) -> HttpResponse:
    """The item in its full size, and its facts."""
    item = item_for(request.user, item_id)  # with its folder, in one query: the revision is that of the same moment
    folder = item.folder
    return render_page(
        request,
        "gallery/item.html",
        item=item,
        folder=folder,
        role=role_of(request.user, folder),
        revision=folder.revision,
        trail=trail_to(request.user, folder),
        tags=list(item.tags.values_list("name", flat=True)),
        places=editable_tree(request.user) if request.user.is_authenticated else [],
        recipe=recipe_facts(item.metadata or {}) if may_read_metadata(request.user, folder) else None,
        **message_context(request, folder.id),
    )


@action
def rename_item(request: HttpRequest, item_id: str) -> HttpResponse:
    """Another name, which no worker will overwrite."""
    item = item_for(request.user, item_id)
    edit_item(by_hand(request.user), item_id, read_form(RenameForm, request))
    return done(request, _folder_url(item), dom_ids.item(item_id))


@action
def remove_item(request: HttpRequest, item_id: str) -> HttpResponse:
    """The item goes into the trash, and can be taken out again at once."""
    item = item_for(request.user, item_id)
    at = timezone.now()
    do_to_items(by_hand(request.user), "delete", [item_id], at=at.isoformat())
    answer = done(request, _folder_url(item), gone=reverse("gallery:item", args=[item_id]))
    return offer_undo(
        request, answer, _("“%(name)s” is in the trash.") % {"name": item.name}, undo_of_delete(item.folder_id, at)
    )


@action
def star(request: HttpRequest, item_id: str) -> HttpResponse:
    """Mark it with a star, or take that off."""
    item = item_for(request.user, item_id)
    edit_item(by_hand(request.user), item_id, {"is_starred": not item.is_starred})
    return done(request, reverse("gallery:item", args=[item_id]), dom_ids.item(item_id))


@action
def tag(request: HttpRequest, item_id: str) -> HttpResponse:
    """Give it these tags and no others."""
    item_for(request.user, item_id)
    edit_item(by_hand(request.user), item_id, read_form(TagsForm, request))
    return done(request, reverse("gallery:item", args=[item_id]))


@action
def retry_item(request: HttpRequest, item_id: str) -> HttpResponse:
    """Ask the worker to make a failed item once more."""
    item = item_for(request.user, item_id)
    ask_again(by_hand(request.user), item_id)
    return done(request, _folder_url(item), dom_ids.item(item_id))


def _folder_url(item: Item) -> str:
    return reverse("gallery:folder", args=[item.folder_id])
