"""The wheel: whoever installs it has the whole app, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.servers import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return zipfile.ZipFile(build_wheel(tmp_path_factory.mktemp("wheel")))


def build_wheel(folder: Path) -> Path:
    """Build it here and now; the builder is one of the development packages, so nothing is fetched."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    [path] = folder.glob("*.whl")
    return path


def test_every_module_template_and_static_file_is_in_it(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "gallery").rglob("*.py")}
    pages = {f"gallery/{path.relative_to(ROOT)}" for path in (ROOT / "templates").glob("**/gallery/**/*.html")}
    static = {
        f"gallery/{path.relative_to(ROOT)}" for path in (ROOT / "static" / "gallery").rglob("*") if path.is_file()
    }
    catalogs = {str(path.relative_to(ROOT)) for path in (ROOT / "gallery" / "locale").rglob("*.mo")}
    assert pages and static and catalogs
    assert modules | pages | static | catalogs <= names


def test_nothing_else_is_in_it(wheel: zipfile.ZipFile) -> None:
    folders = {name.split("/")[0] for name in wheel.namelist()}
    assert folders == {"gallery", "darkroom_gallery-0.1.0.dist-info"}
    assert not [name for name in wheel.namelist() if "/test" in name or name.endswith((".pyc", ".sqlite3"))]


def test_nothing_hides_the_public_function(wheel: zipfile.ZipFile) -> None:
    assert not [name for name in wheel.namelist() if re.match(r"gallery/notify(\.py|/)", name)]


def test_it_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    metadata = wheel.read("darkroom_gallery-0.1.0.dist-info/METADATA").decode()
    assert f"Version: {project['version']}\n" in metadata
    assert "License-Expression: MIT\n" in metadata
    assert "darkroom_gallery-0.1.0.dist-info/licenses/LICENSE" in wheel.namelist()
    assert f"\n## {project['version']}\n" in (ROOT / "CHANGELOG.md").read_text()
