"""Every text on every page goes through the translation: what does not stays without a mark, and is found here.

All data is Greek, so that whatever is in Latin letters and unmarked was written by us. What
scripts say is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import timezone
from django.utils.translation import override

from gallery.models import Batch, Folder, Item, ItemLock, MassAction, SystemMessage, WorkerToken
from gallery.services.locks import acquire_lock
from gallery.services.sweep import sweep
from gallery.templatetags.strips import LABELS
from gallery.templatetags.texts import KEPT, KEPT_WITH
from tests.clock import moved_clock
from tests.factories import (
    make_batch,
    make_folder,
    make_item,
    make_token,
    make_user,
    person,
    say,
    throw_away,
    worker,
)
from tests.pseudo_language import BEGIN, marked, unmarked
from tests.views.helpers import picture

GERMAN = {"Accept-Language": "de"}
SCRIPT = {"HX-Request": "true"}
NOT_OURS = [
    "text: Tasks Database Backend",
    *(f"<img alt>: {word}" for word in ("Search", "True", "False")),
]  # an app that stands beside, and the admin's own
GENERATORS = ["gallery_project.generators.Picture", "gallery.generators.web_version.WebVersion"]


@pytest.fixture(autouse=True)
def _marked(settings: Any) -> Iterator[None]:
    pytest.importorskip("numpy")
    settings.GALLERY_GENERATORS = GENERATORS
    with marked():
        yield


@dataclass
class Place:
    """A folder in which everything is to be seen, and who looks at it."""

    folder: Folder
    inner: Folder
    items: dict[str, Item]
    ids: list[str]
    clients: dict[str, Client]


@pytest.fixture
def place(db: None) -> Place:
    owner, viewer = make_user("ωμέγα", first_name="Ωμέγα", is_staff=True, is_superuser=True), make_user("βήτα")
    folder = make_folder(owner, "Φάκελος", viewer=viewer)
    inner = make_folder(owner, "Μέσα", visibility="public")
    Folder.objects.filter(id=inner.id).update(parent=folder)
    clients = {name: Client(headers=GERMAN) for name in ("owner", "viewer", "anonymous")}
    clients["owner"].force_login(owner)
    clients["viewer"].force_login(viewer)
    with moved_clock() as clock, override("en"):
        clock.move(hours=-1)
        items = _items(folder, worker(make_token(owner, folder=folder)[0]))
        clock.move(minutes=57)
        sweep()
        _batches(folder)
    for number, kept in enumerate((*KEPT, *(text.format("Ω") for _, text in KEPT_WITH))):
        batch = make_batch(folder, 1, label="Δέσμη")
        make_item(folder, f"{number}", batch=batch, isPending=True, message=kept)
    _mass_actions(folder, owner)
    for level in ("info", "success", "warning", "error"):
        say("system:message", {"text": "Προσοχή", "level": level})
    acquire_lock(person(owner), items["image"].id)
    throw_away(person(owner), items["thrown"].id)
    make_item(inner, "Εικόνα", batch=make_batch(inner, 1, label="Δέσμη"))
    return Place(folder, inner, items, [item.id for item in items.values()], clients)


def _items(folder: Folder, sender: Any) -> dict[str, Item]:
    states = {
        "stalled": {"isPending": True, "message": "Αργεί"},
        "failed": {"status": "error", "message": "Χάλασε"},
        "failed without a word": {"status": "error"},
        "awaiting": {},
        "thrown": {"mediaUrl": "/1.png"},
        "image": {"mediaUrl": "/1.png", "width": 1, "height": 2, "metadata": {"α": 1, "β": ["γ"]}},
        "video": {"type": "video", "mediaUrl": "/1.mp4", "duration": 3},
        "audio": {"type": "audio", "mediaUrl": "/1.mp3"},
        "file": {"type": "file", "mediaUrl": "/1.bin"},
    }
    label = {"sender": sender, "label": "Δέσμη"}
    return {
        name: make_item(folder, "Εικόνα", batch=make_batch(folder, 1, **label), sender=sender, **said)
        for name, said in states.items()
    }


def _batches(folder: Folder) -> None:
    for status in ("complete", "partial", "error", "cancelled"):
        batch = make_batch(folder, 400, label="Δέσμη", estimatedTimeSeconds=90)
        make_item(folder, "Εικόνα", batch=batch, status="error")
        say("batch:end", {"batchId": batch.id, "status": status, "message": "Ως εδώ"})
    make_batch(folder, 400, label="Δέσμη", estimatedTimeSeconds=900)
    asked = make_batch(folder, 3, label="Δέσμη")
    Batch.objects.filter(id=asked.id).update(cancel_asked_at=timezone.now())
    Batch.objects.filter(status="error").update(is_repeatable=True)


def _mass_actions(folder: Folder, owner: Any) -> None:
    arguments = {"name": "Όνομα", "tag": "ετικέτα", "folderId": folder.id, "at": "2026-01-01T00:00:00+00:00"}
    for kind in LABELS:
        MassAction.objects.create(folder=folder, kind=kind, arguments=arguments, total=9, owner=owner, who="Ω")
    for status in ("running", "complete", "partial", "error", "cancelled"):
        MassAction.objects.create(
            folder=folder,
            kind="delete",
            arguments=arguments,
            total=9_000,
            status=status,
            done_count=2,
            failed_count=5,
            failures=[["Εικόνα", "Όχι"]],
            ended_at=None if status == "running" else timezone.now(),
        )


class Reading:
    """What was found on all pages that were read; nothing may be."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}  # with the page where it stood first

    def read(self, where: str, html: str) -> None:
        assert BEGIN in html, f"{where} is not in German at all"
        for text in unmarked(html):
            self.found.setdefault(text, where)

    def answer(self, response: Any, refused: bool = False) -> None:
        where = f"{response.request['REQUEST_METHOD']} {response.request['PATH_INFO']}"
        assert (response.status_code != 200) == refused, (where, response.status_code, response.content.decode()[:500])
        self.read(where, response.content.decode())


