"""Which files are finished; the clock is turned by hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from darkroom.commands.folder_scan import Scan
from darkroom.commands.watch_state import WatchState, batch_id_of, item_id_of


class Folder:
    """A scan of a folder whose time is ours."""

    def __init__(self, path: Path, **options: Any) -> None:
        self.path, self.now, self.known = path, 0.0, set[tuple[Path, Any]]()
        self.scan = Scan(path, clock=lambda: self.now, **options)

    def write(self, name: str, text: str) -> None:
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        with (self.path / name).open("a") as file:
            file.write(text)

    def look(self, after: float) -> list[str]:
        self.now += after
        found = self.scan.finished(lambda path, state: (path, state) in self.known)
        self.known |= set(found)
        return [path.relative_to(self.path).as_posix() for path, _ in found]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_file_that_grows_waits_until_it_is_still(folder: Folder) -> None:
    for _ in range(5):
        folder.write("slow.mp4", "more")
        assert folder.look(1.5) == [] and folder.scan.expects_more
    assert folder.look(2.0) == ["slow.mp4"]
    assert folder.look(2.0) == [] and not folder.scan.expects_more


def test_what_is_not_meant_is_left_alone(folder: Folder) -> None:
    others = ".hidden.png", "film.mp4.part", "~film.mp4~", "notes.txt", ".cache/a.png", "model.safetensors"
    for name in ("a.png", "deep/er/b.webm", *others):
        folder.write(name, "x")
    folder.write("empty.png", "")
    folder.look(0)
    assert sorted(folder.look(2.0)) == ["a.png", "deep/er/b.webm"]
    folder.look(2.0)
    assert not folder.scan.expects_more, "an empty file is not waited for"


def test_patterns_say_what_is_meant(tmp_path: Path) -> None:
    folder = Folder(tmp_path, patterns=["*.txt", "out_*"])
    for name in ("a.png", "b.txt", "out_1.exr"):
        folder.write(name, "x")
    folder.look(0)
    assert sorted(folder.look(2.0)) == ["b.txt", "out_1.exr"]


def test_a_link_to_nowhere_and_a_file_that_goes_are_no_trouble(folder: Folder) -> None:
    (folder.path / "dangling.png").symlink_to("nowhere")
    os.mkfifo(folder.path / "pipe.png")
    folder.write("goes.png", "x")
    folder.look(0)
    (folder.path / "goes.png").unlink()
    assert folder.look(2.0) == []


def test_ids_follow_from_the_contents(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"a")
    first = item_id_of(tmp_path / "a.png", "a.png", "folder")
    os.utime(tmp_path / "a.png", (1, 1))
    assert item_id_of(tmp_path / "a.png", "a.png", "folder") == first
    assert item_id_of(tmp_path / "a.png", "b.png", "folder") != first
    assert item_id_of(tmp_path / "a.png", "a.png", "another") != first
    assert len(item_id_of(tmp_path / "a.png", os.fsdecode(b"half \xff"), "folder")) == 32
    assert batch_id_of([first]) == batch_id_of([first]) != batch_id_of([first, first])


def test_the_state_outlives_the_watcher_and_torn_lines(tmp_path: Path) -> None:
    state = WatchState(tmp_path / "state")
    assert state.is_new
    state.note("a.png", (1, 2), "id")
    with (tmp_path / "state").open("a") as file:
        file.write('{"path": "b.png", "si')
    again = WatchState(tmp_path / "state")
    assert not again.is_new and again.knows("a.png", (1, 2)) and not again.knows("a.png", (1, 3))
    again.note("c.png", (1, 2))
    assert WatchState(tmp_path / "state").knows("c.png", (1, 2)), "what follows on a torn line"
