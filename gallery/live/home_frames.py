"""What pages outside a folder lack: cards of the list of folders, or a word that what lies in the trash has changed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.translation import override

from gallery import dom_ids
from gallery.access import visible_folders
from gallery.folder_list import matching_folders, with_covers
from gallery.live.fragments import delete, render, render_heartbeat
from gallery.live.frames import current_messages
from gallery.live.looks import MOST_FOLLOWED, Look
from gallery.models import Folder
from gallery.services.messages import messages_revision
from gallery.trash_list import mark_of, trash_of

Cards = dict[tuple[str, int], str]  # by folder and revision


@dataclass(frozen=True)
class Sent:
    """What a page has been sent: folders with their revisions (None: nothing yet), the trash's mark, the messages."""

    shown: dict[str, int] | None = None
    mark: str = ""
    messages_at: int = -1


def build_home_frames(
    user: Any, look: Look, known: list[Sent], cards: Cards, language: str = "en"
) -> list[tuple[str, Sent]]:
    """For one person's pages that look at the same: what each lacks, and what it has been sent then.

    ``cards`` keeps this tick's rendered cards for the next person who reads the same language.
    """
    with override(language):
        return _build_trash(user, look, known) if look.trash is not None else _build(user, look, known, cards)


def _build_trash(user: Any, look: Look, known: list[Sent]) -> list[tuple[str, Sent]]:
    messages_at = messages_revision()
    now = Sent({}, mark_of(trash_of(user, look.trash or "")), messages_at)
    return [
        (_messages(before, messages_at) + (render_heartbeat(trash=now.mark) if before.mark != now.mark else ""), now)
        for before in known
    ]


def _build(user: Any, look: Look, known: list[Sent], cards: Cards) -> list[tuple[str, Sent]]:
    messages_at = messages_revision()
    listed = matching_folders(user, q=look.q, cursor=look.cursor).values_list("id", "revision")
    looked_at = dict(listed[: look.count])
    # Others have pushed some out of what is looked at; the pages that show them go on showing them.
    pushed = {folder_id for before in known for folder_id in before.shown or ()} - looked_at.keys()
    beside = dict(visible_folders(user).filter(id__in=pushed).values_list("id", "revision")) if pushed else {}
    after = []
    for before in known:
        kept = {folder_id: revision for folder_id, revision in beside.items() if folder_id in (before.shown or ())}
        shown = dict(islice((looked_at | kept).items(), MOST_FOLLOWED))
        after.append(Sent(shown, "", messages_at))
    _render(cards, {pair for pair in zip(known, after, strict=True) for pair in _news(*pair)})
    there = looked_at.keys() | beside.keys()
    return [(_frame(look, before, now, there, cards), now) for before, now in zip(known, after, strict=True)]


def _news(before: Sent, now: Sent) -> list[tuple[str, int]]:
    """The folders that the page does not show as they are, with their revisions."""
    shown = before.shown or {}
    return [pair for pair in (now.shown or {}).items() if shown.get(pair[0]) != pair[1]]


def _render(cards: Cards, wanted: set[tuple[str, int]]) -> None:
    missing = dict(pair for pair in wanted if pair not in cards)
    for folder in with_covers(list(Folder.objects.filter(id__in=missing).select_related("owner"))):
        cards[folder.id, missing[folder.id]] = render("folder", folder=folder)


def _frame(look: Look, before: Sent, now: Sent, there: set[str], cards: Cards) -> str:
    shown = before.shown or {}
    text = _messages(before, now.messages_at)
    text += "".join(delete(dom_ids.folder(folder_id), shown[folder_id]) for folder_id in shown.keys() - there)
    text += "".join(cards.get(pair, "") for pair in _news(before, now))
    whole = f"{look.q} {look.cursor}" if before.shown is None else ""
    return text + render_heartbeat(whole=whole) if text or whole else ""


def _messages(before: Sent, messages_at: int) -> str:
    return current_messages(None, messages_at) if messages_at > before.messages_at else ""
