"""The strips over the cards: what is at work, and how far it is."""

from __future__ import annotations

from html import escape

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from gallery import dom_ids
from gallery.contract.limits import PLACEHOLDER_SLOTS
from gallery.models import Batch, MassAction
from gallery.templatetags.cards import indeterminate, progress_style
from gallery.templatetags.texts import grouped

register = template.Library()

COPY_AWAY = gettext_lazy("Copy to another folder")
LABELS = {
    "delete": gettext_lazy("Move to the trash"),
    "restore": gettext_lazy("Take out of the trash"),
    "purge": gettext_lazy("Delete for good"),
    "erase": gettext_lazy("Delete for good"),
    "move": gettext_lazy("Move to another folder"),
    "copy": gettext_lazy("Copy into this folder"),
    "remove": gettext_lazy("Delete the folder “{name}”"),
    "star": gettext_lazy("Star"),
    "unstar": gettext_lazy("Take the star away"),
    "tag": gettext_lazy("Tag “{tag}”"),
    "untag": gettext_lazy("Take the tag “{tag}” away"),
}  # of gallery.services.verbs; where they go is not for everybody who sees where they were


@register.filter
def batch_root(batch: Batch) -> SafeString:
    """``<div {{ batch|batch_root }}>``."""
    progress = batch.shown_progress
    kind = " batch--stalled" if batch.is_stalled else ""
    return SafeString(
        f'id="{dom_ids.batch(batch.id)}" class="batch batch--{batch.status}{kind}{indeterminate(progress, "batch")}" '
        f'data-revision="{batch.revision}" data-order="{batch.order_key}" '
        f'role="group" aria-label="{escape(batch.label)}"{progress_style(progress)}'
    )


@register.filter
def mass_action_root(action: MassAction) -> SafeString:
    """``<div {{ action|mass_action_root }}>``: a strip among the batches'."""
    status = "running" if action.is_open else action.status
    return SafeString(
        f'id="{dom_ids.mass_action(action.id)}" class="batch batch--{status}'
        f'{indeterminate(action.progress, "batch")}" data-revision="{action.revision}" '
        f'data-order="{action.order_key}" role="group" aria-label="{escape(action_label(action))}"'
        f"{progress_style(action.progress)}"
    )


@register.filter
def action_label(action: MassAction) -> str:
    """``Tag “sunset”``; a copy is named for the folder where it goes, but where it comes from by where it goes."""
    if action.kind == "copy" and getattr(action, "is_shown_at_source", False):
        return str(COPY_AWAY)
    return str(LABELS[action.kind]).format(**action.arguments)


@register.filter
def action_failures(action: MassAction) -> str:
    """The first few that could not be done, and why."""
    named = " ".join(gettext("“%(name)s”: %(reason)s") % {"name": name, "reason": why} for name, why in action.failures)
    more = action.failed_count - len(action.failures)
    if more <= 0:
        return named
    others = gettext("And %(count)s more.") % {"count": grouped(more)}
    return f"{named} {others}"


@register.filter
def tally(batch: Batch) -> str:
    """``3 of 8``."""
    return gettext("%(number)s of %(total)s") % {
        "number": grouped(batch.finished_count),
        "total": grouped(batch.total),
    }


@register.filter
def more_to_come(batch: Batch) -> int:
    """How many of a running batch's items have neither a card nor a placeholder yet."""
    if not (batch.is_running and batch.makes_items):
        return 0
    return max(0, batch.total - max(PLACEHOLDER_SLOTS, batch.item_count))
