"""How much is new in a view."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from gallery.models import Folder
from tests.factories import make_folder, make_item, say

pytestmark = pytest.mark.django_db


def test_only_what_the_view_finds_and_came_after_the_page_is_counted(people: dict[str, Client], folder: Folder) -> None:
    path = f"/folders/{folder.id}/arrivals/"
    make_item(folder, "Old sky")
    folder.refresh_from_db()
    since = folder.revision

    def count(**asked: str) -> int:
        return people["viewer"].get(path, {"since": str(since), **asked}).json()["count"]

    assert (count(), count(q="sky")) == (0, 0)
    sky = make_item(folder, "Blue sky")
    make_item(folder, "Sea")
    assert (count(), count(q="sky"), count(sort="name"), count(type="video")) == (2, 1, 2, 0)
    say("item:update", {"itemId": sky.id, "status": "error", "message": "No."})
    assert (count(status="error"), count(q="sky", status="complete")) == (1, 0)
    say("item:remove", {"itemId": sky.id})
    assert (count(), count(q="sky"), count(since="nonsense")) == (1, 0, 2)


def test_nobody_counts_what_they_may_not_read(people: dict[str, Client], alice: Any) -> None:
    public = make_folder(alice, visibility="public")
    make_item(public, "Sky", metadata={"prompt": "secret words"})
    path = f"/folders/{public.id}/arrivals/?since=0&q=secret"
    assert people["owner"].get(path).json() == {"count": 1}
    assert people["anonymous"].get(path).json() == {"count": 0}
