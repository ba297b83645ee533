"""``manage.py demo``: the gallery and a worker, from one command. Loads no Django in its own process."""

from __future__ import annotations

import argparse
import errno
import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from gallery_project.demo.children import Children, Interruption
from gallery_project.demo.environment import (
    DATA_DIR_VARIABLE,
    ONE_THREAD,
    default_data_dir,
    demo_environment,
    ignored_settings,
)
from gallery_project.demo.exit_codes import TOKEN_REFUSED

START_SECONDS = 60.0  # for the server's first answer
WORKER_RESTARTS = 5  # one after the other, without a quiet minute between them
QUIET_SECONDS = 60.0
TASK_INTERVAL_SECONDS = "0.5"  # how often the task worker looks whether there is something to do
HELP = "Start a gallery of its own with a worker that renders real pictures, and keep both running until Ctrl-C."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8000, help="where the gallery listens (default: 8000)")
    parser.add_argument("--host", default="127.0.0.1", help="on which address (default: 127.0.0.1)")
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=default_data_dir(),
        help=f"where the demo keeps all it has (default: {DATA_DIR_VARIABLE} or var/demo)",
    )
    parser.add_argument("--speed", choices=("real", "fast"), default="real", help="fast: small pictures, for tests")
    parser.add_argument("--seed", type=int, help="the same pictures in the same order each time")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="manage.py demo", description=HELP)
    add_arguments(parser)
    return run(**vars(parser.parse_args(arguments)))


def run(*, port: int, host: str, data_dir: Path, speed: str = "real", seed: int | None = None, **_: Any) -> int:
    """Until somebody ends it; returns the exit code."""
    interruption = Interruption()
    if problem := cannot_listen(host, port):
        print(problem, file=sys.stderr)
        return 1
    if ignored := ignored_settings(os.environ):
        print(f"The demo has a database and settings of its own; it ignores {', '.join(ignored)}.")
    data_dir = data_dir.resolve()
    children = Children(demo_environment(data_dir, host) | dict.fromkeys(ONE_THREAD, "1"))
    try:
        return _run(children, interruption, f"http://{_spelled(host)}:{port}", host, port, data_dir, speed, seed)
    finally:
        # The workers first: they still have something to say to the server.
        children.end("seed", "worker", "task worker", "server")
        if interruption.wanted:
            print("\nThe demo has ended. Its pictures are kept; the next run goes on from here.")


def _run(
    children: Children,
    interruption: Interruption,
    url: str,
    host: str,
    port: int,
    data_dir: Path,
    speed: str,
    seed: int | None,
) -> int:
    print("Preparing the demo's database …", flush=True)
    seeding = children.start("seed", "gallery_project.demo.seed", stdout=subprocess.PIPE)
    interruption.wait(START_SECONDS, until=lambda: seeding.poll() is not None)
    if interruption.wanted:
        return 0
    if seeding.poll() != 0:
        print("The demo's database could not be prepared; the reason is above.", file=sys.stderr)
        return 1
    assert seeding.stdout is not None
    with seeding.stdout as answer:
        seeded = json.load(answer)

    def start_worker() -> None:
        arguments = ["--url", url, "--token-file", str(data_dir / "worker-token"), "--speed", speed]
        arguments += ["--state-file", str(data_dir / "worker.json")]
        arguments += [] if seed is None else ["--seed", str(seed)]
        children.start("worker", "gallery_project.demo.worker", *arguments)

    def start_task_worker() -> None:
        arguments = ["--queue-name", "*", "--interval", TASK_INTERVAL_SECONDS, "--verbosity", "0"]
        children.start("task worker", "manage", "db_worker", *arguments)

    listen = ["-b", host, "-p", str(port), "-v", "0"]
    children.start("server", "daphne", *listen, "gallery_project.asgi:application")
    helpers = {"worker": start_worker, "task worker": start_task_worker}
    for start in helpers.values():
        start()
    interruption.wait(START_SECONDS, until=lambda: _answers(url) or children.exit_code("server") is not None)
    if interruption.wanted:
        return 0
    if children.exit_code("server") is None:
        _welcome(url, seeded, data_dir)
    return _watch(children, interruption, helpers)


def _watch(children: Children, interruption: Interruption, helpers: dict[str, Callable[[], None]]) -> int:
    """Until the end is wanted or the server stops; ``helpers`` (by name) are started again where they stop."""
    restarts = dict.fromkeys(helpers, 0)
    while not interruption.wanted:
        stopped = _stopped(children, interruption, helpers)
        if interruption.wanted:
            break
        if (code := children.exit_code("server")) is not None:
            print(f"The server has stopped (exit code {code}); so the demo ends.", file=sys.stderr)
            return 1
        if not stopped:
            restarts = dict.fromkeys(helpers, 0)
        for name in stopped:
            code = children.exit_code(name)
            if code == TOKEN_REFUSED:
                print("The worker's token no longer works; start the demo again for a new one.", file=sys.stderr)
                del helpers[name]
            elif restarts[name] == WORKER_RESTARTS:
                print(f"The {name} stops again and again; the gallery stays open without it.", file=sys.stderr)
                del helpers[name]
            else:
                restarts[name] += 1
                print(f"The {name} has stopped (exit code {code}); starting it again.", file=sys.stderr)
                interruption.wait(restarts[name])
                if not interruption.wanted:
                    helpers[name]()
    return 0


def _stopped(children: Children, interruption: Interruption, helpers: Iterable[str]) -> list[str]:
    """The helpers that have stopped; empty after a quiet while, or where only the server has."""
    watched = ["server", *helpers]
    interruption.wait(QUIET_SECONDS, until=lambda: any(children.exit_code(name) is not None for name in watched))
    return [name for name in helpers if children.exit_code(name) is not None]


def cannot_listen(host: str, port: int) -> str:
    """Why the server could not listen there, in a sentence; empty when it can."""
    if not 0 < port < 65536:
        return f"{port} is no port: it must be between 1 and 65535."
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except socket.gaierror:
        return f"There is no address named {host}."
    except PermissionError:
        return f"Port {port} may not be used by this account. Take one above 1023: make run PORT=8000"
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return (
                f"Port {port} on {host} is taken. Take another one: make run PORT={port + 1 if port < 65535 else 8001}"
            )
        return f"The server cannot listen on {host}, port {port}: {os.strerror(error.errno or 0)}."
    return ""


def _spelled(host: str) -> str:
    """The address under which the demo's own worker, and a browser on this machine, reach the server."""
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1" if host == "0.0.0.0" else "[::1]"
    return f"[{host}]" if ":" in host else host


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/healthz", timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _welcome(url: str, seeded: dict[str, Any], data_dir: Path) -> None:
    print(f"\n  Darkroom is open:  {url}/folders/{seeded['folder']}/\n")
    for name, password in seeded["accounts"].items():
        more = f"  (staff: {url}/admin/ as well)" if name == "ana" else ""
        print(f"  {name}   password  {password or 'as you have changed it'}{more}")
    print(f"\n  Sign in at {url}/login/. Everything is kept in {data_dir}. Ctrl-C ends it.\n", flush=True)
