"""How an item was made, as its page tells it: what people look for first, in words, in the same order on any database.

PostgreSQL keeps no order of a JSON object's names, so the order of whoever sent it is not to be had.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop

# The names that ``gallery.media.recipe_formats`` gives; a worker that spells them so is read the same way.
FIRST = {
    "prompt": gettext_noop("Prompt"),
    "negativePrompt": gettext_noop("Negative prompt"),
    "model": gettext_noop("Model"),
    "sampler": gettext_noop("Sampler"),
    "scheduler": gettext_noop("Scheduler"),
    "steps": gettext_noop("Steps"),
    "cfgScale": gettext_noop("CFG scale"),
    "seed": gettext_noop("Seed"),
    "generator": gettext_noop("Generator"),
}
LAST = {"parameters": gettext_noop("Other settings"), "workflow": gettext_noop("Workflow")}  # long, and seldom read


def recipe_facts(metadata: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Pairs of a word and what it says; names that are nobody's but the worker's stay as they are, by the alphabet."""
    others = sorted(metadata.keys() - FIRST.keys() - LAST.keys(), key=lambda name: (name.casefold(), name))
    order = [*FIRST, *others, *LAST]
    return [(_label(name), _readable(metadata[name])) for name in order if name in metadata]


def _label(name: str) -> str:
    word = FIRST.get(name) or LAST.get(name)
    return gettext(word) if word else name


def _readable(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and value and not any(isinstance(each, dict | list) for each in value.values()):
        return "\n".join(f"{name}: {_readable(each)}" for name, each in sorted(value.items()))
    return json.dumps(value, ensure_ascii=False, indent=1)
