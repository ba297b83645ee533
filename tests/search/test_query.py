"""What is typed is always a question, and what it means is the same words as what is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery.search.query import Term, for_postgresql, for_sqlite, terms_of
from gallery.search.words import facet, name_key, words_of, words_of_json


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Sunset over the Sea", ["sunset", "over", "the", "sea"]),
        ("IMG_0001.jpg", ["img", "0001", "jpg"]),
        ("Café ÉTÉ Straße", ["cafe", "ete", "strasse"]),
        ("🌅 sun🌙", ["u1f305", "sun", "u1f319"]),
        ("日没", ["日", "没"]),
        ("Закат", ["закат"]),
        ("ﬁne ①", ["fine", "1"]),
        ("a" * 100, ["a" * 64]),
        ("100% -- \"'() * : ^ {} \\", ["100"]),
        ("", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_metadata_is_searched_by_keys_and_values_in_their_order() -> None:
    metadata = {"prompt": "a red fox", "steps": 20, "nested": {"deep": [True, None, "end"]}}
    assert words_of_json(metadata) == ["prompt", "a", "red", "fox", "steps", "20", "nested", "deep", "end"]
    assert len(words_of_json(["word " * 900] * 9)) == 2000


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("sun moon", [Term(("sun",), True), Term(("moon",), True)]),
        ('"red fox" -dog', [Term(("red", "fox")), Term(("dog",), True, True)]),
        ('-"red fox"', [Term(("red", "fox"), False, True)]),
        ("IMG_00", [Term(("img", "00"), True)]),
        ("a", [Term(("a",))]),
        ('"open', [Term(("open",), True)]),
        ("AND OR NOT NEAR", [Term((word,), True) for word in ("and", "or", "not", "near")]),
        ("% * -", []),
    ],
)
def test_terms(typed: str, terms: list[Term]) -> None:
    assert terms_of(typed) == terms


def test_both_databases_are_asked_the_same() -> None:
    facets, terms = ["xf"], terms_of('sun "red fox" -dog')
    assert for_sqlite(facets, terms, with_private=False) == (
        '((facets : "xf") AND ({open_words} : "sun" *) AND ({open_words} : "red fox")) NOT (({open_words} : "dog" *))'
    )
    assert for_postgresql(facets, terms, with_private=True) == ("'xf' & ('sun':*) & ('red' <-> 'fox') & !('dog':*)")
    # The beginning of a facet is looked for among words alone: else it would find all that has the facet.
    assert for_postgresql(facets, terms_of("x2 sun"), with_private=True) == "'xf' & ('x2':*AD) & ('sun':*)"
    assert for_postgresql(facets, terms, with_private=False) == (
        "'xf':B & ('sun':*A) & ('red':A <-> 'fox':A) & !('dog':*A)"
    )


@given(st.text(max_size=60))
def test_nothing_but_letters_and_digits_reaches_a_statement(typed: str) -> None:
    words = [word for term in terms_of(typed) for word in term.words]
    assert all(word.isalnum() for word in words)
    assert len(words) <= 256


def test_facets_are_words_of_their_own() -> None:
    assert facet("type", "image") != facet("type", "video") != facet("status", "video")
    assert words_of(facet("tag", "a b")) == [facet("tag", "a b")]


def test_names_are_sorted_without_case_and_accents_and_by_their_numbers() -> None:
    names = ["img 10", "IMG 2", "Émile", "emilia", "Zoo", "img 0002b"]
    assert sorted(names, key=name_key) == ["Émile", "emilia", "IMG 2", "img 0002b", "img 10", "Zoo"]
