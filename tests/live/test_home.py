"""Pages outside a folder: each is sent what it looks at of the list of folders, or that its trash has changed."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator

from gallery import folder_list
from gallery.live import looks
from gallery.live.home_frames import Sent, build_home_frames
from gallery.live.looks import Look, read_look
from gallery.models import Folder, Item
from gallery.routing import websockets
from gallery.services.item_actions import do_to_items
from gallery.services.revisions import take_revision
from tests.factories import bring_back, make_folder, make_items, person, throw_away
from tests.live.elements import roots
from tests.live.test_streams import cookie_of


def frame(user: Any, look: Look, before: Sent | None = None) -> tuple[list[str], str, Sent]:
    """What one page is sent: the folders' names and removals, the trash's mark, and where it stands then."""
    [(text, sent)] = build_home_frames(user, look, [before or Sent()], {})
    ids = {folder.id: folder.name for folder in Folder.objects.all()}
    named = [root for root in roots(text) if root.id.startswith("folder-")]
    cards = [ids.get(root.id.removeprefix("folder-"), "gone") for root in named]
    return sorted(cards), "".join(re.findall(r'data-trash="([^"]+)"', text)), sent


def test_what_makes_no_sense_is_not_looked_at() -> None:
    assert read_look("language=de") == read_look("count=-1&cursor") == read_look("count=²") == Look()
    assert read_look("count=999999999999").count == Look().count
    assert read_look("count=99999") == Look(count=looks.MOST_FOLLOWED)
    assert read_look("q=a+b&cursor=1%21x&count=300") == Look("a b", "1!x", 300)
    assert read_look("trash=") == Look(trash="") and read_look("trash=f") == Look(trash="f")


@pytest.mark.django_db
def test_each_part_of_the_list_is_followed_by_who_looks_at_it(alice: Any, bob: Any) -> None:
    made = [make_folder(alice, f"Folder {number}", visibility="private") for number in range(7)]
    make_folder(bob, "His", visibility="private")
    newest, older = Look(count=3), Look(cursor=made[4].order_key, count=3)
    assert frame(bob, older)[0] == [], "nobody sees more by another's place in the list"
    first, _, at_first = frame(alice, newest)
    second, _, at_second = frame(alice, older)
    assert (first, second) == (["Folder 4", "Folder 5", "Folder 6"], ["Folder 1", "Folder 2", "Folder 3"])
    assert frame(alice, Look(q="der 2", count=3))[0] == ["Folder 2"]

    [(text, _)] = build_home_frames(alice, Look(q='"2" <', count=3), [Sent()], {})
    assert 'data-whole="&quot;2&quot; &lt; "' in text

    take_revision(made[2].id)
    assert frame(alice, newest, at_first)[0] == []
    changed, _, at_second = frame(alice, older, at_second)
    assert changed == ["Folder 2"]
    made[1].delete()
    assert frame(alice, older, at_second)[0] == ["Folder 0", "gone"]


@pytest.mark.django_db
def test_a_folder_that_is_pushed_out_of_the_newest_goes_on_living(alice: Any) -> None:
    made = [make_folder(alice, f"Folder {number}", visibility="private") for number in range(3)]
    look = Look(count=3)
    _, _, sent = frame(alice, look)
    make_folder(alice, "New", visibility="private")
    news, _, sent = frame(alice, look, sent)
    assert news == ["New"]
    take_revision(made[0].id)
    news, _, sent = frame(alice, look, sent)
    assert news == ["Folder 0"]
    assert "Folder 0" not in frame(alice, look)[0], "who comes later does not see it there"
    made[0].delete()
    assert frame(alice, look, sent)[0] == ["gone"]


@pytest.mark.django_db
def test_the_trash_has_another_mark_whenever_it_is_another(alice: Any, bob: Any, erin: Any) -> None:
    folder, other = make_folder(alice, editor=erin, viewer=bob), make_folder(alice, "Other")
    ids = make_items(folder, 3)
    looked_at = [(alice, Look(trash="")), (erin, Look(trash=folder.id))]
    marks = {user.pk: [frame(user, look)[1]] for user, look in looked_at}
    at = Sent()
    for change in (
        lambda: throw_away(person(alice), ids[0]),
        lambda: throw_away(person(erin), ids[1]),
        lambda: bring_back(person(erin), ids[0]),
        lambda: do_to_items(person(alice), "purge", [ids[1]]),
    ):
        change()
        for user, look in looked_at:
            marks[user.pk].append(frame(user, look)[1])
        _, mark, at = frame(alice, Look(trash=""), at)
        assert mark and frame(alice, Look(trash=""), at)[1] == "", "it is told once"
    throw_away(person(alice), make_items(other, 1)[0])
    assert len(set(marks[erin.pk][:4])) == 4 and marks[erin.pk][4] == marks[erin.pk][0] == "0-0-0.000000"
    assert frame(erin, Look(trash=folder.id))[1] == marks[erin.pk][4], "another folder's is nothing to them"
    assert frame(bob, Look(trash=folder.id))[1] == "0-0-0.000000", "who may not change it learns nothing"


@pytest.mark.django_db(transaction=True)
def test_a_page_that_looks_elsewhere_is_sent_that(alice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "FOLDERS_SHOWN", 2)
    monkeypatch.setattr(folder_list, "FOLDERS_SHOWN", 2)
    made = [make_folder(alice, f"Folder {number}", visibility="private") for number in range(4)]
    folder = made[0]
    headers = [(b"origin", b"http://localhost"), (b"host", b"localhost"), (b"cookie", cookie_of(alice).encode())]

    async def read_until(socket: WebsocketCommunicator, what: str) -> str:
        while what not in (text := await socket.receive_from(10)):
            pass
        return text

    async def look_around() -> None:
        socket = WebsocketCommunicator(websockets, "/ws/?count=2", headers)
        assert (await socket.connect())[0]
        assert f"folder-{folder.id}" not in await read_until(socket, f"folder-{made[3].id}")
        await socket.send_to(text_data=json.dumps({"type": "look", "query": "count=4"}))
        await read_until(socket, f"folder-{folder.id}")
        await socket.send_to(text_data=json.dumps({"type": "look", "query": f"trash={folder.id}"}))
        await read_until(socket, 'data-trash="0-')
        [item_id] = await asyncio.to_thread(make_items, folder, 1)
        await asyncio.to_thread(throw_away, person(alice), item_id)
        await read_until(socket, 'data-trash="1-')
        await asyncio.to_thread(do_to_items, person(alice), "purge", [item_id])
        await read_until(socket, 'data-trash="0-')
        await socket.send_to(text_data=json.dumps({"type": "look", "query": 7}))
        await read_until(socket, "does not understand")
        await socket.disconnect()

    asyncio.run(look_around())
    assert not Item.objects.exists()
