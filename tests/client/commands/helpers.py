"""``darkroom …`` as somebody types it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from PIL import Image

from tests.client.conftest import Place
from tests.servers import wait_until

DARKROOM = [str(Path(sys.executable).with_name("darkroom"))]
PATIENCE = 60.0


def png(red: int = 200) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (32, 32), (red, 80, 40)).save(file, "PNG")
    return file.getvalue()


def environment(place: Place | None = None, **variables: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("DARKROOM_")}
    return ours | (place.env if place else {}) | variables


def start(place: Place | None, *arguments: str, cwd: Path, **variables: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [*DARKROOM, *arguments], cwd=cwd, env=environment(place, **variables), stdout=pipe, stderr=pipe, text=True
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Its exit code, and what it printed."""
    try:
        said, complained = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    return process.returncode, said, complained


def darkroom(place: Place | None, *arguments: str, cwd: Path, **variables: str) -> tuple[int, str, str]:
    return ended(start(place, *arguments, cwd=cwd, **variables))


def lines(said: str) -> list[dict[str, Any]]:
    """What ``--json`` printed."""
    return [json.loads(line) for line in said.splitlines()]


def wait_for_items(place: Place, *names: str) -> None:
    def are_there() -> bool:
        items = place.items
        return all(name in items and items[name]["status"] == "complete" for name in names)

    wait_until(are_there, PATIENCE, f"{names}")
