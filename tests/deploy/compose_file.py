"""compose.yaml and Dockerfile, read as Docker Compose reads them, as far as ours go."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.servers import ROOT

_VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>\w+)(?:(?P<sign>:[-?])(?P<rest>[^}]*))?\})")


class MissingVariable(Exception):
    """``${NAME:?sentence}`` where NAME is not set."""


def interpolate(value: Any, env: Mapping[str, str]) -> Any:
    """``${NAME}``, ``${NAME:-default}``, ``${NAME:?sentence}`` and ``$$``, in all texts of the file."""
    if isinstance(value, dict):
        return {key: interpolate(each, env) for key, each in value.items()}
    if isinstance(value, list):
        return [interpolate(each, env) for each in value]
    return _VARIABLE.sub(lambda found: _value(found, env), value) if isinstance(value, str) else value


def _value(found: re.Match[str], env: Mapping[str, str]) -> str:
    if found["escaped"]:
        return "$"
    if said := env.get(found["name"]):
        return said
    if found["sign"] == ":?":
        raise MissingVariable(found["rest"])
    return found["rest"] or ""


def load() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def dockerfile_lines(instruction: str) -> list[list[str]]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return [line.split()[1:] for line in text.splitlines() if line.startswith(f"{instruction} ")]


def build_tree(target: Path) -> None:
    """What the image holds: the files that the Dockerfile copies, and nothing else of the repository."""
    for *sources, destination in dockerfile_lines("COPY"):
        for source in sources:
            path = ROOT / source
            if path.is_dir():
                shutil.copytree(path, target / destination)
            else:
                shutil.copy2(path, target / destination)


def image_environment() -> dict[str, str]:
    """Its ``ENV`` lines."""
    return dict(pair.split("=", 1) for line in dockerfile_lines("ENV") for pair in line)
