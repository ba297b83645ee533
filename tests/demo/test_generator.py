"""The project's own generator, with real but small pictures."""

from __future__ import annotations

from typing import Any

import pytest

from gallery.generators.registry import all_generators, generator_named
from gallery.generators.runs import do_run, start_run
from gallery.models import Batch, Folder, Item

pytestmark = pytest.mark.django_db


def test_it_renders_what_was_asked_for(folder: Folder, erin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.http import QueryDict

    from gallery_project.demo.renderers import Job

    monkeypatch.setattr(Job, "rounds", lambda job, full, at_least=4: at_least)  # few steps: the way is what is tried
    assert [generator.name for generator in all_generators()] == ["picture", "web-version"]
    generator = generator_named("picture")
    answers = "option-kind=escape_time&option-number=2&option-size=512"
    form = generator.form(QueryDict(answers), items=[])
    assert form.is_valid(), form.errors
    batch_id = start_run(erin, folder, generator, [], form)
    do_run(batch_id)
    batch = Batch.objects.get()
    assert (batch.label, batch.status, batch.message, batch.done_count) == ("Escape time", "complete", "", 2)
    assert [(item.name, item.width, item.content_type) for item in Item.objects.order_by("slot")] == [
        ("Escape time 1", 512, "image/jpeg"),
        ("Escape time 2", 512, "image/jpeg"),
    ]
