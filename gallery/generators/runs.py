"""From the dialog to the batch: a run is started in a request, and done by the task worker."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import QueryDict
from django.utils.translation import override

from gallery.access import Sender, require_editor, role_in
from gallery.contract.errors import NotifyError
from gallery.generators.base import Generator, GeneratorFailed
from gallery.generators.context import Cancelled, Context
from gallery.generators.registry import generator_named
from gallery.ingest.python import notify, push
from gallery.models import Batch, Folder, Item
from gallery.models.fields import new_id
from gallery.services.copies import readable_items
from gallery.task_queue import enqueue_on_commit

logger = logging.getLogger("gallery.generators")

WAITING = "Waiting for its turn"
BROKEN = "“{label}” broke off; the server’s log says why."
NO_MORE = "Whoever asked for it may not change this folder any more."


def start_run(user: Any, folder: Folder, generator: Generator, items: Sequence[Item], form: forms.Form) -> str:
    """Start its batch and have the task worker do it; returns the batch's id. ``form`` is valid."""
    sender = Sender(user=user)
    require_editor(role_in(user, folder.id))
    if reason := generator.why_not(items):
        raise NotifyError("invalid", reason)
    with override(settings.LANGUAGE_CODE):  # it is kept, and everybody reads it
        title = generator.title(form.cleaned_data, items)
    batch = {
        "batchId": new_id(),
        "total": generator.total(form.cleaned_data, items),
        "label": title[:200],
        "targetFolderId": folder.id,
    }
    push("batch:start", batch, None, "python", sender)
    push("batch:progress", {"batchId": batch["batchId"], "message": WAITING}, None, "python", sender)
    answers = _only_options(form)
    enqueue_on_commit("run_generator", generator.name, batch["batchId"], user.pk, [item.id for item in items], answers)
    return batch["batchId"]


def do_run(name: str, batch_id: str, user_id: Any, item_ids: list[str], answers: str) -> None:
    """The task: whatever becomes of it, the batch has an end and a sentence."""
    batch = Batch.objects.select_related("folder").filter(id=batch_id).first()
    if batch is None or not (batch.is_running or _was_late(batch)):
        return  # cancelled, or deleted with its folder, before its turn
    user = get_user_model().objects.filter(pk=user_id, is_active=True).first()
    try:
        if user is None or role_in(user, batch.folder_id) is None:
            raise GeneratorFailed(NO_MORE)
        _run(generator_named(name), batch, user, item_ids, answers)
    except Cancelled:
        pass
    except (GeneratorFailed, NotifyError) as error:
        _end(batch, "error", str(error))
    except Exception:
        logger.exception("The generator %s failed.", name)
        _end(batch, "error", BROKEN.format(label=batch.label))


def _was_late(batch: Batch) -> bool:
    """Its turn came so late that it was taken for dead; its first word revives it."""
    return batch.was_given_up and batch.status == Batch.Status.ERROR


def _run(generator: Generator, batch: Batch, user: Any, item_ids: list[str], answers: str) -> None:
    found = {item.id: item for item in readable_items(Sender(user=user), item_ids)}
    items = [found[item_id] for item_id in item_ids if item_id in found]
    form = generator.form(QueryDict(answers), items=items)
    if reason := generator.why_not(items) or "; ".join(str(error) for [error, *_] in form.errors.values()):
        raise GeneratorFailed(reason)
    context = Context(batch, user, items, form.cleaned_data)
    context.notify("batch:progress", message="")
    generator.run(context)
    batch.refresh_from_db()
    if batch.is_running:
        _end(batch, "partial" if batch.failed_count else "complete", "")


def _end(batch: Batch, status: str, message: str) -> None:
    """For the site: whoever asked may have lost the right to end it."""
    batch = Batch.objects.filter(id=batch.id).first()
    if batch is not None and batch.is_running:
        notify("batch:end", {"batchId": batch.id, "status": status, "message": message[:2000]})


def _only_options(form: forms.Form) -> str:
    """What was answered, without what else the request carried."""
    answers = QueryDict(mutable=True)
    for name in form.data:
        if form.prefix is None or name.startswith(f"{form.prefix}-"):
            answers.setlist(name, form.data.getlist(name))
    return answers.urlencode()