@pytest.fixture
def reading() -> Iterator[Reading]:
    reading = Reading()
    yield reading
    assert reading.found == {}
    for model in apps.get_app_config("gallery").get_models():
        said = [row for row in model.objects.values() if BEGIN in str(row)]
        assert not said, "what is kept has to be in English"


def test_pages(place: Place, reading: Reading) -> None:
    folder, inner = f"/folders/{place.folder.id}/", f"/folders/{place.inner.id}/"
    pages = ["/", "/?q=x", folder, inner, f"{folder}?q=ω&type=image&status=error&starred=1&tag=ω&person=ω"]
    pages += [f"{folder}?from=2026-01-01&to=2026-12-31&sort=name", f"{folder}?batch={Batch.objects.first().id}"]
    pages += [f"{folder}panel/", f"{folder}panel/?q=x", f"{folder}?cursor=nonsense", f"{folder}?kiosk"]
    pages += [f"/items/{item.id}/" for name, item in place.items.items() if name != "thrown"]
    for path in pages:
        for who in ("owner", "viewer"):
            reading.answer(place.clients[who].get(path))
    own = [f"{folder}settings/", f"{folder}delete/", f"{inner}delete/", f"{folder}trash/", "/trash/", "/trash/?q=x"]
    own += [f"{inner}trash/", f"{folder}generate/picture/", "/actions/", f"/actions/?folder={place.folder.id}"]
    for path in own:
        reading.answer(place.clients["owner"].get(path))
    for path in ("/", inner, f"{inner}panel/", "/login/"):
        reading.answer(place.clients["anonymous"].get(path))


