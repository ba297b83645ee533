"""Which files of a folder are finished: those that have been still for a while."""

from __future__ import annotations

import fnmatch
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from darkroom.files import content_type_of, item_type_of

STILL_SECONDS = 2.0
UNFINISHED = ("*.part", "*.tmp", "*.temp", "*.partial", "*.crdownload", "*.download", "*.swp", "*~")
State = tuple[int, int]  # size, and time of the last change in nanoseconds


@dataclass
class Scan:
    """Looks into the folder whenever it is asked to. Files whose names begin with a dot are nobody's business."""

    folder: Path
    patterns: Sequence[str] = ()  # of file names; none: pictures, films and sounds
    still_seconds: float = STILL_SECONDS
    with_subfolders: bool = True
    clock: Callable[[], float] = time.monotonic
    _since: dict[Path, tuple[State, float]] = field(default_factory=dict)

    def files(self) -> Iterator[tuple[Path, State]]:
        """All that are meant, with their state; those that go meanwhile are left out."""
        for folder, names, files in os.walk(self.folder):
            names[:] = sorted(name for name in names if not name.startswith(".")) if self.with_subfolders else []
            for name in sorted(files):
                path = Path(folder, name)
                if self._is_meant(name) and (state := state_of(path)) is not None:
                    yield path, state

    def finished(self, known: Callable[[Path, State], bool]) -> list[tuple[Path, State]]:
        """Those that nobody knows in this state and that have been in it for long enough; the oldest first."""
        now = self.clock()
        seen: dict[Path, tuple[State, float]] = {}
        still = []
        for path, state in self.files():
            if known(path, state):
                continue
            before = self._since.get(path)
            seen[path] = before if before is not None and before[0] == state else (state, now)
            if state[0] and now - seen[path][1] >= self.still_seconds:
                still.append((path, state))
        self._since = seen
        return sorted(still, key=lambda found: found[1][1])

    @property
    def expects_more(self) -> bool:
        """Whether at the last look something was there that is not finished; a file that stays empty is nothing."""
        now = self.clock()
        return any(state[0] or now - since < self.still_seconds for state, since in self._since.values())

    def _is_meant(self, name: str) -> bool:
        if name.startswith(".") or any(fnmatch.fnmatch(name.lower(), pattern) for pattern in UNFINISHED):
            return False
        if self.patterns:
            return any(fnmatch.fnmatch(name, pattern) for pattern in self.patterns)
        return item_type_of(content_type_of(name)) != "file"


def state_of(path: Path) -> State | None:
    """None where it is no file that anybody can look at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns) if path.is_file() else None
