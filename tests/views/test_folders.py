from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gallery.models import Batch, Folder, Item
from gallery.models.fields import order_key
from tests.chaos.pages import read_page
from tests.factories import make_batch, make_folder, make_item, make_pending_item, say
from tests.views.helpers import notice, post, post_by_script

pytestmark = pytest.mark.django_db

MARKUP = '<img src=x onerror="alert(1)">\'&'
ESCAPED = "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#x27;&amp;"


def fill(folder: Folder, count: int) -> list[str]:
    """Finished items, Picture 0 first in the folder's order; their names."""
    batch = make_batch(folder, count)
    for index in range(count):
        item = {"name": f"Picture {index}", "type": "image"}
        say("batch:progress", {"batchId": batch.id, "index": index, "item": item})
    return [f"Picture {index}" for index in range(count)]


def names(response: Any) -> list[str]:
    return [entry.name for entry in response.context["page"].rows.entries if isinstance(entry, Item)]


def regions(html: str) -> dict[str, Any]:
    """What a page that fetches itself reads out of the answer."""
    page = read_page(html)
    shown = {name: [element.html for element in getattr(page, name)] for name in ("grid", "batches")}
    return shown | {"revision": page.revision, "messages": page.messages.html, "cursor": page.cursor}


def count_queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


class TestHome:
    def test_it_shows_what_one_may_see_newest_first(
        self, people: dict[str, Client], folder: Folder, alice: Any
    ) -> None:
        public = make_folder(alice, "On show", visibility="public")
        private = make_folder(alice, "Secret", visibility="private")
        seen = {role: [shown.id for shown in client.get("/").context["folders"]] for role, client in people.items()}
        assert seen == {
            "owner": [private.id, public.id, folder.id],
            "editor": [public.id, folder.id],
            "viewer": [public.id, folder.id],
            "outsider": [public.id],
            "anonymous": [public.id],
        }

    def test_its_queries_do_not_grow(self, people: dict[str, Client], folder: Folder, alice: Any) -> None:
        make_pending_item(folder)
        before = count_queries(people["owner"], "/")
        for number in range(5):
            make_pending_item(make_folder(alice, f"Folder {number}"))
        assert count_queries(people["owner"], "/") == before <= 11


