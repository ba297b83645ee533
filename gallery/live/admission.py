"""Who may have which stream open: asked when it opens, and again every few seconds while it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, get_user_model
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from gallery.access import visible_folders
from gallery.contract.limits import ID_PATTERN
from gallery.live.hub import GONE
from gallery.live.subscriber import Subscriber
from gallery.live.threads import ACTIONS, in_thread
from gallery.models import Folder

SIGN_IN_AGAIN = 4401
NOT_ALLOWED = 4403


@dataclass(eq=False)
class Visitor:
    """One open stream: whose it is, by which session, and of which folder (None: the pages outside a folder)."""

    subscriber: Subscriber
    user: Any
    session_key: str | None
    session_hash: str
    folder_id: str | None


def resolve_user(scope: dict[str, Any]) -> tuple[Any, str | None, str]:
    """The socket's user, session key and session hash; the user is lazy and asks the database."""
    user = scope["user"]
    user.is_authenticated  # noqa: B018 (a lazy one asks now)
    user = getattr(user, "_wrapped", user)
    session = scope["session"]
    return user, session.session_key, session.get(HASH_SESSION_KEY, "")


def refusal(user: Any, folder_id: str | None) -> int | None:
    """The close code for somebody who may not see this; None: welcome."""
    if folder_id is not None and not re.fullmatch(ID_PATTERN, folder_id):
        return GONE
    if folder_id is None or visible_folders(user).filter(id=folder_id).exists():
        return None
    if not Folder.objects.filter(id=folder_id, going_at=None).exists():
        return GONE
    return NOT_ALLOWED if user.is_authenticated else SIGN_IN_AGAIN


async def close_lost(visitors: Iterable[Visitor]) -> None:
    """Close the streams of those who have signed out or may not look any more."""
    lost = await in_thread(ACTIONS, find_lost, list(visitors))
    for visitor, code in lost:
        visitor.subscriber.close(code)


def find_lost(visitors: list[Visitor]) -> list[tuple[Visitor, int]]:
    """Those that must go, each with its close code."""
    signed_in = [visitor for visitor in visitors if visitor.user.is_authenticated]
    sessions = _living_sessions({visitor.session_key for visitor in signed_in if visitor.session_key})
    users = {user.pk: user for user in get_user_model()._default_manager.filter(pk__in={v.user.pk for v in signed_in})}
    visible = _visible_to(visitors)
    lost = []
    for visitor in visitors:
        if visitor.user.is_authenticated and not _is_signed_in(visitor, users.get(visitor.user.pk), sessions):
            lost.append((visitor, SIGN_IN_AGAIN))
        elif visitor.folder_id is not None and visitor.folder_id not in visible[visitor.user.pk]:
            lost.append((visitor, refusal(visitor.user, visitor.folder_id) or NOT_ALLOWED))
    return lost


def _visible_to(visitors: list[Visitor]) -> dict[Any, set[str]]:
    """Each user's folders among those that they have open. What everybody may see is asked once for all."""
    opened: dict[Any, tuple[Any, set[str]]] = {}
    for visitor in visitors:
        if visitor.folder_id is not None:
            opened.setdefault(visitor.user.pk, (visitor.user, set()))[1].add(visitor.folder_id)
    wanted = {folder_id for _, folder_ids in opened.values() for folder_id in folder_ids}
    public = _ids(visible_folders(AnonymousUser()), wanted)
    return {key: public | _ids(visible_folders(user), mine - public) for key, (user, mine) in opened.items()}


def _ids(folders: QuerySet[Folder], wanted: set[str]) -> set[str]:
    return set(folders.filter(id__in=wanted).values_list("id", flat=True)) if wanted else set()


def _is_signed_in(visitor: Visitor, user: Any, sessions: set[str]) -> bool:
    if user is None or not user.is_active or visitor.session_key not in sessions:
        return False
    # A changed password ends the sessions that were opened with the old one.
    return constant_time_compare(visitor.session_hash, user.get_session_auth_hash())


def _living_sessions(keys: set[str]) -> set[str]:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    if issubclass(store, DatabaseSessions):
        rows = store.get_model_class().objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
        return set(rows.values_list("session_key", flat=True))
    if store.__module__.endswith("signed_cookies"):  # kept nowhere: a sign-out cannot be seen from here
        return keys
    return {key for key in keys if store().exists(key)}
