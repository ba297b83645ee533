"""What docs/deploy/nginx.conf does by itself: before two servers that only tell what reached them."""

from __future__ import annotations

import json
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.deploy.stack import Stack
from tests.documents import blocks
from tests.processes.conftest import require
from tests.servers import free_port, wait_until

MIB = 1024 * 1024


class Echo(ThreadingHTTPServer):
    """Answers with what it was asked; ``arrived`` is set by the first bytes of a body."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        self.paths: list[str] = []
        self.arrived = threading.Event()
        super().__init__(("127.0.0.1", port), _Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_: Any) -> None:
        """A client that went away in the middle is no news."""


class _Answer(BaseHTTPRequestHandler):
    server: Echo

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        left = int(self.headers.get("Content-Length") or 0)
        while left and (piece := self.rfile.read1(min(left, 65536))):
            self.server.arrived.set()
            left -= len(piece)
        text = json.dumps({"headers": {name.lower(): value for name, value in self.headers.items()}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_POST = do_PUT = do_GET

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    require("nginx", "nginx-light")
    stack = Stack()
    try:
        _install_certificate(stack)
        stack.start("nginx", alone=True)
        stack.processes["nginx"].wait_for(lambda: _listens(stack.nginx.port), "nginx")
        yield stack
    finally:
        stack.remove()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _install_certificate(stack: Stack) -> None:
    """As the page says it, on a free port and with a certificate of our own."""
    folder = Path(stack.place("/etc/nginx/tls"))
    folder.mkdir()
    names = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    subprocess.run([*command, *names], check=True, capture_output=True)
    stack.variables["TLS_PORT"] = str(free_port())
    text = dict(blocks("deploy/README.md"))["tls"]
    (folder / "tls.conf").write_text(re.sub(r"\b443\b", stack.variables["TLS_PORT"], stack.place(text)))


@pytest.fixture(scope="module")
def first(stack: Stack) -> Iterator[Echo]:
    """The only server that is up: each request that nginx would give to the other one has to come here."""
    server = Echo(stack.servers[0].port)
    yield server
    server.shutdown()
    server.server_close()


def _ask(stack: Stack, path: str = "/", **headers: str) -> dict[str, str]:
    return httpx.get(f"{stack.nginx.http}{path}", headers=headers).raise_for_status().json()["headers"]


def test_nobody_says_where_he_comes_from(stack: Stack, first: Echo) -> None:
    said = _ask(stack, **{"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "Host": "gallery.test:81"})
    assert (said["x-forwarded-for"], said["x-forwarded-proto"]) == ("127.0.0.1", "http")
    assert said["host"] == "gallery.test:81"
    assert said["connection"] == "close" and "upgrade" not in said


@pytest.mark.parametrize("path", ["/ws/", "/ws/folders/abc/?after=3", "/ws/notify/"])
def test_sockets_are_asked_for_as_sockets(stack: Stack, first: Echo, path: str) -> None:
    said = _ask(stack, path, Connection="Upgrade", Upgrade="websocket", Authorization="Bearer x")
    assert (said["connection"], said["upgrade"], said["authorization"]) == ("upgrade", "websocket", "Bearer x")


@pytest.mark.parametrize("path", ["/metrics", "/metrics?x=1", "//metrics", "/%6detrics", "/folders/../metrics"])
def test_the_figures_are_not_public(stack: Stack, first: Echo, path: str) -> None:
    first.paths.clear()
    with socket.create_connection(("127.0.0.1", stack.nginx.port)) as raw:  # a client that tidies no path
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert raw.makefile("rb").readline().split()[1] == b"404"
    assert first.paths == []


def test_a_server_that_is_down_costs_no_request(stack: Stack, first: Echo) -> None:
    with httpx.Client(base_url=stack.nginx.http) as client:
        codes = [client.post("/api/notify", content=b"{}").status_code for _ in range(20)]
    assert codes == [200] * 20


def test_an_upload_reaches_the_server_while_it_is_sent(stack: Stack, first: Echo) -> None:
    first.arrived.clear()
    with socket.create_connection(("127.0.0.1", stack.nginx.port)) as raw:
        head = f"PUT /api/items/x/media HTTP/1.1\r\nHost: localhost\r\nContent-Length: {1025 * MIB}\r\n\r\n"
        raw.sendall(head.encode() + bytes(64 * 1024))
        assert first.arrived.wait(10)


def test_only_far_more_than_a_gigabyte_is_refused_by_nginx(stack: Stack, first: Echo) -> None:
    with socket.create_connection(("127.0.0.1", stack.nginx.port)) as raw:
        head = f"PUT /api/items/x/media HTTP/1.1\r\nHost: localhost\r\nContent-Length: {1101 * MIB}\r\n\r\n"
        raw.sendall(head.encode())
        assert raw.makefile("rb").readline().split()[1] == b"413"


def test_tls_as_the_page_says_it(stack: Stack, first: Echo) -> None:
    trust = ssl.create_default_context(cafile=stack.place("/etc/nginx/tls/certificate.pem"))
    trust.check_hostname = False
    url = f"https://127.0.0.1:{stack.variables['TLS_PORT']}/"
    said = httpx.get(url, verify=trust).raise_for_status()
    assert said.json()["headers"]["x-forwarded-proto"] == "https"
    assert "max-age" in said.headers["Strict-Transport-Security"]


def test_a_second_server_is_used_as_soon_as_it_is_there(stack: Stack, first: Echo) -> None:
    second = Echo(stack.servers[1].port)

    def was_asked() -> bool:
        client.get("/healthz")
        return bool(second.paths)

    try:
        with httpx.Client(base_url=stack.nginx.http) as client:
            wait_until(was_asked, 10, "the second server's first request")
    finally:
        second.shutdown()
        second.server_close()
