from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from gallery.contract.errors import NotifyError
from gallery.ingest.receive import receive
from gallery.live.frames import build_frame
from gallery.models import EventReceipt, Folder, SystemMessage
from gallery.services.messages import announce_due_messages, messages_revision, save_message
from gallery.services.sweep import sweep
from tests.factories import make_folder, say
from tests.factories import worker as worker_of

pytestmark = pytest.mark.django_db

HELLO = {"text": "Hello <b>", "level": "info"}


def shown(folder: Folder) -> str:
    return build_frame(folder.id, folder.revision, -1).text


def test_staff_alone_may_speak_to_everyone(alice: Any, folder: Folder, token: Any) -> None:
    with pytest.raises(NotifyError) as caught:
        say("system:message", HELLO, worker_of(token))
    assert caught.value.code == "forbidden"
    alice.is_staff = True
    alice.save()
    token.owner.refresh_from_db()
    receipt = say("system:message", HELLO, worker_of(token))
    assert (receipt.revision, receipt.folder_id, receipt.item_id) == (None, None, None)
    assert "Hello &lt;b&gt;" in shown(folder)
    say("system:message", HELLO)
    assert SystemMessage.objects.count() == 2


def test_the_same_id_again_changes_what_it_says(folder: Folder) -> None:
    say("system:message", HELLO | {"id": "m"})
    before = messages_revision()
    say("system:message", {"text": "Over", "level": "success", "id": "m", "dismissible": False})
    message = SystemMessage.objects.get()
    assert (message.text, message.level, message.dismissible) == ("Over", "success", False)
    assert messages_revision() > before
    assert "Over" in build_frame(folder.id, 0, before).text
    assert build_frame(folder.id, 0, messages_revision()).text == ""


def test_a_folders_message_is_for_that_folder(alice: Any, folder: Folder) -> None:
    other = make_folder(alice)
    assert say("system:message", HELLO | {"folderId": folder.id}).folder_id == folder.id
    assert "Hello" in shown(folder) and "Hello" not in shown(other)
    with pytest.raises(NotifyError) as caught:
        say("system:message", HELLO | {"folderId": "unknown"})
    assert caught.value.code == "not_found"


def test_it_ends_when_it_said_it_would(folder: Folder, clock: Any) -> None:
    expires_at = timezone.now() + timedelta(minutes=5)
    say("system:message", HELLO | {"expiresAt": expires_at})
    before = messages_revision()
    sweep()
    assert "Hello" in shown(folder) and messages_revision() == before
    clock.move(minutes=6)
    assert "Hello" not in shown(folder), "readers know at once"
    sweep()
    assert messages_revision() == before + 1, "the pages are told"
    sweep()
    assert messages_revision() == before + 1
    say("system:message", HELLO | {"id": SystemMessage.objects.get().id})
    assert "Hello" in shown(folder), "said anew it is there again"


def test_one_that_an_administrator_wrote_for_later(folder: Folder, clock: Any) -> None:
    save_message(SystemMessage(text="Tonight", starts_at=timezone.now() + timedelta(hours=1)))
    assert "Tonight" not in shown(folder)
    clock.move(hours=2)
    before = messages_revision()
    announce_due_messages()
    assert messages_revision() == before + 1
    assert "Tonight" in shown(folder)


def test_said_by_event_it_is_shown_at_once_also_if_it_was_meant_for_later(folder: Folder) -> None:
    save_message(SystemMessage(id="m", text="Tonight", starts_at=timezone.now() + timedelta(hours=1)))
    say("system:message", HELLO | {"id": "m"})
    assert "Hello" in shown(folder)


def test_it_is_idempotent(token: Any, alice: Any) -> None:
    alice.is_staff = True
    alice.save()
    token.owner.refresh_from_db()
    event = {"type": "system:message", "payload": HELLO, "id": "e"}
    first, second = (receive(worker_of(token), [event])[0] for _ in range(2))
    other = receive(worker_of(token), [event | {"payload": HELLO | {"text": "Other"}}])[0]
    assert first == second and other.code == "conflict"
    assert (SystemMessage.objects.count(), EventReceipt.objects.count()) == (1, 1)
