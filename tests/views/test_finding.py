"""The folder's page when something is looked for: with and without script it is one address."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from gallery import folder_rows
from gallery.models import Folder, Item, ItemTag
from gallery.search import choices, near
from tests.factories import make_batch, make_folder, make_item
from tests.views.test_folders import names

pytestmark = pytest.mark.django_db


def ask(client: Client, folder: Folder, **asked: str) -> Any:
    return client.get(f"/folders/{folder.id}/?{urlencode(asked)}")


def test_nobody_finds_by_what_they_may_not_read(people: dict[str, Client], alice: Any, bob: Any) -> None:
    folder = make_folder(alice, visibility="public", viewer=bob)
    make_item(folder, "Fox", metadata={"prompt": "a secret recipe"})
    found = {role: names(ask(client, folder, q="secret")) for role, client in people.items()}
    assert found == {"owner": ["Fox"], "viewer": ["Fox"], "editor": [], "outsider": [], "anonymous": []}


def test_each_filter_is_a_chip_that_leads_to_the_view_without_it(people: dict[str, Client], folder: Folder) -> None:
    make_item(folder, "Film", type="video")
    make_item(folder, "Picture")
    page = ask(people["viewer"], folder, q="film", type="video", tag="", status="nonsense")
    assert names(page) == ["Film"]
    assert not page.context["page"].takes_arrivals
    text = unescape(page.content.decode())
    assert 'href="?q=film"' in text
    assert "status=nonsense" not in text.partition("<main")[2]
    assert names(ask(people["viewer"], folder, q="film", type="image")) == []


@pytest.mark.parametrize("sort", ["newest", "oldest", "name", "size"])
def test_every_order_goes_on_where_the_page_ends(
    people: dict[str, Client], folder: Folder, monkeypatch: Any, sort: str
) -> None:
    for number in range(3):
        for item in (make_item(folder, f"n{number}-{letter}") for letter in "ab"):
            Item.objects.filter(id=item.id).update(size=number)
    client, seen = people["viewer"], []
    monkeypatch.setattr(folder_rows, "PAGE_SIZE", 2)
    cursor = ""
    while cursor is not None:
        page = ask(client, folder, sort=sort, cursor=cursor)
        seen += names(page)
        cursor = page.context["page"].rows.next_cursor
    assert len(seen) == len(set(seen)) == 6
    orders = {"name": sorted(seen), "oldest": [f"n{number}-{letter}" for number in range(3) for letter in "ab"]}
    orders["newest"] = orders["oldest"][::-1]
    if sort in orders:
        assert seen == orders[sort]
    else:
        assert [name[1] for name in seen] == ["2", "2", "1", "1", "0", "0"]


def test_a_found_page_leads_back_to_what_is_newer(people: dict[str, Client], folder: Folder, monkeypatch: Any) -> None:
    for number in range(7):
        make_item(folder, f"sun {number}")
    monkeypatch.setattr(folder_rows, "PAGE_SIZE", 2)
    client = people["viewer"]
    pages = [ask(client, folder, q="sun")]
    while (cursor := pages[-1].context["page"].rows.next_cursor) is not None:
        pages.append(ask(client, folder, q="sun", cursor=cursor))
    assert [names(page) for page in pages] == [["sun 6", "sun 5"], ["sun 4", "sun 3"], ["sun 2", "sun 1"], ["sun 0"]]
    back = ask(client, folder, q="sun", before=pages[-1].context["page"].newer_than)
    assert names(back) == ["sun 2", "sun 1"]
    assert names(ask(client, folder, q="sun", before=pages[1].context["page"].newer_than)) == ["sun 6", "sun 5"]


def test_a_folder_may_have_an_order_of_its_own(people: dict[str, Client], folder: Folder) -> None:
    for name in ("b", "a"):
        make_item(folder, name)
    make_item(folder, "c")
    Folder.objects.filter(id=folder.id).update(sort="name")
    assert names(ask(people["viewer"], folder)) == ["a", "b", "c"]
    page = ask(people["viewer"], folder, sort="newest")
    assert names(page) == ["c", "a", "b"]
    assert 'class="day"' in page.content.decode()


def test_what_an_item_has_in_common_with_others_leads_to_them(people: dict[str, Client], folder: Folder) -> None:
    batch = make_batch(folder, label="Dunes & <sand>")
    item = make_item(folder, "Dune", batch=batch)
    make_item(folder, "Sea")
    ItemTag.objects.create(item=item, name="gold & blue")
    page = unescape(people["viewer"].get(f"/items/{item.id}/").content.decode())
    strip = unescape(people["viewer"].get(f"/folders/{folder.id}/").content.decode())
    href = f"/folders/{folder.id}/?batch={batch.id}"
    assert f'href="{href}">Dunes' in page and f'href="{href}">Dunes' in strip
    assert f'href="/folders/{folder.id}/?tag=gold%20%26%20blue"' in page
    assert names(people["viewer"].get(f"/folders/{folder.id}/?tag=gold%20%26%20blue")) == ["Dune"]
    found = people["viewer"].get(href)
    assert names(found) == ["Dune"]
    assert '<span dir="auto">batch Dunes &amp; &lt;sand&gt;</span>' in found.content.decode()


def test_a_batch_of_another_folder_is_not_called_by_its_name(
    people: dict[str, Client], folder: Folder, bob: Any
) -> None:
    hidden = make_batch(make_folder(bob, visibility="private"), label="Nobody's business")
    assert "business" not in people["viewer"].get(f"/folders/{folder.id}/?batch={hidden.id}").content.decode()


def test_the_filter_offers_what_is_there(people: dict[str, Client], folder: Folder, monkeypatch: Any) -> None:
    batch, empty = make_batch(folder, label="Dunes"), make_batch(folder, label="Not begun")
    for number in range(3):
        item = make_item(folder, f"Dune {number}", batch=batch)
        ItemTag.objects.create(item=item, name="gold")
    ItemTag.objects.create(item=item, name="blue")
    Item.objects.filter(folder=folder).update(created_by="Ana")
    address = f"/folders/{folder.id}/choices/?batch={batch.id}"
    offered = people["viewer"].get(address).content.decode()
    assert f'<option value="{batch.id}" selected>Dunes' in offered and empty.id not in offered
    assert offered.index('value="gold"') < offered.index('value="blue"') < offered.index('value="Ana"')
    assert people["outsider"].get(address).status_code == 404
    # What is asked for now stays chosen, however many came after it.
    monkeypatch.setattr(choices, "BATCHES", 1)
    newer = make_item(folder, "Newer").batch
    assert [one.id for one in choices.choices_in(folder, batch.id).batches] == [newer.id, batch.id]


def test_what_would_take_long_comes_after_what_is_near(
    people: dict[str, Client], folder: Folder, monkeypatch: Any
) -> None:
    for number in range(7):
        make_item(folder, "sun moon" if number in (0, 3) else ("sun", "moon")[number % 2])
    monkeypatch.setattr(near, "NEAR", 2)
    monkeypatch.setattr(near, "FURTHER", 1)
    monkeypatch.setattr(near, "QUICK_ROWS", 5)
    client, address = people["viewer"], f"/folders/{folder.id}/"
    first = client.get(f"{address}?q=sun+moon")
    text = unescape(first.content.decode())
    assert names(first) == [] and "Nothing found so far." in text and "Look further" in text
    assert "Nothing here is found by that." not in text
    rest = client.get(address + re.findall(r'id="pager".*?href="(\?[^"]*)"', text)[0])
    assert names(rest) == ["sun moon"] * 2 and "Look further" not in rest.content.decode()
    # By the API: a page with less than was asked for, and a cursor to the rest.
    answer = client.get(f"/api/folders/{folder.id}/items?q=sun+moon").json()
    assert (answer["items"], bool(answer["next"])) == ([], True)
    answer = client.get(f"/api/folders/{folder.id}/items?q=sun+moon&cursor={answer['next']}").json()
    assert ([item["name"] for item in answer["items"]], answer["next"]) == (["sun moon"] * 2, None)
    # What is rare is found at once, and so is all that is selected.
    assert client.get(f"{address}selection/?all={folder.revision + 100}&q=sun+moon").json() == {"count": 2}
    monkeypatch.setattr(near, "QUICK_ROWS", 200_000)
    assert names(client.get(f"{address}?q=sun+moon")) == ["sun moon"] * 2
