from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.http import Http404
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.test import AsyncRequestFactory, RequestFactory

from gallery.media import serving
from gallery.media.ranges import UnsatisfiableRangeError, parse_range
from gallery.media.serving import media_response, safe_name

BODY = bytes(range(256)) * 4  # 1,024 bytes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ab.mp4"
    path.write_bytes(BODY)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def answer(
    path: Path, method: str = "get", factory: Any = None, type: str = "video/mp4", name: str = "film", **headers: str
) -> Any:
    request = getattr(factory or RequestFactory(), method)("/", headers=headers)
    return media_response(request, path, content_type=type, download_name=name, cache="private, max-age=60")


def body(response: HttpResponseBase) -> bytes:
    content = b"".join(response) if response.streaming else response.content
    response.close()
    return content


def test_the_whole_file(path: Path) -> None:
    response = answer(path)
    assert response.status_code == 200
    assert body(response) == BODY
    assert response["Content-Length"] == "1024" and response["Content-Type"] == "video/mp4"
    assert response["Accept-Ranges"] == "bytes" and response["Cache-Control"] == "private, max-age=60"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["Content-Disposition"] == 'inline; filename="film.mp4"'


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, 1024),
        ("bytes=10-19", 10, 20),
        ("bytes=1000-9999", 1000, 1024),
        ("bytes=1023-", 1023, 1024),
        ("bytes=-1", 1023, 1024),
        ("bytes=-5000", 0, 1024),
        ("Bytes= 5-6 ", 5, 7),
    ],
)
@pytest.mark.parametrize("is_async", [False, True])
async def test_one_range(path: Path, header: str, start: int, stop: int, is_async: bool) -> None:
    response = answer(path, factory=AsyncRequestFactory() if is_async else None, range=header)
    content = b"".join([part async for part in response]) if is_async else b"".join(response)
    response.close()
    assert response.status_code == 206 and content == BODY[start:stop]
    assert response["Content-Range"] == f"bytes {start}-{stop - 1}/1024"
    assert response["Content-Length"] == str(stop - start)


@pytest.mark.parametrize(
    "header",
    [
        "bytes=1024-",
        "bytes=2000-3000",
        "bytes=-0",
        "bytes=5-2",
        "bytes=-",
        "bytes=",
        "bytes=a-b",
        "bytes=1-2-3",
        "bytes=٣-٤",
    ],
)
def test_no_such_range(header: str) -> None:
    with pytest.raises(UnsatisfiableRangeError):
        parse_range(header, 1024)


def test_a_refused_range_tells_the_size(path: Path) -> None:
    response = answer(path, range="bytes=1024-")
    assert response.status_code == 416 and response["Content-Range"] == "bytes */1024"
    assert response["Content-Type"] == "text/plain" and response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("header", ["bytes=0-1,5-6", "items=0-1", "bytes", ""])
def test_other_ranges_are_answered_with_the_whole(path: Path, header: str) -> None:
    response = answer(path, range=header)
    assert response.status_code == 200 and body(response) == BODY


def test_of_an_empty_file_there_is_no_range(path: Path) -> None:
    path.write_bytes(b"")
    assert answer(path, range="bytes=0-").status_code == 416
    assert body(answer(path)) == b""


def test_head_says_all_but_the_bytes(path: Path) -> None:
    response = answer(path, "head", range="bytes=0-1")
    assert (response.status_code, response["Content-Length"], response.content) == (200, "1024", b"")
    assert response["Content-Type"] == "video/mp4" and response["ETag"]


def test_what_is_known_is_not_sent_again(path: Path) -> None:
    first = answer(path)
    first.close()
    for headers in (
        {"if_none_match": first["ETag"]},
        {"if_none_match": f'"other", W/{first["ETag"]}'},
        {"if_modified_since": first["Last-Modified"]},
    ):
        response = answer(path, **headers)
        assert response.status_code == 304 and not response.content
        assert response["ETag"] == first["ETag"] and response["Cache-Control"]
        assert "Content-Type" not in response
    assert body(answer(path, if_none_match='"other"', if_modified_since=first["Last-Modified"])) == BODY
    assert answer(path, if_match='"other"').status_code == 412


