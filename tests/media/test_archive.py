"""The names of the files in an archive."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from gallery.media.archive import MISSING_NAME, Entry, Names


class Taken(set[str]):
    """How often it was asked whether a name is taken."""

    asked = 0

    def __contains__(self, name: object) -> bool:
        self.asked += 1
        return super().__contains__(name)


def free(names: Names, name: str) -> str:
    return names.free(Entry(name, Path("a.png"), datetime(2026, 1, 1, tzinfo=UTC)))[0]


def test_each_name_is_there_once() -> None:
    names = Names()
    given = [free(names, name) for name in ("a.png", "A (2).png", "A.png", "a.png", "a (2).png", "a.png")]
    assert given == ["a.png", "A (2).png", "A (3).png", "a (4).png", "a (2) (2).png", "a (5).png"]
    assert free(names, MISSING_NAME).lower() != MISSING_NAME.lower()


def test_a_thousand_of_one_name_are_numbered_without_counting_anew() -> None:
    names = Names()
    names._taken = taken = Taken(names._taken)
    assert [free(names, "a.png") for _ in range(1_000)][-1] == "a (1000).png"
    assert taken.asked <= 2_000
