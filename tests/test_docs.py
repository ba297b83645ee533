"""What the docs say is so: their tables, their names, their links, and the workers that they offer."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import playwright
import pytest
from PIL import Image

from gallery.api.api import api
from gallery.contract import limits
from gallery.contract.errors import STATUS_BY_CODE
from gallery.contract.events import EVENTS
from gallery.contract.version2 import VERSION2_EVENTS
from gallery.models import Command
from tests.backstage import Backstage
from tests.contract_tables import DOCS, PAGES, all_tables, regenerate, tables_in
from tests.contract_words import ERRORS, LIMITS, NOT_LIMITS
from tests.documents import blocks, page
from tests.servers import ROOT, Server, run_command, server_environment

# Playwright brings a Node.js with it.
NODE = Path(playwright.__file__).parent / "driver" / "node"
RUN_BY = {
    "python": [sys.executable, "-c"],
    "shell": ["sh", "-c"],
    "javascript": [str(NODE), "--input-type=module", "--eval"],
}
LINK = re.compile(r"\]\((?P<target>[^)#]*)(?:#(?P<anchor>[^)]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
TEST_NAME = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
FILE_NAME = re.compile(r"`((?:gallery|gallery_project|tests|templates|static|docs)/[\w./-]*)`")


@pytest.mark.parametrize("name", PAGES)
def test_tables_are_what_the_code_says(name: str) -> None:
    assert page(name) == regenerate(page(name)), "run: python -m tests.contract_tables"


def test_every_table_is_there() -> None:
    assert {name for page_name in PAGES for name in tables_in(page(page_name))} == all_tables()


def test_every_limit_and_error_has_its_words() -> None:
    numbers = {name for name in vars(limits) if name.isupper()}
    assert numbers - NOT_LIMITS == LIMITS.keys()
    assert list(ERRORS) == list(STATUS_BY_CODE)


def test_a_changed_field_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    contract = page("contract.md")
    monkeypatch.setattr(EVENTS["batch:start"].model_fields["total"], "description", "Something else.")
    assert regenerate(contract) != contract


def test_every_event_and_command_has_its_place() -> None:
    contract = page("contract.md")
    headings = {heading.strip("`") for heading in HEADING.findall(contract)}
    assert EVENTS.keys() <= headings
    assert all(f"| `{name}` |" in contract for name in (*VERSION2_EVENTS, *Command.Type.values))


def test_every_address_of_the_api_is_there() -> None:
    contract = page("contract.md")
    for path, methods in api.get_openapi_schema()["paths"].items():
        written = re.sub(r"\{index\}", "INDEX", re.sub(r"\{\w*id\}", "ID", path))
        for method in methods:
            assert re.search(rf"`{method.upper()} {re.escape(written)}[`?]", contract), f"{method} {written}"


@pytest.mark.parametrize("path", sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")]), ids=lambda path: path.name)
def test_links_and_file_names_lead_somewhere(path: Path) -> None:
    text = path.read_text()
    for found in LINK.finditer(text):
        if "://" in found["target"]:
            continue
        target = (path.parent / found["target"]) if found["target"] else path
        assert target.exists(), found["target"]
        if found["anchor"]:
            assert found["anchor"] in {_anchor(heading) for heading in HEADING.findall(target.read_text())}
    for name in FILE_NAME.findall(text):
        assert (ROOT / name).exists() or (ROOT / "templates" / name).exists(), name


def test_every_promise_names_tests_that_exist() -> None:
    """In ``docs/delivery.md`` a section that promises something names what tries to break it."""
    promises = re.split(r"^## ", page("delivery.md"), flags=re.MULTILINE)[1:]
    assert len(promises) >= 8
    for promise in promises:
        named = TEST_NAME.findall(promise)
        assert named or "`tests/chaos/test_checker.py`" in promise, promise.splitlines()[0]
        for file, test in named:
            tree = ast.parse((ROOT / file).read_text())
            functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
            assert test in functions, f"{file} has no {test}"


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.fixture(scope="module")
def server_and_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, str]]]:
    """A server that is not started yet, and the environment of a worker for it."""
    folder = tmp_path_factory.mktemp("docs")
    env = server_environment(folder)
    run_command(env, "migrate", "--verbosity", "0")
    server, backstage = Server("daphne", env, folder), Backstage(env, folder / "backstage.log")
    try:
        backstage.call("make_people")
        folder_id = backstage.call("make_folder")
        token = run_command(env, "create_token", "docs", "--user", "alice", "--folder", folder_id).strip()
        Image.new("RGB", (64, 48), "#d96").save(folder / "sunset.png")
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # where ``darkroom`` and our Python are
        yield (
            server,
            os.environ | {"PATH": path, "DARKROOM_URL": server.http, "DARKROOM_TOKEN": token, "FOLDER": folder_id},
        )
    finally:
        backstage.close()
        if server.process is not None:
            server.kill()


def test_the_workers_of_the_docs_work(server_and_worker: tuple[Server, dict[str, str]]) -> None:
    """Those in Python and JavaScript are started before the gallery is."""
    server, env = server_and_worker
    programs = [program for name in ("python.md", "any-program.md") for program in blocks(name)]
    kinds = [kind for kind, _ in programs if kind in RUN_BY]
    assert kinds == ["python", "python", *["shell"] * 5, "javascript"]
    early = [_start(kind, code, env, server.folder) for kind, code in programs if kind in ("python", "javascript")]
    server.start()
    has_curl = shutil.which("curl") is not None
    late = [_start(kind, code, env, server.folder) for kind, code in programs if kind == "shell" and has_curl]
    try:
        for worker in (*early, *late):
            said, _ = worker.communicate(timeout=180)
            assert worker.returncode == 0, said
    finally:
        for worker in (*early, *late):
            worker.kill()
            worker.communicate()
    with httpx.Client(base_url=server.http, headers={"Authorization": f"Bearer {env['DARKROOM_TOKEN']}"}) as client:
        items = client.get(f"/api/folders/{env['FOLDER']}/items").raise_for_status().json()["items"]
    expected = {"Sun 1", "Sun 2", "Sun 3", "Moon", "Script"}
    if has_curl:
        expected |= {"grey.png", "Sunset from a folder.png", "Sunset"}
    assert {item["name"] for item in items} == expected and len(items) == len(expected)
    assert {item["status"] for item in items} == {"complete"}
    assert all(item["mediaUrl"] for item in items)


def _start(kind: str, code: str, env: dict[str, str], folder: Path) -> subprocess.Popen[str]:
    command = [*RUN_BY[kind], code]
    return subprocess.Popen(
        command,
        env=env,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