class TestFolderPage:
    def test_pages_follow_each_other_without_a_gap(self, people: dict[str, Client], folder: Folder) -> None:
        expected = fill(folder, 130)
        client, path, seen = people["viewer"], f"/folders/{folder.id}/", []
        response = client.get(path)
        assert response.context["page"].takes_arrivals
        while True:
            seen += names(response)
            cursor = response.context["page"].rows.next_cursor
            if cursor is None:
                break
            assert f'href="?cursor={cursor.replace("!", "%21")}"' in response.content.decode()
            response = client.get(path, {"cursor": cursor})
            assert not response.context["page"].takes_arrivals
        assert seen == expected

    def test_a_page_leads_back_to_what_is_newer(self, people: dict[str, Client], folder: Folder) -> None:
        expected = fill(folder, 150)
        client, path = people["viewer"], f"/folders/{folder.id}/"
        keys = list(folder.items.order_by("-order_key").values_list("order_key", flat=True))
        last = client.get(path, {"cursor": keys[99]})
        assert (names(last), last.context["page"].newer_than) == (expected[100:], keys[100])
        assert f'href="?before={keys[100].replace("!", "%21")}"' in last.content.decode()
        middle = client.get(path, {"before": keys[100]})
        assert (names(middle), middle.context["page"].rows.begins_after) == (expected[40:100], keys[39])
        assert not middle.context["page"].takes_arrivals
        # Where less than a page is newer, the first page is whole and takes arrivals.
        first = client.get(path, {"before": keys[40]})
        assert (names(first), first.context["page"].takes_arrivals) == (expected[:60], True)
        assert "Show newer" not in first.content.decode()

    @pytest.mark.parametrize("sort", ["oldest", "name", "size"])
    def test_every_order_leads_back_too(self, people: dict[str, Client], folder: Folder, sort: str) -> None:
        fill(folder, 150)
        client, path = people["viewer"], f"/folders/{folder.id}/"
        expected: list[str] = []
        pages = [client.get(path, {"sort": sort})]
        while cursor := pages[-1].context["page"].rows.next_cursor:
            pages.append(client.get(path, {"sort": sort, "cursor": cursor}))
        for page in pages:
            expected += names(page)
        assert (len(expected), len(set(expected))) == (150, 150)
        cursors = [one for page in pages for one in page.context["page"].rows.cursors]
        last = pages[-1].context["page"]
        assert f"?sort={sort}&amp;before={last.newer_than.replace('!', '%21')}" in pages[-1].content.decode()
        middle = client.get(path, {"sort": sort, "before": cursors[110]})
        assert (names(middle), middle.context["page"].rows.above) == (expected[50:110], 60)
        again = client.get(path, {"sort": sort, "cursor": middle.context["page"].rows.begins_after})
        assert names(again) == expected[50:110]
        first = client.get(path, {"sort": sort, "before": cursors[40]})
        assert (names(first), first.context["page"].rows.above) == (expected[:60], 40)
        assert first.context["page"].is_first

    def test_each_day_has_its_heading_in_utc(self, people: dict[str, Client], folder: Folder) -> None:
        for name, moment in (("new", "2026-11-13T00:00:00Z"), ("old", "2026-11-12T23:59:59Z")):
            item = make_item(folder, name)
            key = order_key(datetime.fromisoformat(moment), item.batch_id or "", 0, item.id)
            Item.objects.filter(id=item.id).update(order_key=key)
        text = people["viewer"].get(f"/folders/{folder.id}/").content.decode()
        places = [text.index(part) for part in ("13 November 2026", "new</span>", "12 November 2026", "old</span>")]
        assert places == sorted(places)

    @pytest.mark.parametrize(
        ("query", "attribute"), [("?layout=rows", ' data-layout="rows"'), ("?layout=<b>", ""), ("", "")]
    )
    def test_the_address_may_say_the_layout(
        self, people: dict[str, Client], folder: Folder, query: str, attribute: str
    ) -> None:
        text = people["viewer"].get(f"/folders/{folder.id}/{query}").content.decode()
        assert f'<html lang="en" data-gallery{attribute}>' in text

    def test_a_search_looks_for_beginnings_of_words(self, people: dict[str, Client], folder: Folder) -> None:
        for name in ("Sunset", "a sunny day", "Moon", "100%", "under_score"):
            make_item(folder, name)
        for query, found in {
            "SUN": ["a sunny day", "Sunset"],
            " moon ": ["Moon"],
            "100%": ["100%"],
            "score under": ["under_score"],
            "%": [],
            "nothing": [],
            "mo\0on": ["Moon"],
        }.items():
            response = people["viewer"].get(f"/folders/{folder.id}/", {"q": query})
            assert names(response) == found
            assert not response.context["page"].takes_arrivals
        assert len(names(people["viewer"].get(f"/folders/{folder.id}/", {"q": ""}))) == 5

    def test_a_search_goes_on_on_the_next_page(self, people: dict[str, Client], folder: Folder) -> None:
        fill(folder, 70)
        first = people["viewer"].get(f"/folders/{folder.id}/?q=Picture")
        second = people["viewer"].get(
            f"/folders/{folder.id}/", {"q": "Picture", "cursor": first.context["page"].rows.next_cursor}
        )
        assert (len(names(first)), len(names(second))) == (60, 10)
        assert "?q=Picture&amp;cursor=" in first.content.decode()

    @pytest.mark.parametrize("cursor", ["nonsense", "\0", "<b>", "9" * 400, "ä", "-1", f"{'9' * 22}!b!1!c", "1!b!1!\0"])
    def test_a_cursor_of_nonsense_gets_a_page(self, people: dict[str, Client], folder: Folder, cursor: str) -> None:
        make_item(folder)
        for asked in ({}, {"q": "Picture"}):
            assert people["viewer"].get(f"/folders/{folder.id}/", asked | {"cursor": cursor}).status_code == 200

    def test_placeholders_stand_among_the_cards(self, people: dict[str, Client], folder: Folder) -> None:
        batch = make_batch(folder, 3, batchId="b")
        say("batch:progress", {"batchId": "b", "index": 1, "item": {"id": "i", "name": "Second", "type": "image"}})
        text = people["viewer"].get(f"/folders/{folder.id}/").content.decode()
        places = [text.index(f'id="{dom_id}"') for dom_id in ("placeholder-b-0", "item-i", "placeholder-b-2")]
        assert places == sorted(places)
        assert "placeholder-b-1" not in text.replace('data-placeholder="placeholder-b-1"', "")
        assert f'id="batch-{batch.id}"' in text

    def test_it_carries_the_revision_that_it_shows(self, people: dict[str, Client], item: Item) -> None:
        folder = Folder.objects.get(id=item.folder_id)
        text = people["viewer"].get(f"/folders/{folder.id}/").content.decode()
        assert f"?after={folder.revision}" in text
        assert f'id="revision" data-revision="{folder.revision}"' in text

    def test_markup_in_every_text_is_shown_as_text(self, people: dict[str, Client], alice: Any) -> None:
        alice.first_name = MARKUP
        alice.save()
        folder = make_folder(alice, MARKUP, visibility="public")
        batch = make_batch(folder, 4, label=MARKUP)
        say("batch:progress", {"batchId": batch.id, "message": MARKUP})
        say("batch:progress", {"batchId": batch.id, "index": 3, "message": MARKUP})
        pending = {"id": "p", "name": MARKUP, "type": "image", "isPending": True, "message": MARKUP}
        say("batch:progress", {"batchId": batch.id, "item": pending | {"metadata": {MARKUP: MARKUP}}})
        say("batch:progress", {"batchId": batch.id, "item": {"id": "f", "name": MARKUP, "type": "image"}})
        say("item:update", {"itemId": "f", "status": "error", "message": MARKUP})
        say("item:lock", {"itemId": "f"})
        say("system:message", {"text": MARKUP, "level": "warning"})
        for path in ("/", f"/folders/{folder.id}/", "/items/p/", "/items/f/"):
            text = people["owner"].get(path, {"q": MARKUP}).content.decode()
            assert "<img src=x" not in text
            assert ESCAPED in text

    def test_its_queries_do_not_grow(self, people: dict[str, Client], folder: Folder, batch: Batch) -> None:
        path = f"/folders/{folder.id}/"
        make_pending_item(folder)
        say("batch:progress", {"batchId": batch.id, "index": 0, "message": "first"})
        before = count_queries(people["viewer"], path)
        for _ in range(10):
            item = make_pending_item(folder, metadata={"a": 1})
            say("item:lock", {"itemId": item.id})
        for fields in ({"type": "audio"}, {"type": "file"}, {"type": "video", "mediaUrl": "/x.mp4", "duration": 3}):
            make_item(folder, **fields)
        make_batch(folder, 100)
        assert count_queries(people["viewer"], path) == before <= 6
        people["viewer"].get(f"{path}?q=sun")  # writes down what is new
        assert count_queries(people["viewer"], f"{path}?q=sun") <= before + 4


