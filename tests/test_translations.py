"""Each language is complete, agrees with the sources, and is compiled as it is written."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message

from tests import catalogs
from tests.catalogs import ROOT

REFRESH = "Run `make messages` (or `python -m tests.catalogs`), and translate what it says is missing."
PLACEHOLDERS = re.compile(r"%\(\w+\)[a-z]|\{\w*\}|(?<!%)%[sd]")
LANGUAGES = catalogs.languages()
EACH = [(language, domain) for language in LANGUAGES for domain in ("django", "djangojs")]


@cache
def sources() -> dict[str, Catalog]:
    return catalogs.domains()


def test_there_is_a_language() -> None:
    assert "de" in LANGUAGES


@pytest.mark.parametrize(("language", "domain"), EACH)
def test_every_text_is_translated(language: str, domain: str) -> None:
    catalog, wanted = catalogs.read(language, domain), _by_key(sources()[domain])
    assert not [message for message in _by_key(catalog) if message not in wanted], f"no longer a text. {REFRESH}"
    known = _by_key(catalog)
    missing = [key for key in wanted if key not in known or not catalogs.is_translated(known[key])]
    assert not missing, f"{len(missing)} without a translation in {language}. {REFRESH}"


@pytest.mark.parametrize(("language", "domain"), EACH)
def test_the_files_are_what_the_catalog_makes(language: str, domain: str) -> None:
    catalog = catalogs.updated(catalogs.read(language, domain), sources()[domain])
    files = {catalogs.po_path(language, domain): catalogs.po_text(catalog).encode()}
    files |= catalogs.compiled(language, domain, catalog)
    old = [str(path.relative_to(ROOT)) for path, content in files.items() if path.read_bytes() != content]
    assert not old, f"not up to date: {old}. {REFRESH}"


@pytest.mark.parametrize(("language", "domain"), EACH)
def test_placeholders_are_those_of_the_text(language: str, domain: str) -> None:
    wrong = []
    for message in catalogs.read(language, domain):
        allowed = set(PLACEHOLDERS.findall(" ".join(_forms(message.id))))
        for string in _forms(message.string):
            found = set(PLACEHOLDERS.findall(string))
            # One form of a plural may leave the number out: "a picture", "%(count)s pictures".
            if found - allowed or (len(_forms(message.id)) == 1 and allowed != found):
                wrong.append((message.id, string))
    assert not wrong, f"placeholders differ in {language}"


def test_scripts_say_nothing_by_themselves() -> None:
    """Each literal that begins like a sentence or a button is a text of the catalog."""
    known = {form for message in sources()["djangojs"] if message.id for form in _forms(message.id)}
    said = set()
    for path in (ROOT / "static" / "gallery" / "js").glob("*.js"):
        code = re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.MULTILINE)
        said |= set(re.findall(r'"([A-Z][a-z]+(?: [^"]*|[.…!]))"', code))
    assert len(said) > 30 and not said - known


def test_no_text_hides_in_an_f_string() -> None:
    """There the catalog is only told of it from Python 3.12 on."""
    hidden = []
    for path in sorted((ROOT / "gallery").rglob("*.py")):
        for string in ast.walk(ast.parse(path.read_text())):
            if isinstance(string, ast.JoinedStr):
                called = {getattr(call.func, "id", "") for call in ast.walk(string) if isinstance(call, ast.Call)}
                if called & {"_", "gettext", "ngettext", "pgettext", "npgettext"}:
                    hidden.append(f"{path.relative_to(ROOT)}:{string.lineno}")
    assert not hidden


def _by_key(catalog: Catalog) -> dict[tuple[object, object], Message]:
    return {(message.id, message.context): message for message in catalog if message.id}


def _forms(texts: object) -> list[str]:
    return list(texts) if isinstance(texts, (list, tuple)) else [str(texts or "")]
