"""A process beside the servers, in their settings: it makes rows, says events and looks what was kept.

``Backstage(env).call("make_folder", ...)`` runs the function of that name below, in the other process, and returns
what it returns. So tests reach the database of a real server without being its process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


class Backstage:
    """Speaks lines of JSON with the other process."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.backstage"],
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=Path(__file__).resolve().parent.parent,
            )

    def call(self, function: str, *arguments: Any, **named: Any) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([function, arguments, named]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or '{"error": "backstage has ended"}')
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    def close(self) -> None:
        """Ends with its standard input, so also when the tests die."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(20)


def make_people() -> None:
    from tests.factories import make_user

    make_user("alice", first_name="Alice", last_name="Adams", is_staff=True)
    for name in ("bob", "charlie", "erin"):
        make_user(name)


def make_folder(visibility: str = "members") -> str:
    """Alice's folder, which bob may see and erin change."""
    from tests import factories

    return factories.make_folder(_user("alice"), visibility=visibility, viewer=_user("bob"), editor=_user("erin")).id


def make_folders(owner: str, number: int) -> list[str]:
    """Private ones, the oldest first."""
    from tests import factories

    return [factories.make_folder(_user(owner), f"Folder {index}", visibility="private").id for index in range(number)]


def rename_folder(folder_id: str, name: str) -> None:
    from gallery.access import Sender
    from gallery.models import Folder
    from gallery.services.folders import edit_folder

    owner = Folder.objects.get(id=folder_id).owner
    edit_folder(Sender(user=owner, by_hand=True), folder_id, {"name": name})


def make_items(folder_id: str, number: int) -> None:
    """Many finished items."""
    from gallery.models import Folder
    from tests import factories

    factories.make_items(Folder.objects.get(id=folder_id), number)


def make_token(owner: str = "alice", folder_id: str | None = None, **options: Any) -> list[Any]:
    """Its key and its secret."""
    from gallery.models import Folder
    from tests import factories

    folder = Folder.objects.get(id=folder_id) if folder_id else None
    token, secret = factories.make_token(_user(owner), folder=folder, **options)
    return [token.pk, secret]


def revoke_token(key: int) -> None:
    from gallery.models import WorkerToken
    from gallery.services.tokens import revoke_token

    revoke_token(WorkerToken.objects.get(pk=key))


def lose_membership(folder_id: str, username: str) -> None:
    """Straight in the database, as a script would: nothing rings."""
    from gallery.models import Membership

    Membership.objects.filter(folder=folder_id, user=_user(username)).delete()


def delete_folder(folder_id: str, owner: str = "alice") -> None:
    from gallery.access import Sender
    from gallery.services.folder_removal import delete_folder

    delete_folder(Sender(user=_user(owner), by_hand=True), folder_id)


def ask_to_cancel(batch_id: str) -> None:
    from gallery.access import Sender
    from gallery.services.batch_ends import cancel_batch

    cancel_batch(Sender(user=_user("alice"), by_hand=True), batch_id)


def notify(event: str, payload: dict[str, Any]) -> float:
    """The Python door; returns the clock of the machine at the receipt. A batch without an id gets one."""
    import time
    import uuid

    from gallery import notify

    if event == "batch:start":
        payload = {"batchId": uuid.uuid4().hex} | payload
    notify(event, payload)
    return time.monotonic()


def send_to_layer(event: Any, payload: Any) -> None:
    """The Channels door."""
    from asgiref.sync import async_to_sync
    from channels.layers import get_channel_layer

    message = {"type": "notify", "event": event, "payload": payload}
    async_to_sync(get_channel_layer().send)("gallery.notify", message)


def enqueue(task: str, *arguments: Any) -> None:
    """One of ``tests.tasks``."""
    from tests import tasks

    getattr(tasks, task).enqueue(*arguments)


def folder_state(folder_id: str) -> dict[str, Any]:
    """All that the events can have changed there."""
    from gallery.models import Batch, Folder, Item

    items = Item.objects.filter(folder=folder_id).order_by("id")
    batches = Batch.objects.filter(folder=folder_id).order_by("id")
    folder = Folder.objects.get(id=folder_id)
    counters = ("id", "status", "message", "total", "item_count", "done_count", "failed_count")
    return {
        "revision": folder.revision,
        "memory_floor": folder.memory_floor,
        "items": list(items.values("id", "batch_id", "slot", "name", "status", "is_pending", "message", "revision")),
        "batches": list(batches.values(*counters)),
    }


def receipts(token_key: int) -> dict[str, Any]:
    """What was kept of the token's idempotency ids, in the order in which it was written."""
    from gallery.models import EventReceipt

    rows = EventReceipt.objects.filter(scope=f"token:{token_key}").order_by("id").values_list("event_id", "receipt")
    return {event_id: json.loads(receipt) for event_id, receipt in rows}


def task_states() -> list[str]:
    """Of all tasks in the queue's table, oldest first."""
    from django_tasks_db.models import DBTaskResult

    return list(DBTaskResult.objects.order_by("enqueued_at").values_list("status", flat=True))


def ask_again_for_renditions() -> None:
    """As the sweeper does when a worker has been silent for long."""
    from django.utils import timezone

    from gallery.models import Item
    from gallery.services import rendition_queue

    Item.objects.exclude(rendition_due_at=None).update(rendition_due_at=timezone.now())
    rendition_queue.ask_again_for_renditions(timezone.now())


def rows(model: str, fields: list[str], **which: Any) -> list[dict[str, Any]]:
    """These fields of some rows."""
    from django.apps import apps

    return list(apps.get_model("gallery", model).objects.filter(**which).values(*fields))


def locked_items(token_key: int) -> list[str]:
    """Those of the token's batches that are locked now."""
    from django.utils import timezone

    from gallery.models import ItemLock

    held = ItemLock.objects.filter(item__batch__token=token_key, expires_at__gt=timezone.now())
    return list(held.values_list("item_id", flat=True))


def change_rows(model: str, key: str, seconds: dict[str, float] | None = None, **values: Any) -> None:
    """Set columns by hand; ``seconds`` are moments from now, so that nobody has to wait for them."""
    from datetime import timedelta

    from django.apps import apps
    from django.utils import timezone

    moments = {name: timezone.now() + timedelta(seconds=value) for name, value in (seconds or {}).items()}
    assert apps.get_model("gallery", model).objects.filter(pk=key).update(**moments, **values)


def _user(username: str) -> Any:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get(username=username)


def _serve() -> None:
    import django

    django.setup()
    from django.db import connections

    answers, sys.stdout = sys.stdout, sys.stderr  # what anything prints must not be taken for an answer
    for line in sys.stdin:
        function, arguments, named = json.loads(line)
        try:
            answer = {"result": globals()[function](*arguments, **named)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        connections.close_all()  # its database may be killed before the next question
        answers.write(json.dumps(answer, default=str) + "\n")
        answers.flush()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gallery_project.settings")
    _serve()
