"""The root elements of what is rendered by the thousand: one call makes the id, the class and the data attributes.

A variable in a template costs as much as all of this; ids and keys are of the contract's alphabet and need no escaping.
``SafeString`` itself, for ``mark_safe`` looks for lazy texts first and takes three times as long.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from html import escape
from typing import Any

from django import template
from django.core.signals import setting_changed
from django.template import Context
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from gallery import dom_ids
from gallery.media.thumbnails import BOX
from gallery.models import Item
from gallery.models.batch import Placeholder
from gallery.templatetags.formats import filesize, when

register = template.Library()

LEAST_WIDTH = 320  # pixels of a thumbnail that is worth having in smaller sizes
ANY_ID = "-any-id-"


@register.filter
def state(item: Item) -> str:
    """The one word that decides how a card looks."""
    if item.is_pending:
        return "developing" if item.stalled_at is None else "stalled"
    if item.status == "error":
        return "failed"
    return "finished" if item.media_url else "awaiting"


@register.filter
def card_root(item: Item) -> SafeString:
    """``<article {{ item|card_root }}>``."""
    return SafeString(
        f'id="{dom_ids.item(item.id)}" class="item item--{state(item)} item--{item.type}" '
        f'data-revision="{item.revision}" data-created-revision="{item.created_revision}" '
        f'data-order="{item.order_key}" data-placeholder="{item.placeholder_id}" data-name="{escape(item.name)}"'
        f"{' data-starred' if item.is_starred else ''}"
    )


@register.filter
def progress_root(item: Item) -> SafeString:
    """``<div {{ item|progress_root }}>``."""
    kind = " developing--stalled" if item.stalled_at else ""
    return SafeString(
        f'id="{dom_ids.item_progress(item.id)}" class="developing{kind}{indeterminate(item.progress)}" '
        f'data-revision="{item.progress_revision}"{progress_style(item.progress)}'
    )


@register.filter
def lock_root(item: Item) -> SafeString:
    """``<div {{ item|lock_root }}>``: hidden while nobody holds the lease."""
    lease = item.lock
    held = "hidden"
    if lease is not None:
        name = escape(lease.shown_holder)
        editing = escape(gettext("is editing this"))
        until = lease.expires_at.isoformat()
        held = f'data-holder="{lease.holder_id or ""}" data-expires-at="{until}" title="{name} {editing}"'
    return SafeString(f'id="{dom_ids.lock(item.id)}" class="lock" data-revision="{item.lock_revision}" {held}')


@register.filter
def placeholder_root(placeholder: Placeholder) -> SafeString:
    """``<div {{ placeholder|placeholder_root }}>``."""
    return SafeString(
        f'id="{placeholder.dom_id}" class="item item--placeholder" '
        f'data-revision="{placeholder.revision}" data-order="{placeholder.order_key}"'
    )


@register.filter
def veil(progress: float | None) -> SafeString:
    """``<div {{ placeholder.progress|veil }}>``: the progress of a sheet that has no item yet."""
    return SafeString(f'class="developing{indeterminate(progress)}"{progress_style(progress)}')


@register.filter
def bar(progress: float | None) -> SafeString:
    """``<div class="bar" {{ item.progress|bar }}>``: what a screen reader is told; no number while indeterminate."""
    now = "" if progress is None else f' aria-valuenow="{round(progress)}"'
    return SafeString(f'role="progressbar" aria-valuemin="0" aria-valuemax="100"{now}')


@register.filter
def check_mark(item: Item) -> SafeString:
    """The card's check mark: of the page's one form, so that what is ticked can be sent without script too."""
    return SafeString(
        f'<input class="item__box" type="checkbox" form="actions" name="item" value="{item.id}" autocomplete="off">'
    )


@register.filter
def facts(item: Item) -> SafeString:
    """What a row says of a finished picture beside its name: pixels, bytes and time."""
    moment = datetime.fromtimestamp(int(item.order_key[:17]) / 1_000_000, UTC)
    size = f"<span>{item.width} × {item.height}</span>" if item.width and item.height else "<span></span>"
    return SafeString(f"{size}<span>{filesize(item.size)}</span>{when(moment, 'exact')}")


@register.simple_tag(takes_context=True)
def card_names(context: Context, item: Item) -> str:
    """What ``_item.html`` asks for more than once, by short names: ``item.name`` costs twice what ``name`` does."""
    head, tail = _item_url()
    context.dicts[-1].update(
        href=SafeString(f"{head}{item.id}{tail}"),
        src=card_picture(item),
        name=SafeString(escape(item.name)),
        is_pending=item.is_pending,
        has_failed=item.status == "error",
        is_held=item.lock is not None,
    )
    return ""


@register.simple_tag
def card_picture(item: Item) -> SafeString:
    """What lies on the card: the preview while there is one, else the picture, also an old one that is made anew."""
    if item.preview_file and (item.is_pending or not item.media_url):
        return SafeString(item.preview_url)
    return SafeString(escape(item.thumb_url or (item.media_url if item.type == "image" else "")))


@register.filter
def sizes(item: Item) -> SafeString:
    """``<img {{ item|sizes }}>``: the thumbnail in its smaller sizes too: the browser takes the one it needs."""
    width = BOX[0]  # of a waveform
    if item.width and item.height:
        width = round(item.width * min(1.0, BOX[0] / item.width, BOX[1] / item.height))
    elif item.type != "audio":
        width = 0
    if width < LEAST_WIDTH or not item.thumb_file or (item.is_pending and item.preview_file):
        return SafeString("")
    url = item.thumb_url
    return SafeString(f'srcset="{url}4 {width // 4}w, {url}2 {width // 2}w, {url} {width}w" sizes="auto, 18rem"')


def indeterminate(progress: float | None, block: str = "developing") -> str:
    return f" {block}--indeterminate" if progress is None else ""


def progress_style(progress: float | None) -> str:
    return "" if progress is None else f' style="--progress:{progress / 100:.3g}"'


@cache
def _item_url() -> tuple[str, str]:
    head, _, tail = reverse("gallery:item", args=[ANY_ID]).partition(ANY_ID)
    return head, tail


def _forget_url(**_: Any) -> None:
    _item_url.cache_clear()


setting_changed.connect(_forget_url)
