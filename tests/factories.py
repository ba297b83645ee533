"""Rows for tests, made by plain functions: what is not said has a sensible value."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model

from gallery.access import SITE, Sender
from gallery.contract.errors import NotifyError
from gallery.contract.parse import parse_event
from gallery.contract.receipts import Receipt
from gallery.ingest.python import notify
from gallery.ingest.receive import apply, receive
from gallery.models import Batch, Folder, Item, Membership, WorkerToken
from gallery.models.fields import new_id
from gallery.services.folders import create_folder
from gallery.services.item_actions import do_to_items
from gallery.services.tokens import create_token

PASSWORD = "open sesame, please"


def make_user(username: str, **fields: Any) -> Any:
    return get_user_model().objects.create_user(username, password=PASSWORD, **fields)


def make_folder(owner: Any, name: str = "Pictures", *, visibility: str = "members", **roles: Any) -> Folder:
    """A folder; ``viewer=bob`` or ``editor=erin`` makes them its members."""
    folder = create_folder(owner, name=name, visibility=visibility)
    for role, user in roles.items():
        Membership.objects.create(folder=folder, user=user, role=role)
    return folder


def make_batch(folder: Folder, total: int = 4, *, sender: Sender | None = None, **payload: Any) -> Batch:
    """A batch that has started, by the site or by ``sender``; other fields as the event spells them."""
    batch_id = payload.pop("batchId", None) or new_id()
    said = {"batchId": batch_id, "total": total, "label": "Four sunsets", "targetFolderId": folder.id}
    say("batch:start", said | payload, sender)
    return Batch.objects.get(id=batch_id)


def make_item(folder: Folder, name: str = "Sunset", *, batch: Batch | None = None, **fields: Any) -> Item:
    """A finished item or what ``fields`` (as the item object spells them) say; in a batch of its own if in none."""
    sender = fields.pop("sender", None)
    batch = batch or make_batch(folder, 1, sender=sender)
    item = {"name": name, "type": "image"} | fields
    receipt = say("batch:progress", {"batchId": batch.id, "item": item}, sender)
    return Item.objects.get(id=receipt.item_id)


def make_items(folder: Folder, number: int, **fields: Any) -> list[str]:
    """Many finished items of one batch; their ids in the order in which they stand."""
    batch = make_batch(folder, number)
    say_all(
        [
            ("batch:progress", {"batchId": batch.id, "item": {"name": f"Item {index}", "type": "image"} | fields})
            for index in range(number)
        ]
    )
    say("batch:end", {"batchId": batch.id, "status": "complete"})
    return list(Item.objects.filter(batch=batch).order_by("slot").values_list("id", flat=True))


def make_pending_item(folder: Folder, name: str = "Sunset", **fields: Any) -> Item:
    return make_item(folder, name, isPending=True, **fields)


def throw_away(sender: Sender, item_id: str) -> None:
    """Into the trash."""
    do_to_items(sender, "delete", [item_id])


def bring_back(sender: Sender, item_id: str) -> None:
    """Out of the trash."""
    do_to_items(sender, "restore", [item_id])


def make_token(owner: Any, *, folder: Folder | None = None, **options: Any) -> tuple[WorkerToken, str]:
    """A worker's token and its secret."""
    return create_token("worker", owner, folder=folder, **options)


def say(event: str, payload: dict[str, Any], sender: Sender | None = None) -> Receipt:
    """One event, from the site or from ``sender``; raises what refuses it."""
    if sender is None:
        return notify(event, payload)
    [answer] = apply(sender, [parse_event(event, payload)])
    if isinstance(answer, Exception):
        raise answer
    return answer


def say_all(events: list[tuple[str, dict[str, Any]]], sender: Sender | None = None) -> list[Receipt | NotifyError]:
    """Events that come as one array: what each was answered, in order."""
    return receive(sender or SITE, [{"type": event, "payload": payload} for event, payload in events])


def person(user: Any) -> Sender:
    """Somebody who is signed in."""
    return Sender(user=user, by_hand=True)


def worker(token: WorkerToken) -> Sender:
    return Sender(user=token.owner, token=token)
