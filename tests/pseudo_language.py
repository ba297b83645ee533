"""German with a mark around each text that went through the translation, and a search for what did not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from html.parser import HTMLParser
from typing import Any
from unittest.mock import patch

from django.utils.translation import get_language
from django.utils.translation.trans_real import CONTEXT_SEPARATOR, DjangoTranslation

from gallery.templatetags import formats, texts

BEGIN, END = "⟦", "⟧"
LETTERS = re.compile(r"[A-Za-z]{2,}")
# The name, units, abbreviations and formats are the same in every language.
SAME = re.compile(r"\b(Darkroom|Esc|[kMGT]?B|[A-Z0-9]{2,5}|\w+/[\w.+-]+)\b")
ATTRIBUTES = ("aria-label", "title", "placeholder", "alt", "hx-confirm")
UNREAD = ("script", "style", "svg", "code")
VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
CODE = "the code of the language of this translation, for <html lang>"


@contextmanager
def marked() -> Iterator[None]:
    """What is said in German meanwhile is marked; what is kept for a language is kept apart from the real one."""
    with ExitStack() as stack:
        for name in ("gettext", "ngettext"):
            stack.enter_context(patch.object(DjangoTranslation, name, _marking(getattr(DjangoTranslation, name))))
        for module in (texts, formats):
            stack.enter_context(patch.object(module, "get_language", lambda: f"{get_language()} marked"))
        yield


def _marking(original: Any) -> Any:
    def say(self: DjangoTranslation, text: str, *others: Any) -> str:
        said = original(self, text, *others)
        if self.language() != "de" or text.startswith(CODE) or not text:
            return said
        return BEGIN + said.rpartition(CONTEXT_SEPARATOR)[2] + END

    return say


def unmarked(html: str) -> list[str]:
    """What somebody could read there, in Latin letters, that no translation has seen."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.depth == 0, "a mark is cut off"
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.depth = 0  # of marks; a text may have elements within
        self.unread: list[bool] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = dict(attributes)
        for name in ATTRIBUTES:
            self._look(said.get(name) or "", f"<{tag} {name}>")
        if tag == "input" and said.get("type") in ("submit", "button", "reset"):
            self._look(said.get("value") or "", "<input value>")
        if tag not in VOID:
            self.unread.append(tag in UNREAD or ("lang" in said and tag != "html" and "data-gallery" not in said))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.unread:
            self.unread.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.unread):
            self.depth = self._look(data, "text", self.depth)

    def _look(self, text: str, where: str, depth: int = 0) -> int:
        bare = ""
        for letter in text:
            depth += (letter == BEGIN) - (letter == END)
            bare += letter if depth == 0 else " "
        if LETTERS.search(SAME.sub("", bare)):
            self.found.append(f"{where}: {' '.join(text.split())}")
        return depth
