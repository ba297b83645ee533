"""A generator's run that does not come to its end by itself, and how it is asked again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gallery.generators.runs import do_run
from gallery.models import Batch, Folder, GeneratorRun, Item, Membership
from gallery.services import generator_runs
from gallery.services.sweep import sweep

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _test_project(settings: Any) -> None:
    settings.GALLERY_GENERATORS = ["tests.generators.Squares"]


@pytest.fixture
def batch(folder: Folder, erin: Any, signed_in: Any) -> Batch:
    """Asked for by erin."""
    answers = {"run": "1", "option-number": 2, "option-colour": "navy"}
    signed_in(erin).post(f"/folders/{folder.id}/generate/squares/", answers, headers=SCRIPT)
    return Batch.objects.get()


@pytest.fixture
def dead(batch: Batch, clock: Any) -> Batch:
    """Its task worker was killed."""
    GeneratorRun.objects.update(beat_due_at=timezone.now() + generator_runs.DEAD_AFTER)
    clock.move(seconds=generator_runs.DEAD_AFTER.total_seconds() + 1)
    sweep()
    batch.refresh_from_db()
    return batch


def again(client: Client, batch: Batch) -> Any:
    return client.post(f"/batches/{batch.id}/again/", headers=SCRIPT)


def test_a_run_that_beats_goes_on_and_one_that_does_not_is_failed(batch: Batch, clock: Any) -> None:
    with generator_runs.kept_alive(batch.id) as is_ours:
        assert is_ours
        with generator_runs.kept_alive(batch.id) as is_another:
            assert not is_another, "no two task workers do it at once"
        sweep()
        batch.refresh_from_db()
        assert batch.is_running
        clock.move(seconds=31)
        sweep()
    batch.refresh_from_db()
    assert (batch.status, batch.message) == ("error", generator_runs.TASK_WORKER_ENDED)


def test_the_beat_reaches_the_database(monkeypatch: pytest.MonkeyPatch, batch: Batch) -> None:
    monkeypatch.setattr(generator_runs.connection, "close", lambda: None)
    beats = iter([False, False, True])
    GeneratorRun.objects.update(beat_due_at=None)

    class Over:
        def wait(self, seconds: float) -> bool:
            return next(beats)

    generator_runs._beat(batch.id, Over())  # type: ignore[arg-type]
    assert GeneratorRun.objects.get().beat_due_at > timezone.now()


def test_what_has_failed_is_asked_again_once(dead: Batch, folder: Folder, erin: Any, signed_in: Any) -> None:
    client = signed_in(erin)
    assert f"/batches/{dead.id}/again/" in client.get(f"/folders/{folder.id}/").content.decode()
    assert again(client, dead).status_code == 204
    refused = again(client, dead)
    assert (refused.status_code, str(generator_runs.ASKED_ALREADY) in refused.content.decode()) == (409, True)
    new = Batch.objects.exclude(id=dead.id).get()
    do_run(dead.id)  # the queue gave it out late
    do_run(new.id)
    new.refresh_from_db()
    assert (new.status, new.done_count, new.label) == ("complete", 2, dead.label)
    assert Item.objects.count() == 2
    dead.refresh_from_db()
    assert dead.folded


def test_only_who_may_change_the_folder_asks_again(
    dead: Batch, folder: Folder, bob: Any, charlie: Any, signed_in: Any
) -> None:
    assert again(signed_in(bob), dead).status_code == 403
    assert again(signed_in(charlie), dead).status_code == 404
    assert GeneratorRun.objects.get().batch_id == dead.id
    Membership.objects.filter(folder=folder, user=bob).update(role="editor")
    assert again(signed_in(bob), dead).status_code == 204
    assert Batch.objects.exclude(id=dead.id).get().who == "bob"


def test_what_ended_well_cannot_be_asked_again(batch: Batch, erin: Any, signed_in: Any) -> None:
    do_run(batch.id)
    assert again(signed_in(erin), batch).status_code == 409
    assert Batch.objects.count() == 1


def test_one_that_goes_on_after_all_is_revived_by_its_word(dead: Batch) -> None:
    do_run(dead.id)
    dead.refresh_from_db()
    assert (dead.status, dead.message) == ("complete", "")


def test_without_a_queue_it_runs_inside_the_request(
    folder: Folder, erin: Any, signed_in: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    try:
        from django.tasks.backends.immediate import ImmediateBackend
    except ImportError:  # Django 5.2
        from django_tasks.backends.immediate import ImmediateBackend

    from gallery import tasks

    backend = ImmediateBackend("default", {})
    monkeypatch.setattr(type(tasks.run_generator), "get_backend", lambda self: backend)
    answers = {"run": "1", "option-number": 2, "option-colour": "navy"}
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(erin).post(f"/folders/{folder.id}/generate/squares/", answers, headers=SCRIPT)
    batch = Batch.objects.get()
    assert (batch.status, batch.done_count) == ("complete", 2)
