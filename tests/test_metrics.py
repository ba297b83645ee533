"""Who may read the metrics, and the admin's page of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import AsyncClient, Client
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

from gallery import metrics
from gallery.contract.errors import STATUS_BY_CODE
from gallery.contract.events import EVENTS
from tests.documents import page
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = {"Authorization": "Bearer let prometheus in"}


async def test_strangers_and_wrong_tokens_are_refused(async_client: AsyncClient, settings: Any) -> None:
    for headers in ({}, {"Authorization": "Bearer "}, TOKEN):
        answer = await async_client.get("/metrics", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), headers
    settings.GALLERY_METRICS_TOKEN = "another"
    assert (await async_client.get("/metrics", headers=TOKEN)).status_code == 401
    assert (await async_client.post("/metrics", headers=TOKEN)).status_code == 405


async def test_the_token_opens(async_client: AsyncClient, settings: Any) -> None:
    settings.GALLERY_METRICS_TOKEN = TOKEN["Authorization"].removeprefix("Bearer ")
    answer = await async_client.get("/metrics", headers=TOKEN)
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    families = {family.name for family in text_string_to_metric_families(answer.content.decode())}
    assert {"darkroom_viewers", "darkroom_events", "darkroom_tick_seconds", "process_resident_memory_bytes"} <= families


def test_only_staff_opens_it_with_a_session(signed_in: Any, bob: Any) -> None:
    assert signed_in(bob).get("/metrics").status_code == 401
    assert signed_in(make_user("ada", is_staff=True)).get("/metrics").status_code == 200


def test_the_admin_lists_and_shows_the_figures(signed_in: Any, bob: Any) -> None:
    ada = signed_in(make_user("ada", is_staff=True))
    assert 'href="/admin/gallery/figures/"' in ada.get("/admin/").content.decode()
    shown = ada.get("/admin/gallery/figures/")
    assert shown.status_code == 200 and "no-store" in shown["Cache-Control"]
    text = shown.content.decode()
    for words in ("Open folder pages", "99 % answered within", "Lost rings", "Process "):
        assert words in text
    assert signed_in(bob).get("/admin/gallery/figures/").status_code == 302
    assert Client().get("/admin/gallery/figures/").status_code == 302


def test_labels_are_bounded(folder: Any, alice: Any) -> None:
    """Whatever a worker invents, no label takes it up."""
    from gallery.access import SITE
    from gallery.ingest.receive import receive

    invented = [{"type": f"invented:{number}", "payload": {}, "id": f"i{number}"} for number in range(50)]
    receive(SITE, [*invented, "no event", {"type": "taskEnd", "payload": {"generationId": "nobody"}}])
    for metric in metrics.EVENTS.collect():
        for sample in metric.samples:
            assert sample.labels["type"] in {*EVENTS, metrics.UNREAD}
            assert sample.labels["outcome"] in {*STATUS_BY_CODE, "ack"}


def test_every_metric_has_its_sentence() -> None:
    written = set(re.findall(r"^\| `(darkroom_\w+)", page("operations.md"), re.MULTILINE))
    counted = {metric for metric in vars(metrics).values() if isinstance(metric, MetricWrapperBase)}
    assert written == {metric._name + ("_total" if metric._type == "counter" else "") for metric in counted}
