"""The client's wheel: all of it, and nothing of the gallery or of Django."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.servers import ROOT

CLIENT = ROOT / "client"
LOOK = """
import sys
import darkroom, darkroom.cli, darkroom.diffusers
assert not {"django", "gallery", "channels", "torch", "numpy", "PIL"} & {name.split(".")[0] for name in sys.modules}
"""


def test_it_has_every_module_and_needs_two_packages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=CLIENT, check=True, capture_output=True, timeout=120)
    [path] = tmp_path.glob("*.whl")
    wheel = zipfile.ZipFile(path)
    names = set(wheel.namelist())
    assert {name.split("/")[0] for name in names} == {
        "darkroom",
        f"{path.name.removesuffix('-py3-none-any.whl')}.dist-info",
    }
    assert {str(module.relative_to(CLIENT)) for module in (CLIENT / "darkroom").rglob("*.py")} <= names
    assert "darkroom/py.typed" in names
    [metadata] = [wheel.read(name).decode() for name in names if name.endswith("METADATA")]
    needs = [need for need in re.findall(r"^Requires-Dist: (.*)$", metadata, re.MULTILINE) if "extra ==" not in need]
    assert {re.match(r"\w+", need)[0] for need in needs} == {"httpx", "websockets"}  # type: ignore[index]


def test_it_loads_nothing_that_it_does_not_need() -> None:
    subprocess.run([sys.executable, "-c", LOOK], cwd="/", check=True, timeout=60)
