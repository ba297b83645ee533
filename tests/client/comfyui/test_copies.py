"""Copies without sockets: what fails can be asked for again, what is half is not taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from darkroom.bridges.comfyui import copying
from darkroom.bridges.comfyui.copies import Copies
from darkroom.bridges.comfyui.memory import Memory
from darkroom.bridges.comfyui.outputs import Output
from darkroom.bridges.comfyui.pull import UNKNOWN_SIZE, Stamp
from darkroom.bridges.comfyui.reporting import Reporter
from darkroom.bridges.comfyui.runs import Run
from darkroom.bridges.comfyui.states import Copied
from darkroom.bridges.comfyui.workflow import Workflow
from darkroom.errors import Refused

WHOLE = b"a whole picture"
OUTPUT = Output("a.png", "", "image/png")


class Gallery:
    """Takes what is whole."""

    max_media_bytes = 100

    def __init__(self) -> None:
        self.said: list[tuple[str, Any]] = []
        self.files: dict[str, bytes] = {}

    def say(self, event: str, payload: dict[str, Any]) -> Any:
        self.said.append((event, payload.get("status")))
        return type("Answer", (), {"add_done_callback": lambda answer, call: call(answer)})()

    async def put_media(self, item_id: str, path: Path, content_type: str, name: str) -> None:
        if path.read_bytes() != WHOLE:
            raise Refused("invalid", "This is no picture.")
        self.files[item_id] = path.read_bytes()


class ComfyUI:
    """One file, of which each look finds the next of ``contents``; the last one stays."""

    def __init__(self, *contents: bytes | None, tells_size: bool = True) -> None:
        self.contents, self.tells_size = list(contents), tells_size

    async def stamp(self, output: Output) -> Stamp | None:
        content = self.contents[0]
        return None if content is None else Stamp(len(content) if self.tells_size else UNKNOWN_SIZE, repr(content))

    async def download(self, output: Output, path: Path) -> int:
        content = self.contents[0] or b""
        path.write_bytes(content)
        if len(self.contents) > 1:
            self.contents.pop(0)
        return len(content)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "WRITING_SECONDS", (0.0, 0.0, 0.0))
    monkeypatch.setattr(copying, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(copying, "HALF_WRITTEN_SECONDS", 0.02)


def copies(comfyui: Any, gallery: Any, tmp_path: Path) -> tuple[Copies, Run]:
    run = Run("run", Workflow(), "a run", 1, outputs={OUTPUT.key: OUTPUT}, copies={OUTPUT.key: Copied.COPYING})
    memory = Memory(tmp_path / "state.json")
    return Copies(comfyui, gallery, memory, Reporter(as_json=True), lambda run: None), run


async def finish(work: Copies) -> None:
    for task in list(work._tasks):
        await task


@pytest.mark.parametrize(
    "contents", [(WHOLE,), (b"a who", WHOLE), (b"", WHOLE)], ids=["whole", "grows while it comes", "is empty at first"]
)
@pytest.mark.parametrize("tells_size", [True, False])
async def test_a_file_comes_when_it_is_whole(tmp_path: Path, contents: tuple[bytes], tells_size: bool) -> None:
    gallery = Gallery()
    work, run = copies(ComfyUI(*contents, tells_size=tells_size), gallery, tmp_path)
    work.begin(run, [OUTPUT])
    await finish(work)
    assert gallery.files == {OUTPUT.item_id("run"): WHOLE}
    assert gallery.said == [("batch:progress", None), ("item:update", "complete")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "a.png is not there any more"),
        (b"", "a.png is still being written, or empty"),
        (b"half", "a.png was not taken by the gallery: This is no picture."),
        (b"x" * 101, "a.png has 0 MiB, and the gallery takes 0 MiB at most"),
    ],
)
async def test_what_cannot_be_copied_says_why_and_may_be_asked_for_again(
    tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    gallery, comfyui = Gallery(), ComfyUI(content)
    work, run = copies(comfyui, gallery, tmp_path)
    work.begin(run, [OUTPUT])
    await finish(work)
    assert run.copies == {OUTPUT.key: Copied.FAILED} and run.notes[0].startswith(sentence)
    comfyui.contents = [WHOLE]
    assert work.again(OUTPUT.item_id("run")) and not work.again(OUTPUT.item_id("run")) and not work.again("another")
    await finish(work)
    assert gallery.said[-1] == ("item:update", "complete") and run.copies == {OUTPUT.key: Copied.KEPT}
