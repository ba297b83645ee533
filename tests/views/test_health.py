from __future__ import annotations

import asyncio
from typing import Any

import pytest
from channels.layers import channel_layers
from django.db import OperationalError
from django.test import AsyncClient

from gallery.views import health

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_process_that_serves_is_healthy(async_client: AsyncClient) -> None:
    response = await async_client.get("/healthz")
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")


async def test_ready_when_database_and_channel_layer_answer(async_client: AsyncClient) -> None:
    assert (await async_client.get("/readyz")).status_code == 200


async def test_database_that_is_gone_is_named(async_client: AsyncClient, monkeypatch: Any) -> None:
    def gone() -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(health, "_read_a_row", gone)
    response = await async_client.get("/readyz")
    assert (response.status_code, response.json()["failing"]) == (503, ["database"])
    assert (await async_client.get("/healthz")).status_code == 200


async def test_channel_layer_that_hangs_is_named_in_time(async_client: AsyncClient, monkeypatch: Any) -> None:
    async def hang(*args: Any) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(channel_layers["default"], "send", hang)
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.05)
    response = await async_client.get("/readyz")
    assert (response.status_code, response.json()["failing"]) == (503, ["channel layer"])
