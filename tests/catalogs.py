"""The catalogs of translations, made from the sources: ``python -m tests.catalogs``, or ``make messages``.

Each language has two: ``django`` for Python and templates, ``djangojs`` for scripts. New texts come in without a
translation, texts that are gone leave with theirs; then what is translated is compiled to what the gallery reads.
Nothing here needs GNU gettext. Dates and places in the sources are left out: they would differ with every change.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "gallery" / "locale"
SCRIPT_TEXTS = ROOT / "static" / "gallery" / "texts"

KEYWORDS: dict[str, Any] = {
    name + end: spec
    for name, spec in {
        "gettext": None,
        "ngettext": (1, 2),
        "pgettext": ((1, "c"), 2),
        "npgettext": ((1, "c"), 2, 3),
    }.items()
    for end in ("", "_lazy", "_noop")
} | {"_": None}
HEADER = """# {name} texts of the gallery; `make messages` keeps them in step with the sources (docs/translations.md).
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"MIME-Version: 1.0\\n"
"Language: {language}\\n"
"Plural-Forms: {plural}\\n"

"""
Extracted = Iterator[tuple[int, Any, list[str], str | None]]


def languages() -> list[str]:
    """Those that have a folder under ``gallery/locale``."""
    return sorted(path.name for path in LOCALE.iterdir() if path.is_dir())


def domains() -> dict[str, Catalog]:
    """What the sources say, by the name of the catalog that translates it."""
    found = {"django": Catalog(charset="utf-8"), "djangojs": Catalog(charset="utf-8")}
    for source in ("gallery", "gallery_project"):
        for path in sorted((ROOT / source).rglob("*.py")):
            if "migrations" not in path.parts:
                _add(found["django"], _extract("python", path.read_bytes()))
    for path in sorted((ROOT / "templates").rglob("*.html")):
        _add(found["django"], _of_template(path))
    for path in sorted((ROOT / "static" / "gallery" / "js").rglob("*.js")):
        _add(found["djangojs"], _extract("javascript", path.read_bytes()))
    return found


def _of_template(path: Path) -> Extracted:
    # Everything that is no text of ours has become "XXX"; between brackets no indentation means anything.
    code = re.sub(r"\bX+\b", " ", templatize(path.read_text(), origin=str(path)))
    return _extract("python", f"(\n{code}\n)".encode())


def _extract(method: str, source: bytes) -> Extracted:
    return extract(method, io.BytesIO(source), KEYWORDS, ["Translators:"])


def _add(catalog: Catalog, extracted: Extracted) -> None:
    for _, message, comments, context in extracted:
        catalog.add(message, auto_comments=comments, context=context)


def po_path(language: str, domain: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def read(language: str, domain: str) -> Catalog:
    """A language's catalog as it stands; empty where there is none yet."""
    path = po_path(language, domain)
    if not path.exists():
        return Catalog(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(catalog: Catalog, sources: Catalog) -> Catalog:
    """The texts of the sources, with the translations that the catalog has for them."""
    fresh = Catalog(catalog.locale, charset="utf-8")
    for message in _texts(sources):
        known = catalog.get(message.id, message.context)
        translated = known.string if known is not None and not known.fuzzy and known.string else None
        fresh.add(message.id, translated, auto_comments=message.auto_comments, context=message.context)
    return fresh


def _texts(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def po_text(catalog: Catalog) -> str:
    """The file: sorted, so that two who add texts seldom meet."""
    body = io.BytesIO()
    write_po(body, catalog, width=0, no_location=True, omit_header=True, sort_output=True)
    head = HEADER.format(
        name=catalog.locale.english_name, language=str(catalog.locale).replace("_", "-"), plural=catalog.plural_forms
    )
    return head + body.getvalue().decode().strip() + "\n"


def mo_bytes(catalog: Catalog) -> bytes:
    """What Django reads. Babel's own header has the time of day in it, so the file's is taken."""
    with_header = read_po(io.BytesIO(po_text(catalog).encode()), locale=catalog.locale)
    compiled = io.BytesIO()
    write_mo(compiled, _Dateless(with_header))
    return compiled.getvalue()


class _Dateless(Catalog):
    """Its header says what gettext needs and nothing that changes by itself."""

    def __init__(self, catalog: Catalog) -> None:
        super().__init__(catalog.locale, charset="utf-8")
        for message in _texts(catalog):
            self.add(message.id, message.string, context=message.context)

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        plural, charset = self.plural_forms, "text/plain; charset=utf-8"
        return [("Content-Type", charset), ("Plural-Forms", plural), ("Language", str(self.locale))]


def script_text(catalog: Catalog) -> str:
    """The file that a page in this language loads: what ``darkroom.gettext`` looks up (static/gallery/js/texts.js)."""
    said = {message.id if isinstance(message.id, str) else message.id[0]: message.string for message in _texts(catalog)}
    texts = dict(sorted(said.items()))
    form = re.sub(r".*plural=", "", catalog.plural_forms).rstrip(";")
    body = json.dumps(texts, ensure_ascii=False, indent=1)
    made = "// Made by `make messages` from the language's djangojs.po."
    return f"{made}\ndarkroom.texts((n) => Number({form}), {body});\n"


def compiled(language: str, domain: str, catalog: Catalog) -> dict[Path, bytes]:
    """What is made of a catalog, by the file that holds it."""
    if domain == "django":
        return {po_path(language, domain).with_suffix(".mo"): mo_bytes(catalog)}
    return {SCRIPT_TEXTS / f"{language}.js": script_text(catalog).encode()}


def main() -> None:
    sources = domains()
    for language in languages():
        for domain, texts in sources.items():
            catalog = updated(read(language, domain), texts)
            files = {po_path(language, domain): po_text(catalog).encode()} | compiled(language, domain, catalog)
            for path, content in files.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            missing = [message.id for message in _texts(catalog) if not is_translated(message)]
            print(f"{language} {domain}: {len(_texts(catalog))} texts, {len(missing)} without a translation")


def is_translated(message: Message) -> bool:
    """Whether it has a word for each of its forms."""
    strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return all(strings) and not message.fuzzy


if __name__ == "__main__":
    main()
