"""A generator's questions and its start: a dialog on the folder's page, or a page of its own without script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from gallery import dom_ids
from gallery.access import Sender, folder_for, require_editor, role_in
from gallery.contract.errors import NotifyError
from gallery.generators.base import MOST_ITEMS, Generator
from gallery.generators.registry import generator_named
from gallery.generators.runs import start_run
from gallery.models import Folder, Item
from gallery.services.copies import readable_items
from gallery.views.errors import action, page
from gallery.views.mass_actions import read_selection
from gallery.views.navigation import done, is_from_script
from gallery.views.pages import message_context, render_page
from gallery.views.selection import find_selected

RUN = "run"  # the button of the form; without it the form is only asked for


def generate(request: HttpRequest, folder_id: str, name: str) -> HttpResponseBase:
    """GET: the form, with nothing selected. POST: the form for a selection, or with ``run`` its answers."""
    return (_answer if request.method == "POST" else _look)(request, folder_id, name)


@page
def _look(request: HttpRequest, folder_id: str, name: str) -> HttpResponse:
    folder = folder_for(request.user, folder_id)
    require_editor(role_in(request.user, folder.id))
    generator = generator_named(name)
    return _show(request, folder, generator, [], generator.form(items=[]))


@action
def _answer(request: HttpRequest, folder_id: str, name: str) -> HttpResponse:
    folder = folder_for(request.user, folder_id)
    require_editor(role_in(request.user, folder.id))
    generator = generator_named(name)
    items = _selected(request, folder)
    if reason := generator.why_not(items):
        raise NotifyError("invalid", reason)
    if RUN not in request.POST:
        return _show(request, folder, generator, items, generator.form(items=items))
    form = generator.form(request.POST, items=items)
    if not form.is_valid():
        return _show(request, folder, generator, items, form, status=422)
    batch_id = start_run(request.user, folder, generator, items, form)
    return done(request, reverse("gallery:folder", args=[folder.id]), dom_ids.batch(batch_id))


def _selected(request: HttpRequest, folder: Folder) -> list[Item]:
    """In the order in which they were selected; those of a view as they stand."""
    selection = read_selection(request.POST)
    named = readable_items(Sender(user=request.user), selection.item_ids[: MOST_ITEMS + 1])
    chosen = {item.id: item for item in named}
    items = [chosen[item_id] for item_id in selection.item_ids if item_id in chosen]
    if selection.view:
        found = find_selected(request.user, folder, selection.view)
        items += found.exclude(id__in=selection.item_ids)[: MOST_ITEMS + 1]
    return items


def _show(
    request: HttpRequest,
    folder: Folder,
    generator: Generator,
    items: Sequence[Item],
    form: forms.Form,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {"folder": folder, "generator": generator, "items": items, "form": form}
    if is_from_script(request):
        return render(request, "gallery/generate/_dialog.html", context, status=status)
    back = reverse("gallery:folder", args=[folder.id])
    response = render_page(
        request, "gallery/generate.html", back=back, **context, **message_context(request, folder.id)
    )
    response.status_code = status
    return response
