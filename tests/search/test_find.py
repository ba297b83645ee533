"""Views of a folder: what they find, in which order, page by page; and that nobody finds by what they may not read."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from gallery.models import Folder, Item, SearchDocument, SearchProgress
from gallery.search import near
from gallery.search.find import find, items_of_view
from gallery.search.view import View
from gallery.search.words import facet
from gallery.services import search_index, search_rebuild
from gallery.services.search_index import catch_up, forget_folders, index_all
from tests.factories import make_batch, make_folder, make_item, make_pending_item, say, say_all

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True, params=["near", "index", "bounded"])
def all_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands near is looked at one by one, all else found by the index or piece by piece; they have to agree."""
    if request.param != "near":
        monkeypatch.setattr(near, "NEAR", 1)
    if request.param == "bounded":
        monkeypatch.setattr(near, "FURTHER", 1)
        monkeypatch.setattr(near, "QUICK_ROWS", -1)


def names(folder: Folder, view: View | None = None, *, reads_metadata: bool = True, **asked: Any) -> list[str]:
    """What a view finds, and that the same is found page by page, forth and back, and as a whole."""
    view = view or View(**asked)
    catch_up(folder)

    def pages(limit: int, **way: Any) -> list[str]:
        found, place = [], way.pop("after", None)
        while True:
            page = find(folder, view, reads_metadata=reads_metadata, limit=limit, after=place, is_bounded=True, **way)
            found += [item.name for item in page.items]
            place = page.after
            if place is None:
                return found

    found = pages(100)
    assert pages(1) == pages(2) == found
    assert pages(2, back=True) == found[::-1]
    assert sorted(item.name for item in items_of_view(folder, view, reads_metadata=reads_metadata)) == sorted(found)
    return found


def test_words_are_found_in_names_messages_and_metadata(folder: Folder) -> None:
    make_item(folder, "Sunset at sea", metadata={"prompt": "a lighthouse", "seed": 4711})
    make_item(folder, "Moon", message="rendered at sunrise")
    make_item(folder, "Café 🌅")
    assert names(folder, q="sun") == ["Moon", "Sunset at sea"]
    assert names(folder, q="SUN sea") == ["Sunset at sea"]
    assert names(folder, q='"at sea"') == ["Sunset at sea"]
    assert names(folder, q='"sea at"') == []
    assert names(folder, q="sun -moon") == names(folder, q="light") == names(folder, q="4711") == ["Sunset at sea"]
    assert names(folder, q="-sun") == ["Café 🌅"]
    assert names(folder, q="cafe") == names(folder, q="🌅") == ["Café 🌅"]
    assert names(folder, q="unset") == []


def test_what_one_may_not_read_finds_nothing(folder: Folder) -> None:
    make_item(folder, "Open", metadata={"prompt": "secret recipe"})
    assert names(folder, q="secret") == ["Open"]
    assert names(folder, q="secret", reads_metadata=False) == []
    assert names(folder, q="open -secret", reads_metadata=False) == ["Open"], "nor by leaving it out"
    assert names(folder, q='"secret recipe"', reads_metadata=False) == []


@pytest.mark.parametrize(
    "typed", ['"', "'", "* ^ : - + ( ) { }", "a AND", "NOT", 'a" OR "b', "NEAR(a b)", "open_words : x", "\\", "😀" * 50,
              "x" * 200, "\u202eabc", "a\u0000b", "--", "';DROP TABLE gallery_item;", "!&|<->", "12e5 3d 1.5"],
)  # fmt: skip
def test_whatever_is_typed_is_a_question(folder: Folder, typed: str) -> None:
    make_item(folder, typed.replace("\0", " ") or "x")
    names(folder, q=typed)


def test_numbers_that_a_parser_might_cut_are_found(folder: Folder) -> None:
    for name in ("12e5x", "3d8k", "1e10"):
        make_item(folder, name)
        assert names(folder, q=name) == [name]


def test_filters(folder: Folder, token: Any) -> None:
    make_item(folder, "Film", type="video", batch=make_batch(folder, batchId="b"))
    failed = make_pending_item(folder, "Failed")
    say("item:update", {"itemId": failed.id, "status": "error", "message": "too dark"})
    make_pending_item(folder, "Pending", message="KSampler 3/20")
    Item.objects.filter(name="Film").update(is_starred=True, created_by="Alice Adams")
    assert names(folder, type="video") == names(folder, batch="b") == ["Film"]
    assert names(folder, status="error") == names(folder, q="dark") == ["Failed"]
    assert names(folder, status="processing", type="image") == ["Pending"]
    assert names(folder, q="ksampler") == [], "what is said on the way is not looked for"
    assert names(folder, type="audio") == []


def test_days(folder: Folder) -> None:
    item = make_item(folder, "Today")
    day = item.created_at.date()
    assert names(folder, since=day) == names(folder, until=day) == names(folder, since=day, until=day) == ["Today"]
    assert names(folder, since=day.replace(year=day.year + 1)) == names(folder, until=day.replace(year=2020)) == []