class TestWhatIsShared:
    """One rendering serves all who see a folder at one revision."""

    def test_everybody_gets_the_same_until_the_revision_moves(
        self, people: dict[str, Client], folder: Folder, item: Item
    ) -> None:
        path = f"/folders/{folder.id}/"
        rows = people["owner"].get(path).context["page"].rows
        assert people["viewer"].get(path).context["page"].rows is rows
        assert people["viewer"].get(path, {"q": item.name}).context["page"].rows is not rows
        say("item:update", {"itemId": item.id, "status": "complete", "item": {"name": "Another name"}})
        assert "Another name" in people["viewer"].get(path).context["page"].rows.entries_html

    def test_nothing_of_the_one_who_asked_first_is_in_it(
        self, people: dict[str, Client], folder: Folder, item: Item, alice: Any
    ) -> None:
        make_batch(folder, 3)
        alice.first_name = "Aloysia"
        alice.save()
        say("system:message", {"id": "m", "text": "Only for some", "level": "info"})
        post(people["owner"], "/messages/m/dismiss/")
        page = people["owner"].get(f"/folders/{folder.id}/")
        secrets = [page.cookies["csrftoken"].value, people["owner"].cookies["sessionid"].value, "Aloysia", "alice"]
        shared = page.context["page"].rows.strips_html + page.context["page"].rows.entries_html
        assert f"item-{item.id}" in shared and "placeholder-" in shared and "batch-" in shared
        assert "Aloysia" in page.content.decode()
        for secret in [*secrets, "csrfmiddlewaretoken", "Only for some"]:
            assert secret not in shared
        others = people["viewer"].get(f"/folders/{folder.id}/").content.decode()
        assert "Only for some" in others
        assert not any(secret in others for secret in secrets)


