"""What the first pages of folders show, read and rendered once for all who fetch them at one revision.

After a restart or a reset all viewers of a folder fetch the same page at once; reading its rows and rendering them is
most of it. Only what is the same for everybody may be kept here.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")

FOLDERS_KEPT = 16


class _Place(Generic[T]):
    """One folder's."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.kept: T | None = None
        self.revision = -1
        self.read_at = 0.0


class FirstPages(Generic[T]):
    """One thing for each folder in each language, good as long as the folder stands at the revision read before it."""

    def __init__(self) -> None:
        self._places: OrderedDict[str, _Place[T]] = OrderedDict()
        self._lock = Lock()

    def at(self, folder_id: str, revision: int, read: Callable[[], T]) -> T:
        """What is kept for that revision, else what ``read`` returns: who asks meanwhile waits, and reads nothing."""
        asked = time.monotonic()
        place = self._place(folder_id)
        with place.lock:
            # What was read since this one asked is at least as new, also where it was read for another revision.
            if place.kept is None or (place.revision != revision and place.read_at < asked):
                began = time.monotonic()
                place.kept, place.revision, place.read_at = read(), revision, began
            return place.kept

    def _place(self, folder_id: str) -> _Place[T]:
        with self._lock:
            place = self._places.setdefault(folder_id, _Place())
            self._places.move_to_end(folder_id)
            while len(self._places) > FOLDERS_KEPT:
                self._places.popitem(last=False)
            return place
