"""System messages: what an administrator says, and when it ends. ``SiteRevision.messages`` counts their changes."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from gallery.access import NOT_FOUND, Sender
from gallery.contract.errors import NotifyError
from gallery.contract.events import SystemMessageEvent
from gallery.contract.receipts import Receipt
from gallery.doorbell import MESSAGES, ring_on_commit
from gallery.models import Folder, SiteRevision, SystemMessage
from gallery.models.fields import new_id
from gallery.services.revisions import database_errors


def post_message(sender: Sender, event: SystemMessageEvent) -> Receipt:
    """Say it on every open page (or those of one folder); the same id again changes what it says."""
    if not sender.is_site and not sender.user.is_staff:
        raise NotifyError("forbidden", gettext("Only staff may send system messages."))
    if event.folder_id and not Folder.objects.filter(id=event.folder_id, going_at=None).exists():
        raise NotifyError("not_found", NOT_FOUND["folder"])
    values = {
        "text": event.text,
        "level": event.level,
        "folder_id": event.folder_id,
        "dismissible": event.dismissible,
        "expires_at": event.expires_at,
        "created_by": sender.user,
        "started": True,
        "ended": False,
    }
    with database_errors(), transaction.atomic():
        _count_up()
        message, _ = SystemMessage.objects.update_or_create(id=event.id or new_id(), defaults=values)
        if message.starts_at > (now := timezone.now()):  # an administrator meant it for later
            SystemMessage.objects.filter(id=message.id).update(starts_at=now)
    return Receipt(folder_id=event.folder_id)


def save_message(message: SystemMessage) -> None:
    """Store a message that an administrator wrote by hand."""
    with database_errors(), transaction.atomic():
        _count_up()
        message.started, message.ended = message.starts_at <= timezone.now(), False
        message.save()


def delete_messages(ids: list[str]) -> None:
    """Take messages off all pages."""
    with database_errors(), transaction.atomic():
        _count_up()
        SystemMessage.objects.filter(id__in=ids).delete()


def announce_due_messages() -> None:
    """Tell the pages of the messages whose time has come or is over (the sweeper)."""
    now = timezone.now()
    coming = SystemMessage.objects.filter(starts_at__lte=now, started=False)
    going = SystemMessage.objects.filter(expires_at__lte=now, ended=False)
    if coming.exists() or going.exists():
        with database_errors(), transaction.atomic():
            _count_up()
            coming.update(started=True)
            going.update(ended=True)


def messages_revision() -> int:
    """How often system messages have changed."""
    return SiteRevision.objects.filter(id=1).values_list("messages", flat=True).first() or 0


def _count_up() -> None:
    """First in its transaction: what it counts is then ordered as it was committed."""
    if not SiteRevision.objects.filter(id=1).update(messages=F("messages") + 1):
        SiteRevision.objects.get_or_create(id=1, defaults={"messages": 1})
    ring_on_commit(MESSAGES)
