"""One gallery on SQLite for all of these tests, with a server and workers' tokens; and a client that speaks with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import httpx
import pytest
import pytest_asyncio

from darkroom import AsyncGallery
from tests.browser.proxy import FaultyProxy
from tests.processes.conftest import Gallery, Room, new_gallery, sqlite_template  # noqa: F401
from tests.servers import Server

# A test that needs torch is for `make test-diffusers`; elsewhere it is not there at all, rather than skipped.
collect_ignore = [] if find_spec("torch") and find_spec("diffusers") else ["test_diffusers.py"]


@dataclass
class Place:
    """A new folder of alice's, and how a worker of hers finds it."""

    gallery: Gallery
    server: Server
    room: Room

    @property
    def env(self) -> dict[str, str]:
        return {"DARKROOM_URL": self.server.http, "DARKROOM_TOKEN": self.room.secret}

    @property
    def state(self) -> dict[str, Any]:
        """What the database has of the folder."""
        return self.gallery.call("folder_state", self.room.folder_id)

    @property
    def items(self) -> dict[str, dict[str, Any]]:
        """By name, as the API tells them to alice's worker."""
        answer = httpx.get(
            f"{self.server.http}/api/folders/{self.room.folder_id}/items",
            params={"limit": 200},
            headers={"Authorization": f"Bearer {self.room.secret}"},
            trust_env=False,
        )
        return {item["name"]: item for item in answer.raise_for_status().json()["items"]}


@pytest.fixture(scope="session")
def site(new_gallery: Callable[..., Gallery]) -> Gallery:  # noqa: F811
    return new_gallery("sqlite")


@pytest.fixture
def place(site: Gallery) -> Place:
    return Place(site, site.server("daphne"), site.new_room())


@pytest.fixture
def proxy(place: Place) -> Iterator[FaultyProxy]:
    faulty = FaultyProxy(place.server)
    yield faulty
    faulty.end()


@pytest_asyncio.fixture
async def worker(place: Place) -> AsyncIterator[AsyncGallery]:
    async with AsyncGallery(place.server.http, place.room.secret) as gallery:
        yield gallery
