"""One WebSocket text for all who stand at the same place: what is new since there, and the revision that it brings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import override

from gallery.conf import conf
from gallery.live.changes import changes_since
from gallery.live.direct import encode_frame
from gallery.live.fragments import render_changes, render_messages, render_reset, render_revision
from gallery.models import Folder, SystemMessage
from gallery.services.messages import messages_revision


@dataclass(frozen=True)
class Frame:
    """``text`` takes a viewer to ``revision`` and to ``messages_at``; empty where nothing is new."""

    text: str
    revision: int
    messages_at: int
    is_reset: bool = False  # the page fetches itself instead

    @cached_property
    def encoded(self) -> bytes:
        """As it goes over the wire, made once for all who get it."""
        return encode_frame(self.text)


def build_frame(folder_id: str, since: int | None, messages_since: int, language: str = "en") -> Frame | None:
    """What a viewer who stands at ``since`` (None: nobody can tell) has to be sent; None where the folder is gone."""
    with override(language):
        return _build(folder_id, since, messages_since)


def _build(folder_id: str, since: int | None, messages_since: int) -> Frame | None:
    messages_at = messages_revision()
    messages = current_messages(folder_id, messages_at) if messages_at > messages_since else ""
    changes = changes_since(folder_id, since)
    if changes is None:
        return None
    if changes.must_reset:
        # The page has not got that revision before it has fetched itself again: what it shows stays what it says.
        text = messages + render_reset(changes.revision) + render_revision(_own_revision(since, changes.revision))
    elif changes.revision > since or messages:
        text = messages + render_changes(changes) + render_revision(changes.revision)
    else:
        text = ""
    return Frame(text, changes.revision, messages_at, changes.must_reset)


def current_messages(folder_id: str | None, messages_at: int) -> str:
    """``#messages`` in full, as they are now."""
    current = SystemMessage.objects.current().shown_on(folder_id)[: conf.MESSAGE_MAX]
    return render_messages(list(current), messages_at)


def first_frame(folder_id: str, at: int | None, language: str = "en") -> Frame:
    """What every connection gets first: the messages, and its own revision back."""
    messages_at = messages_revision()
    revision = Folder.objects.filter(id=folder_id).values_list("revision", flat=True).first() or 0
    with override(language):
        text = current_messages(folder_id, messages_at) + render_revision(_own_revision(at, revision))
    return Frame(text, at or 0, messages_at)


def _own_revision(at: int | None, revision: int) -> int:
    """What the viewer may say that it shows: no revision that the folder has not reached, or that it was not sent."""
    return at if at is not None and at <= revision else 0
