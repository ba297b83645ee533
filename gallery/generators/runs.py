"""From the dialog to the batch: a run is started in a request, and done by the task worker."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import override

from gallery.access import Sender, require_editor, role_in
from gallery.contract.errors import NotifyError
from gallery.generators.base import Generator, GeneratorFailed
from gallery.generators.context import Cancelled, Context
from gallery.generators.registry import generator_named
from gallery.ingest.python import notify, push
from gallery.models import Batch, Folder, GeneratorRun, Item
from gallery.models.fields import new_id
from gallery.services.copies import readable_items
from gallery.services.generator_runs import ASKED_ALREADY, kept_alive, take_over
from gallery.task_queue import enqueue_on_commit

logger = logging.getLogger("gallery.generators")

TASK = "run_generator"
WAITING = "Waiting for its turn"
BROKEN = "“{}” broke off; the server’s log says why."
NO_MORE = "Whoever asked for it may not change this folder any more."


def start_run(user: Any, folder: Folder, generator: Generator, items: Sequence[Item], form: forms.Form) -> str:
    """Start its batch and have the task worker do it; returns the batch's id. ``form`` is valid."""
    sender = Sender(user=user)
    require_editor(role_in(user, folder.id))
    if reason := generator.why_not(items):
        raise NotifyError("invalid", reason)
    with override(settings.LANGUAGE_CODE):  # it is kept, and everybody reads it
        title = generator.title(form.cleaned_data, items)
    batch_id = new_id()
    batch = {
        "batchId": batch_id,
        "total": generator.total(form.cleaned_data, items),
        "label": title[:200],
        "targetFolderId": folder.id,
    }
    with transaction.atomic():
        push("batch:start", batch, None, "python", sender)
        push("batch:progress", {"batchId": batch_id, "message": WAITING}, None, "python", sender)
        Batch.objects.filter(id=batch_id).update(is_repeatable=True, makes_items=generator.makes_items)
        asked = {"item_ids": [item.id for item in items], "answers": _only_options(form)}
        GeneratorRun.objects.create(batch_id=batch_id, generator=generator.name, **asked)
        enqueue_on_commit(TASK, batch_id)
    return batch_id


def start_again(user: Any, batch: Batch) -> str:
    """What has failed once more, in a batch of its own and with this person's rights; returns the new batch's id."""
    require_editor(role_in(user, batch.folder_id), "batch")
    run = GeneratorRun.objects.filter(batch=batch).first()
    if run is None or not batch.can_try_again:
        raise NotifyError("conflict", str(ASKED_ALREADY))
    try:
        generator, items, form = _as_asked(run, user)
    except GeneratorFailed as error:
        raise NotifyError("invalid", str(error)) from error
    with transaction.atomic():
        take_over(Sender(user=user), batch.id)
        return start_run(user, batch.folder, generator, items, form)


def do_run(batch_id: str) -> None:
    """The task: whatever becomes of it, the batch has an end and a sentence."""
    run = GeneratorRun.objects.select_related("batch__folder", "batch__owner").filter(pk=batch_id).first()
    if run is None or not (run.batch.is_running or _was_late(run.batch)):
        return  # asked again, cancelled, or deleted with its folder, before its turn
    with kept_alive(batch_id) as is_ours:
        if is_ours:
            _do(run)


def _do(run: GeneratorRun) -> None:
    batch = run.batch
    user = batch.owner if batch.owner is not None and batch.owner.is_active else None
    try:
        if user is None or role_in(user, batch.folder_id) is None:
            raise GeneratorFailed(NO_MORE)
        generator, items, form = _as_asked(run, user)
        context = Context(batch, user, items, form.cleaned_data)
        context.notify("batch:progress", message="")
        generator.run(context)
        batch.refresh_from_db()
        if batch.is_running:
            _end(batch, "partial" if batch.failed_count else "complete", "")
    except Cancelled:
        pass
    except (GeneratorFailed, NotifyError) as error:
        _end(batch, "error", str(error))
    except Exception:
        logger.exception("The generator %s failed.", run.generator)
        _end(batch, "error", BROKEN.format(batch.label))


def _was_late(batch: Batch) -> bool:
    """Its turn came so late that it was taken for dead; its first word revives it."""
    return batch.was_given_up and batch.status == Batch.Status.ERROR


def _as_asked(run: GeneratorRun, user: Any) -> tuple[Generator, list[Item], forms.Form]:
    """The generator, what of the selection this person sees, and the answers; raises ``GeneratorFailed``."""
    generator = generator_named(run.generator)
    found = {item.id: item for item in readable_items(Sender(user=user), run.item_ids)}
    items = [found[item_id] for item_id in run.item_ids if item_id in found]
    form = generator.form(QueryDict(run.answers), items=items)
    if reason := generator.why_not(items) or "; ".join(str(error) for [error, *_] in form.errors.values()):
        raise GeneratorFailed(reason)
    return generator, items, form


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
