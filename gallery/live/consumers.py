"""The browsers' sockets, as plain ASGI applications.

A Channels consumer dispatches every message through a thread hop of some 100 µs; these streams hear an
acknowledgement from every viewer every few seconds, so they read their messages themselves.
"""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import parse_qs

from django.db import Error
from django.utils.translation import gettext, gettext_lazy, override

from gallery import outages
from gallery.access import NOT_FOUND, Sender, by_hand
from gallery.contract.errors import NotifyError
from gallery.contract.rules import read_id, read_item_id
from gallery.languages import offered_languages, usual_language
from gallery.live.admission import Visitor, refusal, resolve_user
from gallery.live.fragments import render_notice, render_revision
from gallery.live.frames import first_frame
from gallery.live.home import HomeSubscriber
from gallery.live.looks import read_look
from gallery.live.subscriber import Subscriber
from gallery.live.switchboard import switchboard
from gallery.live.threads import ACTIONS, in_thread
from gallery.services.batch_ends import cancel_batch
from gallery.services.locks import acquire_lock, release_lock

logger = logging.getLogger("gallery.live")

TRY_AGAIN_LATER = 4503  # 1013 says the same, but Daphne refuses to send it
LONGEST_MESSAGE = 4096  # characters; a page says little
NOT_UNDERSTOOD = gettext_lazy("The page sent something that the gallery does not understand. Load it again.")
ACTIONS_OF_PAGES = {"lock": (acquire_lock, "item"), "unlock": (release_lock, "item"), "cancel": (cancel_batch, "batch")}

DIRECT_SEND = "gallery.send"  # in the scope: the server's own send, which no middleware has wrapped

Scope = dict[str, Any]


async def folder_stream(scope: Scope, receive: Any, send: Any) -> None:
    """``/ws/folders/ID/?after=REVISION&language=CODE``"""
    folder_id = scope["url_route"]["kwargs"]["folder_id"]
    after = read_after(scope)
    subscriber = Subscriber(scope[DIRECT_SEND], at=after)
    subscriber.language = read_language(scope)
    visitor = await _admit(scope, receive, send, subscriber, folder_id)
    if visitor is None:
        return
    try:
        first = await in_thread(ACTIONS, first_frame, folder_id, after, subscriber.language)
        subscriber.messages_at = first.messages_at
        subscriber.send(first.text)
        switchboard().hub(folder_id).add(subscriber)
        await _listen(receive, visitor)
    except Error as error:  # the database went away since: the page comes back by itself
        outages.database.report(error)
        subscriber.close(TRY_AGAIN_LATER)
    finally:
        switchboard().leave(visitor)


async def home_stream(scope: Scope, receive: Any, send: Any) -> None:
    """``/ws/?language=CODE``: the pages outside a folder; the rest of the query says what they look at."""
    look = read_look(scope["query_string"].decode("latin-1"))
    subscriber = HomeSubscriber(scope[DIRECT_SEND], None, look)
    subscriber.language = read_language(scope)
    visitor = await _admit(scope, receive, send, subscriber, None)
    if visitor is None:
        return
    subscriber.user = visitor.user
    try:
        switchboard().home.add(subscriber)
        await _listen(receive, visitor)
    finally:
        switchboard().leave(visitor)


def read_after(scope: Scope) -> int | None:
    """The revision that the page shows; None where it cannot be read (the page is then told to load itself again)."""
    [after, *_] = parse_qs(scope["query_string"].decode("latin-1")).get("after", [""])
    return int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None


def read_language(scope: Scope) -> str:
    """The language in which the page was rendered; one that nothing is rendered in would cost for nothing."""
    [language, *_] = parse_qs(scope["query_string"].decode("latin-1")).get("language", [""])
    return language if language in offered_languages() else usual_language()


async def _admit(
    scope: Scope, receive: Any, send: Any, subscriber: Subscriber, folder_id: str | None
) -> Visitor | None:
    """Accept first, then close with the code where need be: a refused handshake reaches the page only as 1006."""
    if (await receive())["type"] != "websocket.connect":
        return None
    await send({"type": "websocket.accept"})
    try:
        user, session_key, session_hash = await in_thread(ACTIONS, resolve_user, scope)
        code = await in_thread(ACTIONS, refusal, user, folder_id)
    except Exception as error:  # the database is away: the page comes back by itself
        outages.report_failure(error, "A stream could not be opened.", logger)
        code = TRY_AGAIN_LATER
    if code is not None:
        subscriber.close(code)
        return None
    visitor = Visitor(subscriber, user, session_key, session_hash, folder_id)
    switchboard().enter(visitor)
    return visitor


async def _listen(receive: Any, visitor: Visitor) -> None:
    while (message := await receive())["type"] != "websocket.disconnect":
        try:
            with override(visitor.subscriber.language):
                await _obey(visitor, _read(message))
        except NotifyError as error:
            _say(visitor, error)


def _read(message: dict[str, Any]) -> dict[str, Any]:
    text = message.get("text") or ""
    if len(text) > LONGEST_MESSAGE:
        raise NotifyError("too_large", str(NOT_UNDERSTOOD))
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise NotifyError("malformed", str(NOT_UNDERSTOOD)) from None
    if not isinstance(said, dict):
        raise NotifyError("invalid", str(NOT_UNDERSTOOD))
    return said


async def _obey(visitor: Visitor, said: dict[str, Any]) -> None:
    kind, revision = said.get("type"), said.get("revision")
    if kind == "seen" and isinstance(revision, int) and not isinstance(revision, bool):
        visitor.subscriber.acknowledge(revision)
        return
    if kind == "look" and isinstance(visitor.subscriber, HomeSubscriber) and isinstance(said.get("query"), str):
        visitor.subscriber.look_at(read_look(said["query"]))
        switchboard().home.wake()
        return
    service, field = ACTIONS_OF_PAGES.get(kind if isinstance(kind, str) else "", (None, ""))
    subject = said.get(f"{field}Id")
    if service is None or not isinstance(subject, str):
        raise NotifyError("invalid", str(NOT_UNDERSTOOD))
    try:
        (read_item_id if field == "item" else read_id)(subject)
    except ValueError:  # no id at all: not even the database may be asked for it
        raise NotifyError("not_found", NOT_FOUND[field]) from None
    if not visitor.user.is_authenticated:
        raise NotifyError("forbidden", gettext("Sign in to change something here."))
    language = visitor.subscriber.language
    await in_thread(ACTIONS, _act, language, service, by_hand(visitor.user), subject)


def _act(language: str, service: Any, sender: Sender, subject: str) -> None:
    with override(language):
        service(sender, subject)


def _say(visitor: Visitor, error: NotifyError) -> None:
    """Tell this page alone. One that does not read what it is told is not told more."""
    subscriber = visitor.subscriber
    if not subscriber.is_ready:
        return
    with override(subscriber.language):
        revision = render_revision(subscriber.at or 0) if visitor.folder_id is not None else ""
        subscriber.send(render_notice(error.code, error.message) + revision)
