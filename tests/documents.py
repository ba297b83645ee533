"""The pages under docs/, and the code blocks that tests take out of them."""

from __future__ import annotations

import re

from tests.contract_tables import DOCS

_BLOCK = re.compile(r"<!-- (block|run): (?P<name>\w+) -->\n```\w+\n(?P<code>.*?)\n```", re.DOTALL)


def page(name: str) -> str:
    return (DOCS / name).read_text()


def blocks(name: str) -> list[tuple[str, str]]:
    """The page's marked blocks in order: what the mark says, and the code."""
    return [(found["name"], found["code"] + "\n") for found in _BLOCK.finditer(page(name))]
