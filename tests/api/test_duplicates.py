"""A file that the folder has already: said, and decided by whoever sends it."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.test import Client

from gallery.contract.errors import NotifyError
from gallery.models import Folder, Item, PartialUpload
from gallery.services.finished_uploads import keep_both
from tests.api.helpers import stored_files
from tests.api.tus_client import Tus
from tests.factories import make_folder, person, throw_away

pytestmark = pytest.mark.django_db(transaction=True)

DATA = b"the very same bytes"
HASH = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def erins(erin: Any, signed_in: Any) -> Tus:
    return Tus(signed_in(erin))


@pytest.fixture
def first(erins: Tus, folder: Folder) -> Item:
    assert erins.send(folder.id, DATA, filename="First.bin", duplicates="ask").status_code == 204
    return Item.objects.get()


def test_a_known_hash_is_said_before_a_byte_is_sent(erins: Tus, folder: Folder, first: Item) -> None:
    response = erins.create(folder.id, len(DATA), filename="again.bin", sha256=HASH, duplicates="ask")
    assert response.status_code == 409
    assert response.json()["message"] == "It is already here as “First.bin”."
    assert (response.json()["itemId"], response.json()["itemName"]) == (first.id, "First.bin")
    assert Item.objects.count() == 1


def test_what_was_not_known_is_said_at_the_end(erins: Tus, folder: Folder, first: Item, settings: Any) -> None:
    url = erins.begin(folder.id, len(DATA), filename="again.bin", duplicates="ask")
    assert Item.objects.count() == 2
    for _ in range(2):
        response = erins.patch(url, int(erins.head(url)["Upload-Offset"]), DATA * (_ == 0))
        assert (response.status_code, response.json()["itemId"]) == (409, first.id)
        assert Item.objects.count() == 1, "nobody else needs to see it"
    assert erins.keep(url).status_code == 204
    kept = Item.objects.exclude(id=first.id).get()
    assert (kept.name, kept.status, kept.content_hash) == ("again.bin", "complete", HASH)
    assert len(stored_files(settings)) == 2


def test_skipping_leaves_nothing(erins: Tus, folder: Folder, first: Item, settings: Any) -> None:
    url = erins.begin(folder.id, len(DATA), filename="again.bin", duplicates="ask")
    assert erins.patch(url, 0, DATA).status_code == 409
    assert erins.delete(url).status_code == 204
    assert (Item.objects.count(), len(stored_files(settings))) == (1, 1)
    assert erins.keep(url).status_code == 404


def test_it_is_kept_at_once_where_nobody_is_asked(erins: Tus, folder: Folder, first: Item, bearer: Any) -> None:
    assert Tus(Client(), bearer).send(folder.id, DATA, filename="again.bin", sha256=HASH).status_code == 204
    assert Item.objects.filter(content_hash=HASH).count() == 2


def test_only_what_is_here_counts(erins: Tus, folder: Folder, first: Item, alice: Any, erin: Any) -> None:
    elsewhere = make_folder(alice, editor=erin)
    assert erins.create(elsewhere.id, len(DATA), sha256=HASH, duplicates="ask").status_code == 201
    throw_away(person(alice), first.id)
    assert erins.create(folder.id, len(DATA), sha256=HASH, duplicates="ask").status_code == 201


def test_what_is_not_here_as_a_whole_cannot_be_kept(erins: Tus, folder: Folder) -> None:
    url = erins.begin(folder.id, 10, filename="a.bin", duplicates="ask")
    assert erins.keep(url).status_code == 409


def test_kept_twice_at_once_it_is_there_once(erins: Tus, folder: Folder, first: Item, erin: Any, settings: Any) -> None:
    """Both requests have read that it waits before either goes on; a third comes when it was cancelled."""
    url = erins.begin(folder.id, len(DATA), filename="again.bin", duplicates="ask")
    assert erins.patch(url, 0, DATA).status_code == 409
    one, other, late = (PartialUpload.objects.get(name="again.bin") for _ in range(3))
    keep_both(person(erin), one)
    keep_both(person(erin), other)
    assert Item.objects.exclude(id=first.id).get().status == "complete"
    assert len(stored_files(settings)) == 2
    Item.objects.exclude(id=first.id).delete()
    PartialUpload.objects.all().delete()
    with pytest.raises(NotifyError) as refused:
        keep_both(person(erin), late)
    assert refused.value.code == "not_found"
    assert Item.objects.get() == first
