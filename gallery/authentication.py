"""From what a request or a handshake carries to a ``Sender``: shared by the HTTP and WebSocket doors and the API."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest

from gallery.access import Sender
from gallery.services.revisions import database_errors
from gallery.services.tokens import recognise_token

SUBPROTOCOL = "notify.v3"
_SUBPROTOCOL_SECRET = "bearer."


def secret_in_header(value: str) -> str:
    """The token in an ``Authorization: Bearer TOKEN`` header; '' where there is none, or another scheme."""
    scheme, _, secret = value.strip().partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def secret_in_subprotocols(subprotocols: Iterable[str]) -> str:
    """The token among ``notify.v3, bearer.TOKEN``, for clients that cannot set headers; else ''."""
    for subprotocol in subprotocols:
        if subprotocol.startswith(_SUBPROTOCOL_SECRET):
            return subprotocol.removeprefix(_SUBPROTOCOL_SECRET)
    return ""


def worker_of(secret: str) -> Sender:
    """Who speaks with this token; raises ``unauthenticated``, or ``unavailable`` where the database cannot say."""
    with database_errors():
        return recognise_token(secret)


def worker_of_request(request: HttpRequest) -> Sender:
    """Who speaks in this request, by its token alone: no cookie opens this door."""
    return worker_of(secret_in_header(request.headers.get("Authorization", "")))
