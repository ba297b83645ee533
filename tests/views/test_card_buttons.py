"""The buttons of a card, which are made once for a kind and filled in for each item."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone, translation

from gallery.live.fragments import render
from gallery.models import Folder, Item
from tests.factories import make_item

pytestmark = pytest.mark.django_db


def buttons(item: Item) -> str:
    html = render("item", item=Item.objects.select_related("lease").get(pk=item.pk))
    return html[html.index('<div class="item__actions"') : html.index('id="lock-')]


def addresses(html: str) -> list[str]:
    return re.findall(r'(?:formaction|hx-post|href|data-rename)="([^#"][^"]*)"', html)


def test_each_item_has_its_own(folder: Folder) -> None:
    for item in (make_item(folder), make_item(folder, id="a-any-id-b")):
        page = f"/items/{item.id}/"
        star, remove = f"{page}star/", f"{page}remove/"
        assert addresses(buttons(item)) == [star, star, f"{page}#name", item.id, remove, remove]


def test_they_say_whether_there_is_a_star(folder: Folder) -> None:
    plain, starred = make_item(folder), make_item(folder)
    Item.objects.filter(pk=starred.pk).update(is_starred=True)
    assert 'aria-pressed="false"' in buttons(plain)
    assert 'aria-pressed="true"' in buttons(starred)


def test_they_are_in_the_language_that_is_spoken(folder: Folder) -> None:
    item, other = make_item(folder), make_item(folder)
    with translation.override("en"):
        assert 'title="Rename"' in buttons(item)
    with translation.override("de"):
        assert 'title="Umbenennen"' in buttons(other)
    with translation.override("en"):
        assert 'title="Rename"' in buttons(other)


def test_what_has_failed_can_be_asked_for_again_where_a_worker_is_there(failed: Item, folder: Folder) -> None:
    lost = make_item(folder)
    Item.objects.filter(pk=lost.pk).update(status="error")
    assert f"/items/{failed.id}/retry/" in addresses(buttons(failed))
    assert "retry/" not in buttons(lost)
    for html in (buttons(failed), buttons(lost)):
        assert "star/" not in html
    Item.objects.filter(pk=failed.pk).update(retry_asked_at=timezone.now())
    assert "retry/" not in (asked := buttons(failed))
    assert "disabled" in asked
