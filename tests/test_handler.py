"""One thread for a whole request."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from django.core import signals
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.utils.deprecation import MiddlewareMixin

from gallery_project import handler
from gallery_project.handler import Handler

seen: list[tuple[str, int]] = []
may_go_on = threading.Event()


def note(what: str) -> None:
    seen.append((what, threading.get_ident()))


class Noting(MiddlewareMixin):
    def process_request(self, request: HttpRequest) -> None:
        note("before")

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        note("after")
        return response


def plain(request: HttpRequest) -> HttpResponse:
    note("view")
    return HttpResponse(request.body or b"nothing")


async def on_the_loop(request: HttpRequest) -> HttpResponse:
    note("view")
    return HttpResponse(b"async")


def slow(request: HttpRequest) -> HttpResponse:
    assert may_go_on.wait(20)
    return HttpResponse(b"slow")


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def large(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"x" * 200_000)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(status=404)


class Endless:
    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b"more"
            await asyncio.sleep(0)

    def close(self) -> None:
        note("closed")


def endless(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(Endless())


handler404 = not_found
urlpatterns = [
    path("plain/", plain),
    path("async/", on_the_loop),
    path("slow/", slow),
    path("broken/", broken),
    path("endless/", endless),
    path("large/", large),
]


@pytest.fixture
def application(settings: Any) -> Iterator[Handler]:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [f"{__name__}.Noting", "django.middleware.common.CommonMiddleware"]
    seen.clear()
    may_go_on.clear()
    yield Handler()
    may_go_on.set()


@pytest.fixture
def browser(application: Handler) -> Callable[[], httpx.AsyncClient]:
    def open_browser() -> httpx.AsyncClient:
        transport = httpx.ASGITransport(application, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://testserver")

    return open_browser


async def test_middleware_and_view_share_one_thread_that_stays(browser: Callable[[], httpx.AsyncClient]) -> None:
    signalled: list[str] = []
    hear_start = lambda **_: signalled.append("started")  # noqa: E731
    hear_end = lambda **_: signalled.append("finished")  # noqa: E731
    signals.request_started.connect(hear_start)
    signals.request_finished.connect(hear_end)
    try:
        async with browser() as client:
            answers = [await client.post("/plain/", content=b"said"), await client.post("/plain/", content=b"again")]
    finally:
        signals.request_started.disconnect(hear_start)
        signals.request_finished.disconnect(hear_end)
    assert [answer.text for answer in answers] == ["said", "again"]
    assert signalled == ["started", "finished"] * 2
    assert [what for what, _ in seen] == ["before", "view", "after"] * 2
    assert len({thread for _, thread in seen}) == 1
    assert seen[0][1] != threading.get_ident()


async def test_a_page_is_sent_in_one_piece(application: Handler) -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/large/",
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application(scope, receive, send)
    start, body = sent
    assert start["status"] == 200
    assert len(body["body"]) == 200_000
    assert not body["more_body"]


async def test_an_asynchronous_view_stays_on_the_loop(browser: Callable[[], httpx.AsyncClient]) -> None:
    async with browser() as client:
        assert (await client.get("/async/")).text == "async"
    assert ("view", threading.get_ident()) in seen


async def test_what_fails_is_answered(browser: Callable[[], httpx.AsyncClient]) -> None:
    async with browser() as client:
        assert (await client.get("/broken/")).status_code == 500
        assert (await client.get("/nowhere/")).status_code == 404
        assert (await client.get("/plain/")).status_code == 200


async def test_pages_do_not_wait_for_changes(application: Handler, browser: Callable[[], httpx.AsyncClient]) -> None:
    async with browser() as client:
        changes = [asyncio.ensure_future(client.post("/slow/", timeout=20)) for _ in range(50)]
        while application._on_one_thread._waiting < 50:
            await asyncio.sleep(0)
        assert (await client.get("/plain/")).text == "nothing"
        assert not any(change.done() for change in changes)
        may_go_on.set()
        assert {answer.status_code for answer in await asyncio.gather(*changes)} == {200}


async def test_beyond_what_can_be_answered_in_time_one_is_told_so(
    application: Handler, browser: Callable[[], httpx.AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "MOST_WAITING", 3)
    async with browser() as client:
        waiting = [asyncio.ensure_future(client.get("/slow/", timeout=20)) for _ in range(3)]
        while application._on_one_thread._waiting < 3:
            await asyncio.sleep(0)
        refused = await client.get("/plain/")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert (await client.get("/async/")).status_code == 200
        may_go_on.set()
        assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200}
        assert (await client.get("/plain/")).status_code == 200


async def test_nothing_is_streamed_to_one_who_has_left(application: Handler) -> None:
    parts = 0

    async def receive() -> dict[str, Any]:
        if not asked.is_set():
            asked.set()
            return {"type": "http.request"}
        await enough.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        nonlocal parts
        parts += 1
        if parts == 10:
            enough.set()

    asked, enough = asyncio.Event(), asyncio.Event()
    scope = {"type": "http", "method": "GET", "path": "/endless/", "query_string": b""}
    scope |= {"headers": [(b"host", b"testserver")]}
    async with asyncio.timeout(10):
        await application(scope, receive, send)
    assert seen[-1][0] == "closed"
