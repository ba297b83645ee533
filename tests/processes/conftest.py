"""Galleries in processes of their own: one on SQLite without a broker, one on PostgreSQL with Redis."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tests.backstage import Backstage
from tests.clients import sign_in
from tests.servers import (
    PostgreSQL,
    Redis,
    Server,
    TaskWorker,
    find_program,
    free_port,
    run_command,
    server_environment,
)


@dataclass
class Room:
    """A new folder of alice's, and her worker's token for it."""

    folder_id: str
    token_key: int
    secret: str


@dataclass
class Gallery:
    """One database, with the servers that tests start on it."""

    folder: Path
    env: dict[str, str]
    servers: dict[str, Server] = field(default_factory=dict)
    _cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def server(self, kind: str) -> Server:
        """The Daphne or the uvicorn of this gallery, started when it is first asked for."""
        if kind not in self.servers:
            self.servers[kind] = self.new_server(kind)
            self.servers[kind].start()
        return self.servers[kind]

    def new_server(self, kind: str, **settings: str) -> Server:
        return Server(kind, self.env | settings, self.folder)

    @cached_property
    def task_worker(self) -> TaskWorker:
        """Not started yet."""
        return TaskWorker(self.env, self.folder)

    @cached_property
    def backstage(self) -> Backstage:
        return Backstage(self.env, self.folder / "backstage.log")

    def call(self, function: str, *arguments: Any, **named: Any) -> Any:
        return self.backstage.call(function, *arguments, **named)

    def cookies(self, username: str) -> dict[str, str]:
        """Somebody's session, made once at the login page."""
        if username not in self._cookies:
            self._cookies[username] = sign_in(self.any_server, username)
        return self._cookies[username]

    @property
    def any_server(self) -> Server:
        return next((server for server in self.servers.values() if server.process), None) or self.server("daphne")

    def new_room(self) -> Room:
        folder_id = self.call("make_folder")
        return Room(folder_id, *self.call("make_token", folder_id=folder_id))

    def close(self) -> None:
        for server in self.servers.values():
            if server.process is not None:
                server.process.kill()
        if self.task_worker.process is not None:
            self.task_worker.kill()
        self.backstage.close()


def require(program: str, package: str) -> None:
    """In CI nothing is skipped."""
    if find_program(program) is None:
        sentence = f"{program} is not installed (on Debian: apt-get install {package})"
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)


@pytest.fixture(scope="session", autouse=True)
def _ends_its_processes() -> None:
    """A run that is asked to end ends like one that is interrupted, and takes with it what it started."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    require("redis-server", "redis-server")
    broker = Redis(tmp_path_factory.mktemp("redis"), free_port())
    broker.start()
    yield broker
    assert broker.process is not None
    broker.process.kill()


@contextmanager
def running_postgres() -> Iterator[PostgreSQL]:
    """A cluster of one's own, which may be stopped."""
    require("initdb", "postgresql")
    cluster = PostgreSQL()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    with running_postgres() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with its people, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    _prepare(server_environment(folder), folder)
    return folder / "db.sqlite3"


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("template")
    _prepare(server_environment(folder, DATABASE_URL=postgres.create("prepared")), folder)
    return "prepared"


def _prepare(env: dict[str, str], folder: Path) -> None:
    run_command(env, "migrate", "--verbosity", "0")
    backstage = Backstage(env, folder / "backstage.log")
    backstage.call("make_people")
    backstage.close()


@pytest.fixture(scope="session")
def new_gallery(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Gallery]]:
    """``new_gallery("sqlite" or "postgres", redis=False, **settings)``: a database of its own, no server yet."""
    made: list[Gallery] = []

    def make(database: str, *, redis: bool = False, **settings: str) -> Gallery:
        folder = tmp_path_factory.mktemp(database)
        if url := settings.get("DATABASE_URL"):
            _prepare(server_environment(folder, DATABASE_URL=url), folder)
        elif database == "sqlite":
            shutil.copy(request.getfixturevalue("sqlite_template"), folder / "db.sqlite3")
        else:
            cluster = request.getfixturevalue("postgres")
            template = request.getfixturevalue("postgres_template")
            settings["DATABASE_URL"] = cluster.create(f"gallery{len(made)}", template)
        if redis:
            settings["REDIS_URL"] = request.getfixturevalue("redis").url
        made.append(Gallery(folder, server_environment(folder, **settings)))
        return made[-1]

    yield make
    for gallery in made:
        gallery.close()


@pytest.fixture(scope="session")
def lone(new_gallery: Callable[..., Gallery]) -> Gallery:
    """SQLite, no broker: a Daphne and a uvicorn on the same file."""
    return new_gallery("sqlite")


@pytest.fixture(scope="session")
def shared(new_gallery: Callable[..., Gallery]) -> Gallery:
    """PostgreSQL and Redis: a Daphne and a uvicorn."""
    return new_gallery("postgres", redis=True)


@pytest.fixture(params=["sqlite", "postgres-redis"])
def gallery(request: pytest.FixtureRequest) -> Gallery:
    """Both of them, one after the other."""
    return request.getfixturevalue("lone" if request.param == "sqlite" else "shared")


@pytest.fixture(params=["daphne", "uvicorn"])
def kind(request: pytest.FixtureRequest) -> str:
    """Both servers, one after the other."""
    return request.param