def test_a_range_of_a_file_that_has_changed_is_the_whole(path: Path) -> None:
    first = answer(path)
    first.close()
    for condition, status in [
        (first["ETag"], 206),
        (first["Last-Modified"], 206),
        ('"other"', 200),
        ("W/" + first["ETag"], 200),
        ("Mon, 01 Jan 2001 00:00:00 GMT", 200),
        ("nonsense", 200),
    ]:
        response = answer(path, range="bytes=0-9", if_range=condition)
        assert (response.status_code, len(body(response))) == (status, 10 if status == 206 else 1024)


@pytest.mark.parametrize(
    "type", ["text/html", "image/svg+xml", "text/javascript", "application/pdf", "image/png+x", ""]
)
def test_what_browsers_could_run_is_only_ever_downloaded(path: Path, type: str) -> None:
    response = answer(path, type=type, name="page.html")
    response.close()
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment; ")
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "suffix", "safe"),
    [
        ("sunset", ".png", "sunset.png"),
        ("sunset.PNG", ".png", "sunset.PNG"),
        ("../../etc/passwd", ".png", "_.._etc_passwd.png"),
        ('a"b\r\nSet-Cookie: x', ".png", "a_b__Set-Cookie_ x.png"),
        ("gnp.\u202eexe", ".png", "gnp._exe.png"),
        ("", ".png", "file.png"),
        ("Küste 海", ".png", "Küste 海.png"),
        ("notes.html", ".bin", "notes.html"),
        ("n" * 400 + ".tar.gz", "", "n" * 147 + ".gz"),
        ("n" * 400, ".png", "n" * 146 + ".png"),
    ],
)
def test_names_of_downloads(path: Path, name: str, suffix: str, safe: str) -> None:
    assert safe_name(name, suffix) == safe
    response = answer(path.rename(path.with_suffix(suffix or ".mp4")), name=name)
    response.close()
    header = response["Content-Disposition"]
    assert "\r" not in header and "\n" not in header and header.isascii()
    if suffix and not safe.isascii():
        assert unquote(header.split("filename*=utf-8''")[1]) == safe


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(Http404):
        answer(tmp_path / "none.png")


async def test_asgi_reads_piece_by_piece_and_closes(path: Path) -> None:
    path.write_bytes(os.urandom(serving.READ_BYTES * 3 + 5))
    response = answer(path, factory=AsyncRequestFactory())
    assert isinstance(response, StreamingHttpResponse) and response.is_async
    pieces = [part async for part in response]
    assert b"".join(pieces) == path.read_bytes()
    assert max(map(len, pieces)) == serving.READ_BYTES and len(pieces) == 4


@pytest.mark.parametrize("is_async", [False, True])
def test_a_response_that_is_never_read_closes_its_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, is_async: bool
) -> None:
    readers: list[serving.PartialFile] = []
    first = serving.PartialFile.__init__
    monkeypatch.setattr(serving.PartialFile, "__init__", lambda self, *a: (readers.append(self), first(self, *a))[1])
    response = answer(path, factory=AsyncRequestFactory() if is_async else None)
    response.close()
    assert readers[0].file.closed


async def test_a_reader_that_goes_away_closes_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(os.urandom(serving.READ_BYTES * 8))
    readers: list[serving.AsyncReader] = []
    gone = asyncio.Event()

    class Handler(ASGIHandler):
        def load_middleware(self, is_async: bool = False) -> None:
            """None is needed."""

        async def get_response_async(self, request: Any) -> HttpResponseBase:
            response = media_response(request, path, content_type="video/mp4", download_name="v", cache="no-store")
            return response

    original = serving.AsyncReader.__aiter__

    async def watched(self: serving.AsyncReader) -> AsyncIterator[bytes]:
        readers.append(self)
        async for piece in original(self):
            yield piece

    monkeypatch.setattr(serving.AsyncReader, "__aiter__", watched)
    messages = [{"type": "http.request", "body": b"", "more_body": False}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if len(sent) == 3:
            gone.set()
            await asyncio.Event().wait()  # a reader that takes no more

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [(b"host", b"localhost")]}
    await asyncio.wait_for(Handler()(scope, receive, send), 10)
    assert len(sent) == 3 and readers[0].file.closed
