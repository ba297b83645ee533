"""The whole of compose.yaml, started once; and rooms in it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.backstage import Backstage
from tests.clients import sign_in
from tests.deploy.stack import Stack
from tests.processes.conftest import Room, require


@pytest.fixture(scope="session", autouse=True)
def _ends_its_processes() -> None:
    """A run that is asked to end ends like one that is interrupted, and takes with it what it started."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@dataclass
class Site:
    """The stack with people in it."""

    stack: Stack
    backstage: Backstage
    _cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def call(self, function: str, *arguments: Any, **named: Any) -> Any:
        return self.backstage.call(function, *arguments, **named)

    def new_room(self) -> Room:
        folder_id = self.call("make_folder")
        return Room(folder_id, *self.call("make_token", folder_id=folder_id))

    def cookies(self, username: str) -> dict[str, str]:
        """Somebody's session, made once at nginx; a cookie's host has no port, so it holds at the servers too."""
        if username not in self._cookies:
            self._cookies[username] = sign_in(self.stack.nginx, username)
        return self._cookies[username]


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    for program, package in (
        ("initdb", "postgresql"),
        ("redis-server", "redis-server"),
        ("nginx", "nginx-light"),
        ("curl", "curl"),
    ):
        require(program, package)
    stack = Stack()
    backstage = None
    try:
        stack.up()
        backstage = stack.backstage()
        backstage.call("make_people")
        yield Site(stack, backstage)
    finally:
        if backstage is not None:
            backstage.close()
        stack.remove()
