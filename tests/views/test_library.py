"""Folders and items by plain forms: as somebody without script uses them."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gallery.models import Folder, Item, Membership
from gallery.services.files import media_root
from gallery.services.folders import edit_folder
from tests.factories import make_folder, make_item, make_pending_item, person, throw_away
from tests.views.helpers import notice, picture, post, post_by_script

pytestmark = pytest.mark.django_db

EVERYBODY = ("owner", "editor", "viewer", "outsider", "anonymous")


@pytest.fixture
def elsewhere(alice: Any, erin: Any) -> Folder:
    return make_folder(alice, "Elsewhere", editor=erin)


def uploaded(people: dict[str, Client], folder: Folder, *names: str) -> list[Item]:
    for name in names:
        file = SimpleUploadedFile(name, picture("PNG"), "image/png")
        assert people["editor"].post(f"/folders/{folder.id}/upload/", {"files": file}).status_code == 303
    return list(folder.items.order_by("created_at"))


def test_who_may_open_what(people: dict[str, Client], folder: Folder) -> None:
    item = make_item(folder)
    pages = {
        f"/folders/{folder.id}/settings/": (200, 200, 404, 404, 302),
        f"/folders/{folder.id}/trash/": (200, 200, 404, 404, 302),
        f"/folders/{folder.id}/delete/": (200, 200, 404, 404, 302),
        f"/folders/{folder.id}/download/": (200, 200, 200, 404, 302),
        f"/items/{item.id}/": (200, 200, 200, 404, 302),
    }
    for path, statuses in pages.items():
        assert tuple(people[who].get(path).status_code for who in EVERYBODY) == statuses, path


def test_who_may_do_what(people: dict[str, Client], folder: Folder, elsewhere: Folder) -> None:
    item, thrown = make_item(folder, thumbUrl="/t.webp"), make_item(folder)
    throw_away(person(folder.owner), thrown.id)
    settings = {"name": "x", "sort": "newest", "parent": ""}
    deeds = {
        f"/folders/{folder.id}/settings/change/": settings,
        f"/folders/{folder.id}/delete/now/": {},
        f"/folders/{folder.id}/trash/empty/": {},
        "/actions/move/": {"item": item.id, "target": elsewhere.id},
        f"/items/{item.id}/star/": {},
        f"/items/{item.id}/tags/": {"tags": "a"},
        f"/items/{item.id}/cover/": {},
    }
    for path, body in deeds.items():
        assert people["outsider"].post(path, body).status_code == 404, path
        refused = post_by_script(people["viewer"], path, body)
        assert refused.status_code in (403, 404), path
        assert people["anonymous"].post(path, body)["Location"].startswith("/login/?next="), path
        assert people["owner"].get(path).status_code == 405, path
    item.refresh_from_db()
    assert (item.folder, item.is_starred, item.tags.count()) == (folder, False, 0)
    assert post_by_script(people["editor"], f"/folders/{folder.id}/delete/now/").status_code == 403
    assert Item.objects.count() == 2


def test_what_is_removed_can_be_taken_out_at_once_and_from_the_trash(people: dict[str, Client], folder: Folder) -> None:
    item, client, home = make_item(folder, "A <b>sunset</b>"), people["editor"], f"/folders/{folder.id}/"
    answer = post(client, f"/items/{item.id}/remove/", before=f"/items/{item.id}/")
    assert (answer.status_code, answer["Location"]) == (303, home)
    page = client.get(home).content.decode()
    assert "“A &lt;b&gt;sunset&lt;/b&gt;” is in the trash." in page
    [undo] = re.findall(r'formaction="([^"]+)"[^>]*>Undo', page)
    assert post(client, undo, before=home).status_code == 303
    assert Item.objects.living().get() == item and "Undo" not in client.get(home).content.decode()
    assert post_by_script(client, f"/items/{item.id}/remove/").status_code == 204
    trash = client.get(f"{home}trash/").content.decode()
    assert "A &lt;b&gt;sunset&lt;/b&gt;" in trash and "1 item ·" in trash
    assert client.get(f"/items/{item.id}/").status_code == 404
    assert post(client, "/actions/restore/", {"item": item.id, "next": f"{home}trash/"})["Location"] == f"{home}trash/"
    again = post(client, "/actions/restore/", {"item": item.id}, before=home)
    assert notice(client.get(again["Location"])) == "This is not in the trash any more."


def test_deleted_for_good_one_by_one_or_all(
    people: dict[str, Client], folder: Folder, django_capture_on_commit_callbacks: Any
) -> None:
    items = uploaded(people, folder, "a.png", "b.png", "c.png")
    for item in items[:2]:
        throw_away(person(folder.owner), item.id)
    shown = people["owner"].get(f"/folders/{folder.id}/trash/").content.decode()
    assert all(item.thumb_url in shown for item in items[:2]) and items[2].thumb_url not in shown
    picture_of_it = people["owner"].get(items[0].thumb_url)
    assert picture_of_it.status_code == 200 and b"".join(picture_of_it.streaming_content), "shown in the trash"
    assert people["viewer"].get(items[0].thumb_url).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        assert post(people["editor"], "/actions/purge/", {"item": items[0].id}).status_code == 303
    assert not (media_root() / items[0].media_file).exists()
    assert post(people["editor"], "/actions/purge/", {"item": items[2].id}).status_code == 303, "it is not in the trash"
    assert post(people["editor"], f"/folders/{folder.id}/trash/empty/").status_code == 303
    assert [item.id for item in Item.objects.all()] == [items[2].id]


def test_settings_change_name_order_place_and_visibility(
    people: dict[str, Client], folder: Folder, elsewhere: Folder
) -> None:
    path = f"/folders/{folder.id}/settings/"
    page = people["owner"].get(path).content.decode()
    assert f'<option value="{elsewhere.id}"' in page and f'<option value="{folder.id}"' not in page
    body = {"name": "New name", "sort": "oldest", "parent": elsewhere.id, "visibility": "public"}
    answer = post(people["owner"], f"{path}change/", body, before=path)
    assert answer["Location"] == f"/folders/{folder.id}/"
    folder.refresh_from_db()
    assert (folder.name, folder.sort, folder.parent, folder.visibility) == ("New name", "oldest", elsewhere, "public")
    crumbs = people["owner"].get(f"/folders/{folder.id}/").content.decode()
    assert f'href="/folders/{elsewhere.id}/" dir="auto">Elsewhere</a>' in crumbs
    assert "Elsewhere" not in people["viewer"].get(f"/folders/{folder.id}/").content.decode(), "it is not for him"
    for name, sentence in (
        ("x" * 201, "A name has at most 200 characters."),
        ("a/b", "A name must not be a path: leave out '/' and '\\'."),
        ("\u200b", "A name is needed."),
    ):
        post(people["owner"], f"{path}change/", body | {"name": name}, before=path)
        assert notice(people["owner"].get(path)) == sentence
    post(people["owner"], f"/folders/{elsewhere.id}/settings/change/", body | {"parent": folder.id}, before=path)
    assert "cannot be moved into itself" in notice(people["owner"].get(path))


@pytest.mark.parametrize("visibility", ["private", "public"])
def test_a_folder_stays_where_its_editor_could_not_put_it(
    people: dict[str, Client], folder: Folder, alice: Any, visibility: str
) -> None:
    around = make_folder(alice, "Around", visibility=visibility)
    edit_folder(person(alice), folder.id, {"parent_id": around.id})
    path = f"/folders/{folder.id}/settings/"
    select = people["editor"].get(path).content.decode().split('name="parent"')[1].split("</select>")[0]
    chosen = re.findall(r'<option value="([^"]*)" selected>', select)
    assert len(chosen) == 1 and around.id not in select
    assert "Where it stands now" not in people["owner"].get(path).content.decode()
    post(people["editor"], f"{path}change/", {"name": "New", "sort": "newest", "parent": chosen[0]}, before=path)
    folder.refresh_from_db()
    assert (folder.name, folder.parent) == ("New", around)
    post(people["editor"], f"{path}change/", {"name": "New", "sort": "newest", "parent": ""}, before=path)
    folder.refresh_from_db()
    assert folder.parent is None


def test_a_new_folder_inside_and_the_question_before_it_goes(
    people: dict[str, Client], folder: Folder, alice: Any
) -> None:
    for number in range(3):
        make_item(folder, str(number))
    answer = post(people["owner"], "/folders/", {"name": "Inside", "visibility": "private", "parent": folder.id})
    inside = Folder.objects.get(name="Inside")
    assert answer["Location"] == f"/folders/{inside.id}/" and inside.parent == folder
    make_item(inside)
    question = people["owner"].get(f"/folders/{folder.id}/delete/").content.decode()
    assert "Delete 4 items" in question and "<dt>Folders in it</dt><dd>1</dd>" in question and "Inside" in question
    assert (
        "Only the folder’s owner".replace("’", "&#x27;")
        in people["editor"].get(f"/folders/{folder.id}/delete/").content.decode()
    )
    assert post(people["owner"], f"/folders/{folder.id}/delete/now/")["Location"] == "/"
    assert not Folder.objects.exists() and not Item.objects.exists()
    assert people["owner"].post(f"/folders/{folder.id}/delete/now/").status_code == 404, "the second of two is told"


def test_an_item_is_starred_tagged_made_a_cover_moved_and_copied(
    people: dict[str, Client], folder: Folder, elsewhere: Folder
) -> None:
    item, client = make_item(folder, thumbUrl="/t.webp"), people["editor"]
    path = f"/items/{item.id}/"
    for deed in ("star/", "cover/"):
        assert post(client, path + deed, before=path).status_code == 303
    assert post(client, f"{path}tags/", {"tags": "Sea,  Sky blue , sea"}, before=path)["Location"].endswith(path)
    page = client.get(path).content.decode()
    assert 'value="sea, sky blue"' in page and "Cover of this folder" in page and 'aria-pressed="true"' in page
    item.refresh_from_db()
    folder.refresh_from_db()
    assert (item.is_starred, item.edited_fields, folder.cover) == (True, ["is_starred", "tags"], item)
    target = {"item": item.id, "target": elsewhere.id}
    assert post(client, "/actions/copy/", target)["Location"] == f"/folders/{elsewhere.id}/"
    assert post(client, "/actions/move/", target)["Location"] == f"/folders/{elsewhere.id}/"
    assert elsewhere.items.count() == 2 and Folder.objects.get(id=folder.id).cover is None
    throw_away(person(folder.owner), item.id)
    other = make_item(folder)
    post(client, "/actions/move/", {"items": f"{item.id} {other.id}", "target": elsewhere.id}, before=path)
    assert notice(client.get("/")).startswith("1 of 2 could not be done.")
    assert post_by_script(client, "/actions/move/", {"items": other.id}).status_code == 404


def test_viewers_see_tags_and_may_copy_to_their_own(
    people: dict[str, Client], folder: Folder, bob: Any, alice: Any
) -> None:
    item = make_item(folder)
    post(people["owner"], f"/items/{item.id}/tags/", {"tags": "sea"})
    his = make_folder(bob, "His")
    page = people["viewer"].get(f"/items/{item.id}/").content.decode()
    assert f'href="/folders/{folder.id}/?tag=sea">sea</a>' in page and "/actions/move/" not in page
    assert post(people["viewer"], "/actions/copy/", {"item": item.id, "target": his.id}).status_code == 303
    assert his.items.count() == 1


def unzip(response: Any) -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


def test_one_file_and_many_are_downloaded(people: dict[str, Client], folder: Folder) -> None:
    first, second = uploaded(people, folder, "a/../sunset.png", "SUNSET.png")
    make_item(folder, "Far away", mediaUrl="https://example.org/x.png")
    make_pending_item(folder, "Not yet")
    one = people["viewer"].get(f"/items/{first.id}/download/")
    assert one["Content-Disposition"] == 'attachment; filename="sunset.png"'
    assert b"".join(one.streaming_content) == (media_root() / first.media_file).read_bytes()
    all_of_it = people["viewer"].get(f"/folders/{folder.id}/download/")
    assert all_of_it["Content-Disposition"] == 'attachment; filename="Pictures.zip"'
    files = unzip(all_of_it)
    assert files.keys() == {"SUNSET.png", "sunset (2).png", "Not in here.txt"}
    assert "Far away: its file lies elsewhere, at https://example.org/x.png" in files["Not in here.txt"].decode()
    assert "Not yet: it has no file yet." in files["Not in here.txt"].decode()
    chosen = unzip(post(people["viewer"], "/actions/download/", {"items": f"{second.id} {first.id} gone"}))
    assert list(chosen) == ["SUNSET.png", "sunset (2).png"]
    assert people["outsider"].post("/actions/download/", {"item": first.id}).status_code == 404


def test_all_that_a_view_finds_is_downloaded_after_a_word_about_how_much_it_is(
    people: dict[str, Client], folder: Folder, monkeypatch: Any
) -> None:
    first, _, thrown = uploaded(people, folder, "sun a.png", "sun b.png", "sun c.png")
    uploaded(people, folder, "moon.png")
    make_item(folder, "Sun far away", mediaUrl="https://example.org/x.png")
    throw_away(person(folder.owner), thrown.id)
    folder.refresh_from_db()
    here, said = f"/folders/{folder.id}/", {"view": f"q=sun&all={folder.revision}&except={first.id}"}
    question = post_by_script(people["viewer"], f"{here}ask/download/", said).content.decode()
    assert (
        "2 items" in question
        and "One file goes into a ZIP archive:" in question
        and "names what has no file" in question
    )
    files = unzip(post(people["viewer"], f"{here}actions/download/", said))
    assert files.keys() == {"sun b.png", "Not in here.txt"}
    assert people["outsider"].post(f"{here}actions/download/", said).status_code == 404
    nothing = post_by_script(people["viewer"], f"{here}actions/download/", {"view": "q=nobody&all=99"})
    assert nothing.status_code == 404
    in_trash = post_by_script(people["viewer"], f"{here}actions/download/", {"view": "thrown-until=99999999999999999"})
    assert in_trash.status_code == 404, "what lies in the trash is not for him"
    monkeypatch.setattr("gallery.views.downloads.ITEMS_AT_MOST", 1)
    monkeypatch.setattr("gallery.views.questions.ITEMS_AT_MOST", 1)
    question = post_by_script(people["viewer"], f"{here}ask/download/", said).content.decode()
    assert "An archive holds 1 files at most" in question


def test_what_is_too_much_for_an_archive_is_counted_in_it(
    people: dict[str, Client], folder: Folder, monkeypatch: Any
) -> None:
    uploaded(people, folder, "a.png", "b.png", "c.png")

    def download(most: int) -> dict[str, bytes]:
        monkeypatch.setattr("gallery.views.downloads.ITEMS_AT_MOST", most)
        return unzip(people["viewer"].get(f"/folders/{folder.id}/download/"))

    assert download(3).keys() == {"a.png", "b.png", "c.png"}
    files = download(1)
    assert len(files) == 2 and "2 older: an archive holds" in files["Not in here.txt"].decode()


def test_what_vanishes_meanwhile_is_named_in_the_archive(people: dict[str, Client], folder: Folder) -> None:
    items = uploaded(people, folder, "a.png", "b.png", "c.png", "d.png")
    pieces = iter(post(people["owner"], "/actions/download/", {"item": [item.id for item in items]}).streaming_content)
    sent = [next(pieces)]
    throw_away(person(folder.owner), items[1].id)
    (media_root() / items[2].media_file).unlink()
    items[3].delete()
    archive = zipfile.ZipFile(io.BytesIO(b"".join([*sent, *pieces])))
    assert archive.namelist() == ["a.png", "Not in here.txt"]
    said = archive.read("Not in here.txt").decode()
    assert all(f"{name}: it was removed" in said for name in ("b.png", "c.png", "d.png"))


def test_who_may_not_look_any_more_gets_nothing_further(people: dict[str, Client], folder: Folder) -> None:
    uploaded(people, folder, "a.png", "b.png")
    pieces = iter(people["viewer"].get(f"/folders/{folder.id}/download/").streaming_content)
    sent = [next(pieces)]
    Membership.objects.filter(folder=folder).delete()
    archive = zipfile.ZipFile(io.BytesIO(b"".join([*sent, *pieces])))
    assert archive.namelist() == ["b.png", "Not in here.txt"]


def test_a_cover_stands_for_its_folder_while_it_is_there(people: dict[str, Client], folder: Folder) -> None:
    cover, _ = make_item(folder, thumbUrl="/chosen.webp"), make_item(folder, thumbUrl="/newest.webp")
    assert 'src="/newest.webp"' in people["viewer"].get("/").content.decode()
    edit_folder(person(folder.owner), folder.id, {"cover_id": cover.id})
    assert 'src="/chosen.webp"' in people["viewer"].get("/").content.decode()
    throw_away(person(folder.owner), cover.id)
    assert 'src="/newest.webp"' in people["viewer"].get("/").content.decode()


def test_the_tree_shows_what_one_may_see_as_a_page_and_as_rows(
    people: dict[str, Client], folder: Folder, elsewhere: Folder
) -> None:
    edit_folder(person(folder.owner), folder.id, {"parent_id": elsewhere.id})
    path = f"/folders/{folder.id}/panel/"
    for who, depth, sees in (("owner", 1, True), ("viewer", 0, False)):
        rows = people[who].get(path, headers={"HX-Request": "true"}).content.decode()
        assert f'style="--depth:{depth}" aria-current="page"' in rows and (elsewhere.id in rows) == sees
        assert "<html" not in rows and "<html" in people[who].get(path).content.decode()
    assert people["outsider"].get(path).status_code == 404
    assert 'data-panel="toggle" aria-label="Folders"' in people["viewer"].get(f"/folders/{folder.id}/").content.decode()
