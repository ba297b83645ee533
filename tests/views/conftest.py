"""A page's visitors by their role, and what they look at."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gallery.access import Sender
from gallery.models import Batch, Folder, Item, WorkerToken
from tests.factories import make_batch, make_item, say, worker
from tests.views.helpers import picture


@pytest.fixture
def people(alice: Any, bob: Any, charlie: Any, erin: Any, signed_in: Any) -> dict[str, Client]:
    """A client for each: alice owns, erin may change, bob may look, charlie may not, and somebody not signed in."""
    names = {"owner": alice, "editor": erin, "viewer": bob, "outsider": charlie}
    return {role: signed_in(user) for role, user in names.items()} | {"anonymous": Client()}


@pytest.fixture
def sender(token: WorkerToken) -> Sender:
    return worker(token)


@pytest.fixture
def batch(folder: Folder, sender: Sender) -> Batch:
    return make_batch(folder, sender=sender)


@pytest.fixture
def item(folder: Folder) -> Item:
    return make_item(folder, metadata={"prompt": "a secret recipe"})


@pytest.fixture
def failed(folder: Folder, sender: Sender) -> Item:
    """An item whose worker can be asked again."""
    item = make_item(folder, sender=sender)
    say("item:update", {"itemId": item.id, "status": "error", "message": "The lamp broke"}, sender)
    return item


@pytest.fixture
def png() -> SimpleUploadedFile:
    return SimpleUploadedFile("sunset.png", picture("PNG"), "image/png")
