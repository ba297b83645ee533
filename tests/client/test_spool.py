"""The outbox in a file: what was said survives the worker, whatever kills it, and is applied once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from darkroom import AsyncGallery, DarkroomError, OutboxFull
from darkroom.events import Event
from darkroom.outbox import Outbox
from darkroom.spool import IDLE_LINES, Spool
from tests.client.conftest import Place

EVENTS = 300

# Says its events as fast as it can and dies of its own hand in the middle, after one that it has not been told of.
WORKER = """
import asyncio, os, signal, sys
from darkroom import AsyncGallery
async def main():
    gallery = AsyncGallery(spool=sys.argv[1])
    if sys.argv[2] == "first":
        gallery.say("batch:start", {"batchId": sys.argv[4], "total": 1000, "label": "Spooled"})
        for number in range(int(sys.argv[3])):
            item = {"id": f"{sys.argv[4]}-{number}", "name": str(number), "type": "image", "isPending": True}
            gallery.say("batch:progress", {"batchId": sys.argv[4], "item": item})
            gallery.progress("item:update", {"itemId": item["id"], "status": "processing", "progress": 1})
            if number % 20 == 0:
                await asyncio.sleep(0.005)
        print("said", gallery.waiting, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    gallery.say("batch:end", {"batchId": sys.argv[4], "status": "complete"})
    print("waiting", gallery.waiting, flush=True)
    await gallery.close(60)
asyncio.run(main())
"""


def end(item: str) -> Event:
    return Event("item:update", {"itemId": item, "status": "complete"})


@pytest.mark.parametrize("there", [True, False], ids=["gallery there", "gallery away at first"])
def test_kill_nine_of_the_worker_loses_and_doubles_nothing(there: bool, place: Place, tmp_path: Path) -> None:
    spool, name = tmp_path / "outbox.jsonl", f"spooled-{there}"
    env = os.environ | place.env
    away = env | {"DARKROOM_URL": "http://127.0.0.1:1"}

    def work(turn: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", WORKER, str(spool), turn, str(EVENTS), name]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)

    assert (first := work("first", env if there else away)).returncode == -signal.SIGKILL, first.stderr
    second = work("second", env)
    assert second.returncode == 0 and "were not taken" not in second.stderr, second.stderr
    assert int(second.stdout.split()[1]) > 1
    state = place.state
    assert [item["id"] for item in sorted(state["items"], key=lambda item: item["slot"])] == [
        f"{name}-{number}" for number in range(EVENTS)
    ]
    assert state["batches"][0]["status"] == "complete"
    assert spool.read_bytes() == b""


def test_only_whole_lines_count(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    kept, torn = end("kept"), end("torn")
    path.write_text(f'{kept.text}\n{end("done").text}\n{{"done": "nobody"}}\nno json\n[]\n{torn.text[:-9]}')
    spool = Spool(path)
    assert [event.payload["itemId"] for event in spool.load()] == ["kept", "done"]
    spool.close()


async def test_answered_events_leave_the_file_and_progress_is_never_in_it(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    box = Outbox(10, 10_000, Spool(path))
    box.add(end("a"))
    box.report("item:update", {"itemId": "b", "status": "processing", "progress": 1})
    box.add(end("c"))
    assert [b"processing" in line for line in path.read_bytes().splitlines()] == [False, False]
    box.remove(box.head()[0])
    box.close()
    again = Outbox(10, 10_000, Spool(path))
    assert [event.payload["itemId"] for event in again.head()] == ["c"]
    again.remove(again.head()[0])
    assert path.read_bytes() == b""
    again.close()


async def test_the_file_does_not_grow_with_what_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    box = Outbox(10, 100_000, Spool(path))
    box.add(end("stays"))
    for number in range(IDLE_LINES):
        event = end(str(number))
        box.add(event)
        box.remove(event)
    assert len(path.read_bytes().splitlines()) <= IDLE_LINES + 10
    box.close()


async def test_a_second_worker_is_told_that_the_file_is_taken(tmp_path: Path) -> None:
    first = AsyncGallery("http://127.0.0.1:1", "token", spool=tmp_path / "outbox.jsonl")
    with pytest.raises(DarkroomError, match="another worker's outbox"):
        AsyncGallery("http://127.0.0.1:1", "token", spool=tmp_path / "outbox.jsonl")
    await first.close(0)
    await AsyncGallery("http://127.0.0.1:1", "token", spool=tmp_path / "outbox.jsonl").close(0)


async def test_a_full_disk_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    spool = Spool(tmp_path / "outbox.jsonl")
    box = Outbox(10, 10_000, spool)
    spool._file.close()
    spool._file = open("/dev/full", "ab", buffering=0)  # noqa: SIM115
    with pytest.raises(OutboxFull, match="No space left on device"):
        box.add(end("a"))
    box.add(end("b"), even_if_full=True)
    assert [event.payload["itemId"] for event in box.head()] == ["b"] and "No space left" in caplog.text
    box.close()
