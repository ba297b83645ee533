"""Generators as plug-ins: asked in a dialog, run in the background, seen by all as any other batch."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from gallery.generators import Generator, registry
from gallery.generators.context import Context
from gallery.generators.runs import do_run
from gallery.models import Batch, Folder, Item, Membership
from gallery.services.batch_ends import cancel_batch
from gallery.services.sweep import sweep
from tests.documents import blocks
from tests.factories import make_folder, make_item, make_items, person
from tests.generators import Squares, Twin

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}
ALL = ["tests.generators.Squares", "tests.generators.Twin", "tests.generators.Broken"]


@pytest.fixture(autouse=True)
def _test_project(settings: Any) -> None:
    settings.GALLERY_GENERATORS = ALL


def url(folder: Folder, name: str = "squares") -> str:
    return f"/folders/{folder.id}/generate/{name}/"


def answers(**options: Any) -> dict[str, Any]:
    return {"run": "1"} | {f"option-{name}": value for name, value in options.items()}


@pytest.fixture
def run(django_capture_on_commit_callbacks: Any) -> Any:
    """Post the form, then do what waits in the queue; returns the answer."""

    def post(client: Client, address: str, data: dict[str, Any]) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(address, data, headers=SCRIPT)
        work()
        return answer

    return post


def work() -> None:
    from django_tasks_db.models import DBTaskResult

    for result in DBTaskResult.objects.ready():
        result.task.func(*result.args_kwargs["args"])
        result.delete()


def test_the_folder_offers_them_to_those_who_may_change_it(folder: Folder, erin: Any, signed_in: Any) -> None:
    page = signed_in(erin).get(f"/folders/{folder.id}/").content.decode()
    assert f'href="{url(folder)}" data-generator' in page
    assert f'formaction="{url(folder, "twin")}"' in page and 'data-selects="single" data-types="image"' in page


def test_what_it_makes_comes_as_a_batch_of_the_person(folder: Folder, erin: Any, signed_in: Any, run: Any) -> None:
    client = signed_in(erin)
    asked = client.post(url(folder), headers=SCRIPT).content.decode()
    assert 'name="option-number"' in asked and "As CSS writes it." in asked and "<html" not in asked
    assert run(client, url(folder), answers(number=3, colour="navy")).status_code == 204
    batch = Batch.objects.get()
    assert (batch.label, batch.total, batch.who, batch.status) == ("Squares in navy", 3, "erin", "complete")
    items = Item.objects.filter(folder=folder).order_by("slot")
    assert [(item.name, item.status, item.width) for item in items] == [
        (f"Square {number}", "complete", 64) for number in (1, 2, 3)
    ]


def test_without_script_it_is_a_page_and_leads_back_to_its_batch(folder: Folder, erin: Any, signed_in: Any) -> None:
    client = signed_in(erin)
    page = client.get(url(folder))
    assert page.status_code == 200 and "<html" in page.content.decode()
    wrong = client.post(url(folder), answers(number=20, colour="navy"))
    assert wrong.status_code == 422 and "<html" in wrong.content.decode()
    done = client.post(url(folder), answers(number=1, colour="navy") | {"next": f"/folders/{folder.id}/"})
    batch = Batch.objects.get()
    assert (done.status_code, done["Location"]) == (303, f"/folders/{folder.id}/#batch-{batch.id}")
    assert (batch.status, batch.message) == ("running", "Waiting for its turn")


def test_a_wrong_answer_is_said_in_the_dialog(folder: Folder, erin: Any, signed_in: Any) -> None:
    answer = signed_in(erin).post(url(folder), answers(number=12, colour="plaid"), headers=SCRIPT)
    said = answer.content.decode()
    assert answer.status_code == 422 and "<html" not in said
    assert "Ensure this value is less than or equal to 9." in said and "Plaid is no colour." in said
    assert 'value="plaid"' in said and 'aria-invalid="true"' in said
    assert not Batch.objects.exists()


def test_what_has_to_be_selected_is_asked_for(folder: Folder, erin: Any, signed_in: Any, run: Any) -> None:
    client, ids = signed_in(erin), make_items(folder, 2)
    film = make_item(folder, "Film", type="video").id
    for items, sentence in (
        ([], "Select exactly one item for this."),
        (ids, "Select exactly one item for this."),
        ([film], "Select only items of the type “image” for this."),
    ):
        answer = client.post(url(folder, "twin"), {"items": " ".join(items)}, headers=SCRIPT)
        assert answer.status_code == 422 and sentence in answer.content.decode()
    asked = client.post(url(folder, "twin"), {"items": ids[0]}, headers=SCRIPT).content.decode()
    assert f'name="items" value="{ids[0]} "' in asked and "Item 0" in asked
    run(client, url(folder, "twin"), answers() | {"items": ids[0]})
    assert Item.objects.filter(name="Twin of Item 0", status="complete").exists()


def test_it_is_given_no_metadata_that_the_person_may_not_read(
    folder: Folder, alice: Any, erin: Any, signed_in: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = make_folder(alice, visibility="public")
    own, other = (make_item(each, metadata={"prompt": "a secret recipe"}) for each in (folder, public))
    given: list[tuple[str, Any]] = []
    form, do = Twin.form, Twin.run

    def seeing_form(self: Twin, data: Any = None, *, items: Any) -> Any:
        given.extend((item.id, item.metadata) for item in items)
        return form(self, data, items=items)

    monkeypatch.setattr(Twin, "form", seeing_form)
    monkeypatch.setattr(Twin, "run", lambda self, context: (seeing_form(self, items=context.items), do(self, context)))
    for item in (own, other):
        run(signed_in(erin), url(folder, "twin"), answers() | {"items": item.id})
    assert given == [(own.id, own.metadata)] * 3 + [(other.id, {})] * 3
    assert own.metadata and Batch.objects.filter(status="complete", label__contains="Twin").count() == 2


def test_who_may_not_change_the_folder_gets_no_generator(
    folder: Folder, bob: Any, charlie: Any, client: Client, signed_in: Any
) -> None:
    for somebody, status in ((signed_in(bob), 403), (signed_in(charlie), 404), (client, 401)):
        for data in ({}, answers(number=1, colour="navy")):
            assert somebody.post(url(folder), data, headers=SCRIPT).status_code == status
    assert not Batch.objects.exists()


def test_a_right_that_is_lost_before_its_turn_ends_it(
    folder: Folder, erin: Any, signed_in: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(erin).post(url(folder), answers(number=1, colour="navy"), headers=SCRIPT)
    Membership.objects.filter(user=erin).update(role="viewer")
    work()
    batch = Batch.objects.get()
    assert (batch.status, batch.message) == ("error", "You may look at this folder, but not change it.")
    assert not Item.objects.exists()


@pytest.mark.parametrize(
    ("sentence", "said"),
    [("The ink has run out.", "The ink has run out."), ("", "“Broken” broke off; the server’s log says why.")],
)
def test_a_run_that_raises_ends_its_batch_with_a_sentence(
    folder: Folder, erin: Any, signed_in: Any, run: Any, sentence: str, said: str
) -> None:
    run(signed_in(erin), url(folder, "broken"), answers(sentence=sentence))
    batch = Batch.objects.get()
    assert (batch.status, batch.message) == ("error", said)
    assert Item.objects.get().status == "error"


def test_cancel_ends_the_run_at_its_next_word(
    folder: Folder, erin: Any, signed_in: Any, monkeypatch: pytest.MonkeyPatch, run: Any
) -> None:
    from gallery.generators import context

    monkeypatch.setattr(context, "LOOK_SECONDS", 0.0)
    put, stored = Context.put_media, []

    def cancelled_meanwhile(self: Context, item_id: str, *args: Any) -> None:
        put(self, item_id, *args)
        stored.append(item_id)
        cancel_batch(person(erin), self.batch.id)

    monkeypatch.setattr(Context, "put_media", cancelled_meanwhile)
    run(signed_in(erin), url(folder), answers(number=5, colour="navy"))
    batch = Batch.objects.get()
    assert (batch.status, batch.message) == ("cancelled", "Cancelled by erin.")
    assert len(stored) == Item.objects.count() == 1


def test_one_that_is_cancelled_before_its_turn_never_begins(
    folder: Folder, erin: Any, signed_in: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(erin).post(url(folder), answers(number=1, colour="navy"), headers=SCRIPT)
    cancel_batch(person(erin), Batch.objects.get().id)
    work()
    assert not Item.objects.exists()


def test_one_whose_turn_comes_late_runs_all_the_same_unless_somebody_cancelled_it(
    folder: Folder, erin: Any, signed_in: Any, clock: Any, django_capture_on_commit_callbacks: Any
) -> None:
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            signed_in(erin).post(url(folder), answers(number=1, colour="navy"), headers=SCRIPT)
    late, cancelled = Batch.objects.order_by("started_at")
    for _ in range(2):
        clock.move(minutes=15)
        sweep()
    late.refresh_from_db()
    assert late.status == "error" and late.was_given_up
    Batch.objects.filter(id=cancelled.id).update(status="cancelled")
    work()
    late.refresh_from_db()
    cancelled.refresh_from_db()
    assert (late.status, late.message, late.done_count) == ("complete", "", 1)
    assert (cancelled.status, cancelled.done_count) == ("cancelled", 0)


def test_what_is_no_generator_is_said_when_it_is_registered(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})
    assert registry.register(Squares) is Squares and registry.register(Squares) is Squares

    class Another(Generator):
        name, label = "squares", "Others"

    class Loud(Generator):
        name, label = "LOUD!", "Loud"

    for wrong, sentence in ((Another, "Two generators are named squares"), (Loud, "Loud.name must be lower-case")):
        with pytest.raises(ImproperlyConfigured, match=sentence):
            registry.register(wrong)
    settings.GALLERY_GENERATORS = ["tests.generators.Nothing"]
    with pytest.raises(ImproperlyConfigured, match="GALLERY_GENERATORS: tests.generators.Nothing"):
        registry.all_generators()


def test_the_generator_of_the_docs_works(
    folder: Folder, erin: Any, signed_in: Any, run: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.GALLERY_GENERATORS = []
    monkeypatch.setattr(registry, "_registered", {})
    said: dict[str, Any] = {}
    exec(dict(blocks("generators.md"))["generator"], said)
    registry.register(said["Squares"])
    run(signed_in(erin), url(folder), answers(number=2, colour="navy"))
    run(signed_in(erin), url(folder), answers(number=2, colour="plaid"))
    ends = Batch.objects.order_by("started_at").values_list("status", "message", "done_count")
    assert list(ends) == [("complete", "", 2), ("error", "That is no colour.", 0)]


def test_an_unknown_one_is_not_found(folder: Folder, erin: Any, signed_in: Any) -> None:
    assert signed_in(erin).post(url(folder, "nothing"), headers=SCRIPT).status_code == 404
    do_run("no-such-batch")  # deleted with its folder meanwhile: nothing happens
