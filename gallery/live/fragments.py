"""From changes to HTML: each fragment is the very template that the page includes."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

from django.template import Context
from django.template.loader import get_template
from django.utils.html import format_html

from gallery.languages import shown_language
from gallery.live.changes import Changes
from gallery.models import Item, SystemMessage

CARDS_KEPT = 5_000


def render(name: str, **context: Any) -> str:
    """One fragment from ``templates/gallery/fragments/_NAME.html``."""
    # Its own rendering, without what a request would add to it: that would be a tenth of a card.
    return get_template(f"gallery/fragments/_{name}.html").template.render(Context(context))


@contextmanager
def rendering(name: str) -> Iterator[Callable[[Any], str]]:
    """``render(name, …)`` for many of a kind, in one context: to set that up costs a quarter of a card."""
    fragment = get_template(f"gallery/fragments/_{name}.html").template
    context = Context()

    def render_one(thing: Any) -> str:
        context[name] = thing
        return fragment.nodelist.render(context)

    with context.render_context.push_state(fragment), context.bind_template(fragment):
        yield render_one


class CardCache:
    """Rendered cards by what they show: a card is pure state, so one rendering serves all pages of a language."""

    def __init__(self) -> None:
        self._cards: OrderedDict[tuple[Any, ...], str] = OrderedDict()
        self._lock = Lock()

    def card(self, item: Item, language: str, render_item: Callable[[Item], str]) -> str:
        """The card in ``language``, which is the active one, as ``rendering("item")`` makes it where it is new."""
        key = (language, item.folder_id, item.id, item.revision, item.created_at, item.lock is not None)
        with self._lock:
            if html := self._cards.get(key):
                self._cards.move_to_end(key)
                return html
        html = render_item(item)
        with self._lock:
            self._cards[key] = html
            if len(self._cards) > CARDS_KEPT:
                self._cards.popitem(last=False)
        return html


cards = CardCache()


def render_changes(changes: Changes) -> str:
    """Everything that changed, deletions first (an element that left and came back must not go again)."""
    language = shown_language()
    parts = [delete(dom_id, revision) for dom_id, revision in changes.removed.items()]
    parts += [render("batch", batch=batch) for batch in changes.batches]
    parts += [render("mass_action", action=action) for action in changes.mass_actions]
    parts += [render("placeholder", placeholder=placeholder) for placeholder in changes.placeholders]
    with rendering("item") as render_item:
        parts += [cards.card(item, language, render_item) for item in changes.cards]
    parts += [render("item_progress", item=item) for item in changes.progress]
    parts += [render("item_lock", item=item) for item in changes.locks]
    return "".join(parts)


def delete(dom_id: str, revision: int) -> str:
    """The element goes, unless what is shown is newer than this."""
    return format_html('<div id="{}" hx-swap-oob="delete" data-revision="{}"></div>', dom_id, revision)


WAITS = ' data-waits-for="database"'


def render_revision(revision: int, *, waits: bool = False) -> str:
    """The revision that the page shows from now on; ``waits``: the database is away, so nothing new can come."""
    return f'<div id="revision" data-revision="{revision}"{WAITS if waits else ""} hidden></div>'


def render_reset(revision: int) -> str:
    """The page shall fetch its own URL again."""
    return f'<div id="reset" data-revision="{revision}" hidden></div>'


def render_heartbeat(*, waits: bool = False, trash: str = "", whole: str = "") -> str:
    """A word to pages that have no revision.

    ``trash``: the mark of what lies in it now (``mark_of``). ``whole``: what the page looks at, where this
    frame has all of that.
    """
    mark = format_html(' data-trash="{}"', trash) if trash else format_html(' data-whole="{}"', whole) if whole else ""
    return f'<div id="heartbeat" data-at="{int(time.time())}"{mark}{WAITS if waits else ""} hidden></div>'


def render_messages(messages: Sequence[SystemMessage], revision: int) -> str:
    """``#messages`` in full."""
    return render("messages", system_messages=messages, messages_revision=revision)


def render_notice(code: str, message: str) -> str:
    """A refusal, said to one page alone."""
    return render("notice", code=code, message=message)