def test_dialogs_and_answers(place: Place, reading: Reading) -> None:
    owner, viewer, stranger = place.clients.values()
    folder, item = f"/folders/{place.folder.id}/", place.items["image"]
    selected = {"items": f"{item.id} {place.items['failed'].id}", "target": place.inner.id, "tag": "ω"}
    for kind in ("move", "copy", "tag", "download"):
        for headers in (SCRIPT, {}):
            reading.answer(owner.post(f"{folder}ask/{kind}/", selected, headers=headers))
    film = {"items": place.items["video"].id}
    reading.answer(owner.post(f"{folder}generate/web-version/", film, headers=SCRIPT))
    for name, said in (("web-version", selected), ("picture", {"run": "1", "option-number": "99"})):
        reading.answer(owner.post(f"{folder}generate/{name}/", said, headers=SCRIPT), refused=True)
    # What is refused is said in one sentence: that of what is locked, may not be, is not there or cannot be read.
    reading.answer(viewer.post(f"/items/{item.id}/rename/", {"name": "ω"}, headers=SCRIPT), refused=True)
    reading.answer(stranger.post(f"/items/{item.id}/star/", headers=SCRIPT), refused=True)
    reading.answer(owner.post("/items/nothing/star/", headers=SCRIPT), refused=True)
    reading.answer(owner.post(f"/items/{item.id}/retry/", headers=SCRIPT), refused=True)
    reading.answer(
        owner.post(f"{folder}settings/change/", {"name": "", "visibility": "no"}, headers=SCRIPT), refused=True
    )
    for name in ("", "ω/ω", "ω" * 201, "ω\0"):
        reading.answer(owner.post(f"/items/{item.id}/rename/", {"name": name}, headers=SCRIPT), refused=True)
        reading.answer(owner.post("/folders/", {"name": name, "visibility": "public"}, headers=SCRIPT), refused=True)
    for kind in ("paint", "tag", "copy"):
        said = {"items": "nothing", "target": place.inner.id}
        reading.answer(owner.post(f"{folder}actions/{kind}/", said, headers=SCRIPT), refused=True)
    # What was done is said, and what of it was not.
    upload = f"{folder}upload/"
    for name, data in (("ω", picture("PNG")), ("ω", picture("PNG")[:40]), ("ω", b""), ("ω", b"RIFF")):
        owner.post(upload, {"files": [SimpleUploadedFile(name, data, "image/png")] * 2}, headers=GERMAN)
        reading.answer(owner.get(folder))
    mine = f"{place.items['image'].id} {place.items['file'].id}"
    reading.answer(viewer.post(f"{folder}actions/delete/", {"items": mine}, headers=SCRIPT), refused=True)
    owner.post(f"{folder}actions/delete/", {"items": place.items["file"].id})
    reading.answer(owner.get(folder))
    owner.post("/actions/restore/", {"items": place.items["file"].id})
    reading.answer(owner.get(folder))


def test_what_goes_wrong(place: Place, reading: Reading, settings: Any) -> None:
    owner, viewer, stranger = place.clients.values()
    reading.answer(owner.get("/folders/nothing/"), refused=True)
    reading.answer(viewer.get("/admin/gallery/figures/", follow=True))
    for client in (owner, Client(headers=GERMAN, enforce_csrf_checks=True)):
        client.raise_request_exception = False
    with patch("gallery.views.folders.list_folders", side_effect=ZeroDivisionError):
        reading.answer(owner.get("/"), refused=True)
    with patch("gallery.views.folders.list_folders", side_effect=OperationalError):
        reading.answer(owner.get("/"), refused=True)
    strict = Client(headers=GERMAN, enforce_csrf_checks=True)
    reading.answer(strict.post("/folders/", headers=SCRIPT), refused=True)
    settings.GALLERY_LOGIN_FAILURES = 1
    for refused in (False, True):
        reading.answer(stranger.post("/login/", {"username": "ω", "password": "ω"}), refused=refused)


def test_the_admin(place: Place, reading: Reading) -> None:
    """Without the other apps beside ours, whose texts are their own."""
    owner = place.clients["owner"]
    WorkerToken.objects.update(name="Εργάτης")
    models = [Folder, WorkerToken, SystemMessage, Batch, ItemLock]
    for model in models:
        changelist = f"/admin/gallery/{model._meta.model_name}/"
        reading.answer(owner.get(changelist, headers=GERMAN))
        # What the site keeps as a batch's message is English there: pages put it into words, the admin shows the row.
        row = (model.objects.filter(message="") if model is Batch else model.objects).first()
        reading.answer(owner.get(f"{changelist}{row.pk}/change/", headers=GERMAN))
        reading.found = {text: where for text, where in reading.found.items() if str(row.pk) not in text}
        if model not in (Batch, ItemLock):
            reading.answer(owner.get(f"{changelist}add/", headers=GERMAN))
    for text in NOT_OURS:
        reading.found.pop(text, None)


def test_a_component(place: Place, reading: Reading) -> None:
    template = Template("{% load gallery %}{% gallery_head %}{% gallery folder %}")
    with override("de"):
        for folder, user in (
            (place.folder, place.folder.owner),
            (place.inner, AnonymousUser()),
            ("x", AnonymousUser()),
        ):
            request = RequestFactory().get("/")
            request.user, request.session = user, {}
            reading.read(str(folder), template.render(Context({"request": request, "folder": folder, "user": user})))
