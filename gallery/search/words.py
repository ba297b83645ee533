"""Text as words: the same of what is kept and of what is typed, on either database.

Both databases cut text into words in their own ways. So both are given words that no way would cut: letters and digits
without case and accents, an emoji by its number, an ideograph as a word of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from hashlib import blake2s
from typing import Any

WORD_LENGTH = 64
FACET_BEGINS = "x"
WORDS_OF_METADATA = 2_000
_runs = re.compile(r"[^\W_]+").findall
_number = re.compile(r"\d+")


def words_of(text: str) -> list[str]:
    """``"Café_07 🌅"`` → ``["cafe", "07", "u1f305"]``."""
    if text.isascii():
        return [word[:WORD_LENGTH] for word in _runs(text.lower())]
    return [word[:WORD_LENGTH] for word in _runs("".join(map(_plain, unicodedata.normalize("NFKD", text.casefold()))))]


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] == "M":
        return ""
    if category == "So":
        return f" u{ord(character):x} "
    if category == "Lo" and "IDEOGRAPH" in unicodedata.name(character, ""):
        return f" {character} "
    return character if category[0] in "LN" else " "


def words_of_json(value: Any) -> list[str]:
    """The words of all keys and values, as many as one would look for."""
    words: list[str] = []
    for text in _texts(value):
        words += words_of(text)
        if len(words) >= WORDS_OF_METADATA:
            break
    return words[:WORDS_OF_METADATA]


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            waiting += reversed([part for pair in found.items() for part in pair])
        elif isinstance(found, list):
            waiting += reversed(found)
        elif isinstance(found, str | int | float) and not isinstance(found, bool):
            yield str(found)


def facet(kind: str, value: str) -> str:
    """One word that stands for ``kind`` being ``value``; a letter first, so that nobody takes it for a number."""
    return FACET_BEGINS + blake2s(f"{kind}:{value}".encode(), digest_size=10).hexdigest()


def name_key(name: str) -> str:
    """By which names are sorted: without case and accents, and numbers by their size ("2" before "10")."""
    plain = " ".join(words_of(name)) or name.casefold()
    return _number.sub(lambda found: found[0].lstrip("0").rjust(12, "0"), plain)[:600]


def joined(words: Iterable[str]) -> str:
    return " ".join(words)
