"""``darkroom watch``: files become items at the right moment, over restarts and without doubling."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.client.commands.helpers import PATIENCE, darkroom, ended, lines, png, start, wait_for_items
from tests.client.conftest import Place
from tests.servers import wait_until

SWIFT = ("--still", "0.3")


@pytest.fixture
def renders(tmp_path: Path) -> Path:
    folder = tmp_path / "renders"
    folder.mkdir()
    return folder


@contextmanager
def _growing(path: Path) -> Iterator[None]:
    """Whoever looks at it so far would see a picture; a process of its own, which waits for nobody, writes on."""
    script = "import sys, time\nwhile True:\n    open(sys.argv[1], 'ab').write(b'0')\n    time.sleep(0.02)"
    writer = subprocess.Popen([sys.executable, "-c", script, str(path)])
    try:
        yield
    finally:
        writer.kill()
        writer.wait()


def test_what_appears_becomes_an_item_and_a_growing_file_waits(place: Place, renders: Path) -> None:
    (renders / "was-there.png").write_bytes(png())
    watch = start(place, "watch", "renders", "--json", "--still", "2", cwd=renders.parent)
    assert watch.stdout is not None and "watching" in watch.stdout.readline()
    (renders / "deep").mkdir()
    (renders / "at-once.png").write_bytes(png(20))
    (renders / "deep" / "er.png").write_bytes(png(30))
    (renders / "grows.png").write_bytes(png(10))
    with _growing(renders / "grows.png"):
        wait_until(lambda: "at-once.png" in place.items, PATIENCE)  # which is as old as this one
        assert "grows.png" not in place.items
    wait_for_items(place, "at-once.png", "deep/er.png", "grows.png")
    watch.send_signal(signal.SIGINT)
    code, said, complained = ended(watch)
    assert code == 0, complained
    assert [line["event"] for line in lines(said) if line["event"] in ("item", "end")] == ["item"] * 3 + ["end"]
    assert len(place.state["items"]) == 3 and place.items["grows.png"]["width"] == 32
    assert {batch["status"] for batch in place.state["batches"]} == {"complete"}


def test_restarts_double_nothing_and_miss_nothing(place: Place, renders: Path) -> None:
    once = ("watch", "renders", "--existing", "--once", *SWIFT)
    for number in range(5):
        (renders / f"{number}.png").write_bytes(png(number))
    assert darkroom(place, *once, cwd=renders.parent)[0] == 0
    wait_for_items(place, "0.png", "4.png")
    revision = place.state["revision"]
    (renders / "4.png").touch()  # the same picture
    assert darkroom(place, *once, cwd=renders.parent)[0] == 0
    assert place.state["revision"] == revision
    (renders / "5.png").write_bytes(png(5))
    (renders / ".darkroom-watch.jsonl").unlink()  # and all that it knew
    assert darkroom(place, *once, cwd=renders.parent)[0] == 0
    assert sorted(item["name"] for item in place.state["items"]) == [f"{number}.png" for number in range(6)]


def test_kill_nine_in_the_middle_doubles_nothing_and_misses_nothing(place: Place, renders: Path) -> None:
    for number in range(30):
        (renders / f"{number}.png").write_bytes(png(number))
    once = ("watch", "renders", "--existing", "--once", *SWIFT)
    watch = start(place, *once, cwd=renders.parent)
    wait_until(lambda: len(place.items) > 3, PATIENCE)
    watch.kill()
    assert ended(watch)[0] == -signal.SIGKILL
    assert darkroom(place, *once, cwd=renders.parent)[0] == 0
    assert sorted(place.items) == sorted(f"{number}.png" for number in range(30)) and len(place.state["items"]) == 30
    assert {item["status"] for item in place.items.values()} == {"complete"}
    assert all(item["mediaUrl"] for item in place.items.values())
    assert {batch["status"] for batch in place.state["batches"]} == {"partial", "complete"}, "none is left open"


def test_what_the_gallery_does_not_take_is_said_and_the_rest_is_taken(place: Place, renders: Path) -> None:
    (renders / "a-liar.png").write_bytes(b"no PNG at all")
    with (renders / "b-large.mp4").open("wb") as file:
        file.truncate(2 * 2**30)
    (renders / "c-fine.png").write_bytes(png())
    os.utime(renders / "c-fine.png")
    code, said, _ = darkroom(place, "watch", "renders", "--existing", "--once", "--json", *SWIFT, cwd=renders.parent)
    assert code == 5
    refused = {Path(line["path"]).name: line["message"] for line in lines(said) if line["event"] == "refused"}
    assert refused.keys() == {"a-liar.png", "b-large.mp4"} and "1,024 MiB at most" in refused["b-large.mp4"]
    assert place.items["c-fine.png"]["status"] == "complete"
    assert place.items["a-liar.png"]["status"] == "error" and place.items["a-liar.png"]["message"]


def test_what_makes_no_sense_is_a_sentence_and_a_code(place: Place, renders: Path) -> None:
    def told(code: int, sentence: str, *arguments: str, where: Place | None = place, **variables: str) -> None:
        ended_with, _, complained = darkroom(where, "watch", *arguments, *SWIFT, cwd=renders.parent, **variables)
        assert (ended_with, sentence in complained, "Traceback" in complained) == (code, True, False), complained

    (renders / "a.png").write_bytes(png())
    told(3, "absent is no folder", "absent")
    told(2, "Say where the gallery is", "renders", where=None)
    told(2, "Give the worker's token", "renders", where=None, DARKROOM_URL=place.server.http)
    told(2, "cannot be read", "renders", "--token-file", "absent")
    told(4, "does not accept the token", "renders", "--existing", "--once", DARKROOM_TOKEN="nobody's")
    bobs = place.gallery.call("make_token", "bob")[1]
    told(4, "folder", "renders", "--folder", place.room.folder_id, "--existing", "--once", DARKROOM_TOKEN=bobs)
    assert place.items == {}
    (renders / ".darkroom-watch.jsonl").unlink()
    assert darkroom(place, "watch", "renders", "--once", *SWIFT, cwd=renders.parent)[0] == 0
    assert place.items == {}, "what was there at the first start is not meant"
