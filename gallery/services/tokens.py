"""Worker tokens: made, recognised and revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from gallery.access import Sender
from gallery.contract.errors import NotifyError
from gallery.doorbell import ACCESS, ring_on_commit
from gallery.models import Folder, WorkerToken
from gallery.models.token import hash_token

LAST_USED_PRECISION = timedelta(minutes=1)
REFUSED = "No valid token: send one as 'Authorization: Bearer TOKEN'. It may be unknown, expired or revoked."


def create_token(
    name: str, owner: Any, *, folder: Folder | None = None, days: float | None = None
) -> tuple[WorkerToken, str]:
    """A new token and its secret, which can be read only now."""
    expires_at = None if days is None else timezone.now() + timedelta(days=days)
    token = WorkerToken(name=name, owner=owner, folder=folder, expires_at=expires_at)
    secret = token.renew_secret()
    token.save()
    return token, secret


def recognise_token(secret: str) -> Sender:
    """Who speaks with this secret; raises ``unauthenticated``."""
    token = WorkerToken.objects.usable().select_related("owner").filter(digest=hash_token(secret)).first()
    if not secret or token is None:
        raise NotifyError("unauthenticated", REFUSED)
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > LAST_USED_PRECISION:
        WorkerToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return Sender(user=token.owner, token=token)


def save_token(token: WorkerToken) -> None:
    """Store a token that an administrator changed; its open sockets are looked at again."""
    token.save()
    ring_on_commit(ACCESS)


def delete_token(token: WorkerToken) -> None:
    """The token goes altogether; its batches stay, without one who could be asked."""
    token.delete()
    ring_on_commit(ACCESS)


def revoke_token(token: WorkerToken) -> None:
    """The token is worth nothing from now on; its sockets close."""
    token.revoked_at = token.revoked_at or timezone.now()
    token.save(update_fields=["revoked_at"])
    ring_on_commit(ACCESS)
