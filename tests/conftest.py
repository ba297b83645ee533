"""Three people in every test: alice owns, bob may see, charlie may not; and erin, who may change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from gallery import rate_limits
from gallery.models import Folder, WorkerToken
from tests.clock import Clock, moved_clock
from tests.factories import make_folder, make_token, make_user

# What takes longest begins, so that of two processes side by side none ends long after the other.
LONGEST_FIRST = ("tests/browser/test_outages", "tests/processes", "tests/browser", "tests/demo", "tests/live")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def turn(item: pytest.Item) -> int:
        turns = (turn for turn, beginning in enumerate(LONGEST_FIRST) if item.nodeid.startswith(beginning))
        return next(turns, len(LONGEST_FIRST))

    items.sort(key=turn)  # keeps the order of those that have the same turn


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _begin_afresh() -> Iterator[None]:
    yield
    for limit in (rate_limits.token_events, rate_limits.token_requests, rate_limits.login_failures):
        limit.forget()
    translation.deactivate()  # the test client answers in the test's own thread, and leaves its language there


@pytest.fixture
def alice(db: None) -> Any:
    return make_user("alice", first_name="Alice", last_name="Adams")


@pytest.fixture
def bob(db: None) -> Any:
    return make_user("bob")


@pytest.fixture
def charlie(db: None) -> Any:
    return make_user("charlie")


@pytest.fixture
def erin(db: None) -> Any:
    return make_user("erin")


@pytest.fixture
def folder(alice: Any, bob: Any, erin: Any) -> Folder:
    return make_folder(alice, viewer=bob, editor=erin)


@pytest.fixture
def token_and_secret(alice: Any, folder: Folder) -> tuple[WorkerToken, str]:
    return make_token(alice, folder=folder)


@pytest.fixture
def token(token_and_secret: tuple[WorkerToken, str]) -> WorkerToken:
    return token_and_secret[0]


@pytest.fixture
def bearer(token_and_secret: tuple[WorkerToken, str]) -> dict[str, str]:
    """The header with which alice's worker speaks."""
    return {"Authorization": f"Bearer {token_and_secret[1]}"}


@pytest.fixture
def signed_in() -> Any:
    """``signed_in(alice)`` → a client with her session."""

    def sign_in(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def clock() -> Iterator[Clock]:
    """``clock.move(minutes=3)``"""
    with moved_clock() as moved:
        yield moved
