"""A server that is told to end does so, whatever is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from tests.clients import sign_in
from tests.processes.conftest import Gallery

PAGES_AT_ONCE = 8
SECONDS = 15.0  # to end; nothing that is under way takes one


@pytest.mark.parametrize("path", settings.MIDDLEWARE)
def test_no_middleware_holds_a_thread_that_waits_for_the_loop(path: str) -> None:
    assert import_string(path).async_capable


async def test_a_server_ends_with_pages_under_way(new_gallery: Callable[..., Gallery], kind: str) -> None:
    gallery = new_gallery("sqlite")
    room, server = gallery.new_room(), gallery.new_server(kind)
    for _ in range(3):
        await asyncio.to_thread(server.start)
        cookies = await asyncio.to_thread(sign_in, server, "bob")
        async with httpx.AsyncClient(base_url=server.http, cookies=cookies, timeout=60) as browser:

            async def ask_on(browser: httpx.AsyncClient = browser) -> None:
                while True:
                    await browser.get(f"/folders/{room.folder_id}/")

            asking = [asyncio.ensure_future(ask_on()) for _ in range(PAGES_AT_ONCE)]
            await asyncio.sleep(0.5)
            async with asyncio.timeout(SECONDS):
                await asyncio.to_thread(server.stop)  # raises where it has to be killed
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