class TestPart:
    """What an open page asks for when it fetches itself again."""

    ASKED = {"Darkroom-Part": "live"}

    def test_it_is_what_the_whole_page_says(self, people: dict[str, Client], folder: Folder) -> None:
        fill(folder, 70)
        make_batch(folder, 3)
        say("system:message", {"text": "Maintenance at six", "level": "info"})
        cursor = people["viewer"].get(f"/folders/{folder.id}/").context["page"].rows.next_cursor
        for query in ({}, {"q": "Picture"}, {"cursor": cursor}):
            whole = people["viewer"].get(f"/folders/{folder.id}/", query).content.decode()
            part = people["viewer"].get(f"/folders/{folder.id}/", query, headers=self.ASKED).content.decode()
            assert regions(part) == regions(whole)
            assert len(part) < len(whole)

    def test_it_has_neither_frame_nor_token(self, people: dict[str, Client], folder: Folder) -> None:
        answer = people["owner"].get(f"/folders/{folder.id}/", headers=self.ASKED)
        text = answer.content.decode()
        assert not answer.cookies
        assert "private" in answer["Cache-Control"]
        for word in ("<html", "<script", "csrf", "topbar"):
            assert word not in text

    def test_the_sentence_that_waits_goes_on_waiting(self, people: dict[str, Client], folder: Folder) -> None:
        path = f"/folders/{folder.id}/"
        post(people["owner"], "/folders/", {"name": ""}, before=path)
        people["owner"].get(path, headers=self.ASKED)
        assert notice(people["owner"].get(path)) == "A name is needed."

    def test_it_is_for_those_who_may_see_the_folder(self, people: dict[str, Client], folder: Folder) -> None:
        path = f"/folders/{folder.id}/"
        codes = {role: client.get(path, headers=self.ASKED).status_code for role, client in people.items()}
        assert codes == {"owner": 200, "editor": 200, "viewer": 200, "outsider": 404, "anonymous": 302}

    def test_what_was_dismissed_stays_away(self, people: dict[str, Client], folder: Folder) -> None:
        say("system:message", {"id": "m", "text": "Maintenance at six", "level": "info"})
        post(people["viewer"], "/messages/m/dismiss/")
        answers = {
            role: people[role].get(f"/folders/{folder.id}/", headers=self.ASKED).content.decode()
            for role in ("owner", "viewer")
        }
        assert {role: "Maintenance" in text for role, text in answers.items()} == {"owner": True, "viewer": False}


class TestCreateFolder:
    def test_it_leads_to_the_new_folder(self, people: dict[str, Client], charlie: Any) -> None:
        response = post(people["outsider"], "/folders/", {"name": "  Autumn \t leaves ", "visibility": "members"})
        folder = Folder.objects.get()
        assert (folder.name, folder.visibility, folder.owner) == ("Autumn leaves", "members", charlie)
        assert (response.status_code, response.url) == (303, f"/folders/{folder.id}/")
        assert people["outsider"].get(response.url).context["role"] == "owner"

    def test_it_is_private_unless_told(self, people: dict[str, Client]) -> None:
        response = post_by_script(people["owner"], "/folders/", {"name": "Mine"})
        folder = Folder.objects.get(name="Mine")
        assert folder.visibility == "private"
        assert response["HX-Redirect"] == f"/folders/{folder.id}/"

    @pytest.mark.parametrize(
        ("body", "sentence"),
        [
            ({"name": ""}, "A name is needed."),
            ({"name": " \n "}, "A name is needed."),
            ({}, "A name is needed."),
            ({"name": "x" * 201}, "A name has at most 200 characters."),
            ({"name": "a\0b"}, "A name cannot contain the character NUL."),
            ({"name": "Mine", "visibility": "all"}, "A folder is private, shared with members, or public."),
        ],
    )
    def test_what_is_wrong_gets_a_sentence(self, people: dict[str, Client], body: Any, sentence: str) -> None:
        response = post_by_script(people["owner"], "/folders/", body)
        assert (response.status_code, notice(response)) == (422, sentence)
        assert post(people["owner"], "/folders/", body, before="/").status_code == 303
        page = people["owner"].get("/")
        assert notice(page) == sentence
        assert page.context["notice"]["typed"] == {name: value[:500] for name, value in body.items()}
        assert not Folder.objects.filter(name__startswith="Mine").exists()

    def test_strangers_sign_in_first(self, people: dict[str, Client]) -> None:
        assert post(people["anonymous"], "/folders/", {"name": "x"}).url == "/login/?next=/"
        assert not Folder.objects.filter(name="x").exists()