def test_orders(folder: Folder) -> None:
    for name in ("img 10", "Img 2", "zoo", "Émile"):
        make_item(folder, name)
    Item.objects.filter(name="zoo").update(size=500)
    Item.objects.filter(name="img 10").update(size=900)
    assert names(folder) == ["Émile", "zoo", "Img 2", "img 10"]
    assert names(folder, sort="oldest") == ["img 10", "Img 2", "zoo", "Émile"]
    assert names(folder, sort="name") == ["Émile", "Img 2", "img 10", "zoo"]
    assert names(folder, sort="size")[:2] == ["img 10", "zoo"]
    assert names(folder, sort="name", q="img") == ["Img 2", "img 10"]


def test_a_batch_stands_by_its_slots_as_in_the_folder(folder: Folder) -> None:
    batch = make_batch(folder, 30)
    say_all(
        [
            ("batch:progress", {"batchId": batch.id, "index": index, "item": {"name": f"no{index}", "type": "image"}})
            for index in reversed(range(30))
        ]
    )
    make_item(folder, "no newest")
    assert names(folder, q="no") == ["no newest", *(f"no{index}" for index in range(30))]


def test_it_follows_what_changes(folder: Folder, alice: Any) -> None:
    item = make_item(folder, "Before")
    assert names(folder, q="before") == ["Before"]
    say("item:update", {"itemId": item.id, "status": "complete", "item": {"name": "After"}})
    assert (names(folder, q="before"), names(folder, q="after")) == ([], ["After"])
    say("item:remove", {"itemId": item.id})
    assert names(folder, q="after") == []
    assert not SearchDocument.objects.exists()
    make_item(folder, "Again")
    other = make_folder(alice, "Other")
    make_item(other, "Again elsewhere")
    assert names(folder, q="again") == ["Again"]
    Item.objects.filter(folder=other).delete()
    other.delete()
    forget_folders()
    assert set(SearchDocument.objects.values_list("folder_id", flat=True)) <= {folder.id}


def test_what_was_there_is_written_down_piece_by_piece(folder: Folder, monkeypatch: Any) -> None:
    monkeypatch.setattr(search_index, "AT_ONCE", 3)
    batch = make_batch(folder, 10)
    say_all([("batch:progress", {"batchId": batch.id, "item": {"name": "many", "type": "image"}})] * 8)
    for number in range(4):
        make_item(folder, f"single {number}")
    folder.refresh_from_db()
    while not SearchProgress.objects.filter(folder_id=folder.id, revision=folder.revision).exists():
        index_all(0)
    assert SearchDocument.objects.count() == 12
    assert len(names(folder, q="many")) == 8


def test_cards_of_one_moment_have_numbers_of_their_own(folder: Folder, monkeypatch: Any) -> None:
    for number in range(5):
        make_item(folder, f"copy {number}")
    item_ids = list(Item.objects.order_by("id").values_list("id", flat=True))
    for item_id in item_ids:
        Item.objects.filter(id=item_id).update(order_key=f"{10**15:017d}!!9999999!{item_id}", slot=None)
    monkeypatch.setattr(search_index, "AT_ONCE", 2)
    found = names(folder, q="copy")
    assert len(set(found)) == 5


def test_the_command_catches_up_and_writes_anew(folder: Folder, monkeypatch: Any) -> None:
    monkeypatch.setattr(search_index, "AT_ONCE", 3)
    monkeypatch.setattr(search_rebuild, "AT_ONCE", 3)
    for number in range(8):
        make_item(folder, f"single {number}")

    def found(word: str) -> int:
        return items_of_view(folder, View(q=word), reads_metadata=True).count()

    out = StringIO()
    call_command("index_search", stdout=out)
    assert (found("single"), out.getvalue()) == (8, "Folders up to date: 1.\n")
    # Rows that come and go past the gallery have no revision of their own, and no tombstone.
    Item.objects.filter(name="single 0").update(name="other", revision=0, card_revision=0)
    Item.objects.filter(name__in=["single 1", "single 2"]).delete()
    call_command("index_search", stdout=out)
    assert (found("other"), SearchDocument.objects.count()) == (0, 8)
    call_command("index_search", rebuild=True, folder=folder.id, stdout=out)
    assert (found("other"), found("single"), SearchDocument.objects.count()) == (1, 5, 6)
    with pytest.raises(CommandError, match="There is no folder 'gone'"):
        call_command("index_search", folder="gone")


def test_the_beginning_of_a_facet_finds_no_more_than_words(folder: Folder) -> None:
    make_item(folder, "xylophone")
    make_item(folder, "Drum")
    beginnings = {facet("folder", folder.id)[:2], facet("type", "image")[:2]}
    assert [names(folder, q=typed) for typed in beginnings] == [[]] * len(beginnings)
    assert names(folder, q="xy") == ["xylophone"]
