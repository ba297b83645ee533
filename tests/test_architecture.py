"""The shape of the code: what may import what, one place for each noun, and nothing of anybody's machine."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.template.loader import get_template

import gallery
from gallery import dom_ids
from gallery.contract.events import EVENTS
from gallery.contract.parse import Envelope
from gallery.ingest.dispatch import SERVICES
from gallery.services.messages import post_message
from tests.servers import ROOT

EVENT_NAMES = [
    "batch:start", "batch:progress", "batch:end",
    "item:update", "item:remove", "item:lock", "item:unlock",
    "system:message",
]  # fmt: skip
SERVICE_NAMES = {
    "batch:start": "start_batch",
    "batch:progress": "_progress",  # report_progress without an item, add_item with one
    "batch:end": "end_batch",
    "item:update": "update_item",
    "item:remove": "remove_item",
    "item:lock": "lock_item",
    "item:unlock": "unlock_item",
    "system:message": "post_message",
}
DOM_IDS = {
    "item": "item-7",
    "item_progress": "item-7-progress",
    "lock": "lock-7",
    "batch": "batch-7",
    "mass_action": "mass-7",
    "placeholder": "placeholder-7-0",
    "folder": "folder-7",
    "message": "message-7",
    "MESSAGES": "messages",
    "NOTICE": "notice",
    "RESET": "reset",
    "REVISION": "revision",
    "HEARTBEAT": "heartbeat",
}
FRAGMENTS = {
    "batch", "folder", "heartbeat", "item", "item_actions", "item_lock", "item_progress", "mass_action", "message",
    "messages", "notice", "placeholder", "reset", "revision",
}  # fmt: skip
MAY_RENDER = {"gallery.live.fragments", "gallery.views", "gallery.admin", "gallery.templatetags"}

# Paths of a person's or a build machine, and package indexes: none belongs into a repository.
OF_A_MACHINE = re.compile(
    r"(?<![\w.])/(?:home|root|Users|opt|work|mnt|scratch)/\w|-index-url|pypi\.org|pypi[.\w-]*/simple|pythonhosted"
)
LONGEST_FILE = 280  # lines of one module; most have less than 150


def test_imports_go_down() -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_nothing_hides_the_public_function() -> None:
    assert not (ROOT / "gallery" / "notify.py").exists()
    assert not (ROOT / "gallery" / "notify").exists()
    assert callable(gallery.notify) and callable(gallery.anotify) and issubclass(gallery.NotifyError, Exception)


def test_the_events_are_these() -> None:
    assert list(EVENTS) == EVENT_NAMES


def test_every_event_has_its_service() -> None:
    named = {event.event_type: service.__name__ for event, service in SERVICES.items()}
    assert named | {"system:message": post_message.__name__} == SERVICE_NAMES
    assert Envelope.__dataclass_fields__.keys() == {"type", "event", "id", "digest"}


def test_the_dom_ids_are_these() -> None:
    made = {}
    for name in DOM_IDS:
        maker = getattr(dom_ids, name)
        made[name] = maker if isinstance(maker, str) else maker("7", 0) if name == "placeholder" else maker("7")
    assert made == DOM_IDS
    public = {name for name in vars(dom_ids) if not name.startswith("_")} - {"annotations"}
    assert public == DOM_IDS.keys()


def test_every_template_can_be_read() -> None:
    templates = ROOT / "templates"
    for path in templates.rglob("*.html"):
        get_template(str(path.relative_to(templates)))  # raises where a tag or a filter is not loaded


def test_the_fragments_are_these() -> None:
    files = (ROOT / "templates" / "gallery" / "fragments").glob("*.html")
    assert {path.stem.removeprefix("_") for path in files} == FRAGMENTS


def test_fragments_hold_no_form_and_no_token() -> None:
    for path in (ROOT / "templates" / "gallery" / "fragments").glob("*.html"):
        text = path.read_text()
        for personal in ("<form", "csrf_token", "{{ request", "{{ user", "{% now"):
            assert personal not in text, f"{path.name}: {personal}"


def _modules() -> list[Path]:
    return [path for path in (ROOT / "gallery").rglob("*.py") if "migrations" not in path.parts]


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_only_pages_and_fragments_render() -> None:
    for path in _modules():
        name = _name(path)
        if any(name == allowed or name.startswith(f"{allowed}.") for allowed in MAY_RENDER):
            continue
        imported = {
            node.module or "" for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)
        }
        assert not imported & {"django.template", "django.template.loader", "django.shortcuts"}, name


def test_whoever_reads_items_says_whether_the_trash_is_meant() -> None:
    """Services see all rows; what a page, the API or the stream reads begins with one of the queryset's three words."""
    readers = ("gallery.access", "gallery.folder_page", "gallery.live", "gallery.api", "gallery.views")
    for path in _modules():
        if _name(path).startswith(readers):
            found = re.search(r"Item\.objects\.(?!living\(|trashed\(|with_trash\()", path.read_text())
            assert not found, f"{_name(path)} reads items and does not say whether those in the trash too."


def test_files_stay_short() -> None:
    long = {_name(path): count for path in _modules() if (count := len(path.read_text().splitlines())) > LONGEST_FILE}
    assert long == {}


def test_nothing_of_a_machine_is_in_the_repository() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("this is no git repository")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path == Path(__file__).resolve() or not path.is_file():
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        assert not (found := OF_A_MACHINE.search(text)), f"{name}: {found and found.group()}"
