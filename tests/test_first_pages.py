from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gallery.first_pages import FOLDERS_KEPT, FirstPages


def never() -> str:
    raise AssertionError("it was read again")


def test_it_is_read_once_for_a_revision() -> None:
    pages: FirstPages[str] = FirstPages()
    assert pages.at("F", 1, lambda: "first") == "first"
    assert pages.at("F", 1, never) == "first"
    assert pages.at("F", 2, lambda: "second") == "second"
    assert pages.at("F", 1, lambda: "put back from a backup") == "put back from a backup"


def test_who_asks_while_it_is_read_waits_and_gets_it() -> None:
    pages: FirstPages[str] = FirstPages()
    reading, may_end = threading.Event(), threading.Event()

    def read() -> str:
        reading.set()
        assert may_end.wait(10)
        return "page"

    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(pages.at, "F", 1, read)
        assert reading.wait(10)
        others = [threads.submit(pages.at, "F", 1, never) for _ in range(7)]
        assert pages.at("G", 1, lambda: "of another folder") == "of another folder"
        may_end.set()
        assert [each.result(10) for each in (first, *others)] == ["page"] * 8


def test_what_could_not_be_read_is_not_kept() -> None:
    pages: FirstPages[str] = FirstPages()
    pages.at("F", 1, lambda: "old")
    with pytest.raises(ZeroDivisionError):
        pages.at("F", 2, lambda: str(1 / 0))
    assert pages.at("F", 2, lambda: "new") == "new"


def test_few_folders_are_kept() -> None:
    pages: FirstPages[str] = FirstPages()
    for number in range(FOLDERS_KEPT + 1):
        pages.at(f"F{number}", 1, lambda: "page")
    assert pages.at("F1", 1, never) == "page"
    assert pages.at("F0", 1, lambda: "read again") == "read again"
