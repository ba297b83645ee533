"""What somebody typed, as a question to the full text index. Whatever is typed is a question; nothing is an error.

Words are looked for by their beginnings, all of them must be there; "in quotes" they stand together as they are;
-word must not be there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gallery.search.words import FACET_BEGINS, words_of

MOST_TERMS = 16
_pieces = re.compile(r'(-?)"([^"]*)"|(-?)(\S+)').finditer


@dataclass(frozen=True)
class Term:
    """Words that stand together; the last one may go on, unless it is one letter or was quoted."""

    words: tuple[str, ...]
    is_prefix: bool = False
    is_unwanted: bool = False


def terms_of(typed: str) -> list[Term]:
    """The first few terms of what was typed."""
    terms = []
    for piece in _pieces(typed):
        quoted, plain = piece[2], piece[4]
        words = tuple(words_of(plain if quoted is None else quoted))[:MOST_TERMS]
        if words:
            is_prefix = quoted is None and len(words[-1]) > 1
            terms.append(Term(words, is_prefix, bool(piece[1] or piece[3])))
    return terms[:MOST_TERMS]


def for_sqlite(facets: Sequence[str], terms: Sequence[Term], *, with_private: bool) -> str:
    """The same for FTS5. Words hold letters and digits only, so that quoting them is enough."""
    columns = "{open_words private_words}" if with_private else "{open_words}"

    def said(term: Term) -> str:
        return f'{columns} : "{" ".join(term.words)}"{" *" if term.is_prefix else ""}'

    wanted = [f'facets : "{word}"' for word in facets] + [said(term) for term in terms if not term.is_unwanted]
    unwanted = [said(term) for term in terms if term.is_unwanted]
    question = f"({' AND '.join(f'({part})' for part in wanted)})"
    return f"{question} NOT ({' OR '.join(f'({part})' for part in unwanted)})" if unwanted else question


def for_postgresql(facets: Sequence[str], terms: Sequence[Term], *, with_private: bool) -> str:
    """The same for ``to_tsquery``: A is open, B a facet, D private.

    Its index does not keep these. So where all that is written down may be read, it is asked without them, or each row
    that it finds would be looked at again; but for what could be the beginning of a facet.
    """

    def said(term: Term) -> str:
        could_be_facet = any(word.startswith(FACET_BEGINS) for word in term.words)
        weights = "A" if not with_private else "AD" if could_be_facet else ""
        *before, last = (_lexeme(word, weights) for word in term.words)
        if term.is_prefix:
            last = _lexeme(term.words[-1], f"*{weights}")
        return f"{'!' if term.is_unwanted else ''}({' <-> '.join([*before, last])})"

    return " & ".join([_lexeme(word, "" if with_private else "B") for word in facets] + [said(term) for term in terms])


def _lexeme(word: str, label: str) -> str:
    return f"'{word}':{label}" if label else f"'{word}'"
