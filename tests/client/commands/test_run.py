"""``darkroom run``: a command's progress and files are shown, and it ends as the command does."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.client.commands.helpers import PATIENCE, darkroom, ended, lines, png, start
from tests.client.conftest import Place
from tests.servers import wait_until

PYTHON = (sys.executable, "-u", "-c")
TQDM = """
import pathlib, sys, time
print("Loading the model")
for step in range(51):
    sys.stderr.write(f"\\r{2 * step:3d}%|###   | {step}/50 [00:0{step // 10}<00:0{5 - step // 10}, 10.00it/s]")
    sys.stderr.flush()
    time.sleep(0.02)
for number in range(int(sys.argv[1])):
    pathlib.Path(f"made-{number}.png").write_bytes(pathlib.Path("sample").read_bytes() + bytes([number]))
pathlib.Path("notes.txt").write_text("not a picture")
"""
ENDLESS = "import time\nfor step in range(10**6):\n    print(f'step {step}/1000000')\n    time.sleep(0.05)"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "sample").write_bytes(png())
    (tmp_path / "was-there.png").write_bytes(png())
    return tmp_path


def batch_of(place: Place) -> dict[str, Any]:
    [batch] = place.state["batches"]
    return batch


def test_files_become_items_and_progress_is_shown(place: Place, here: Path) -> None:
    code, said, complained = darkroom(
        place, "run", "--label", "Two pictures", "--total", "2", "--json", "--", *PYTHON, TQDM, "2", cwd=here
    )
    assert code == 0, complained
    told = lines(said)
    assert [line["event"] for line in told if line["event"] in ("start", "item", "end")] == [
        "start", "item", "item", "end",
    ]  # fmt: skip
    assert [line for line in told if line["event"] == "progress" and "of 50" in line["message"]]
    assert "Loading the model" in complained, "what it prints goes on"
    assert sorted(place.items) == ["made-0.png", "made-1.png"]
    assert all(item["status"] == "complete" and item["mediaUrl"] for item in place.items.values())
    batch = place.gallery.call("rows", "Batch", ["label", "progress", "status"], id=batch_of(place)["id"])[0]
    assert batch == {"label": "Two pictures", "progress": 100, "status": "complete"}


@pytest.mark.parametrize(
    ("script", "code", "message"),
    [
        ("import sys; sys.exit('no such model')", 1, "Ended with 1. no such model"),
        ("import sys; sys.exit(42)", 42, "Ended with 42."),
        ("import os; os.kill(os.getpid(), 9)", 137, "Ended with 137."),
    ],
)
def test_the_exit_code_is_passed_on(script: str, code: int, message: str, place: Place, here: Path) -> None:
    assert darkroom(place, "run", "--", *PYTHON, script, cwd=here)[0] == code
    assert (batch_of(place)["status"], batch_of(place)["message"]) == ("error", message)


def test_what_was_written_before_it_failed_is_kept(place: Place, here: Path) -> None:
    script = TQDM + "\nsys.exit(3)"
    assert darkroom(place, "run", "--quiet", "--", *PYTHON, script, "1", cwd=here)[0] == 3
    assert place.items["made-0.png"]["status"] == "complete" and batch_of(place)["status"] == "error"


def test_cancel_in_the_gallery_ends_the_command(place: Place, here: Path) -> None:
    run = start(place, "run", "--", *PYTHON, ENDLESS, cwd=here)
    wait_until(lambda: place.state["batches"], PATIENCE)
    place.gallery.call("ask_to_cancel", batch_of(place)["id"])
    code, _, complained = ended(run)
    assert code == 128 + signal.SIGTERM and "Cancelled in the gallery" in complained
    assert batch_of(place)["status"] == "cancelled"


def test_ctrl_c_ends_both_and_is_said(place: Place, here: Path) -> None:
    run = start(place, "run", "--", *PYTHON, ENDLESS, cwd=here)
    wait_until(lambda: place.state["batches"], PATIENCE)
    run.send_signal(signal.SIGTERM)
    assert ended(run)[0] == 128 + signal.SIGTERM
    assert (batch_of(place)["status"], batch_of(place)["message"]) == ("cancelled", "Stopped where it ran.")


def test_a_command_is_not_kept_from_its_work_by_the_gallery(place: Place, here: Path) -> None:
    script = "print('worked'); open('result.png', 'wb').write(open('sample', 'rb').read())"
    bobs = place.gallery.call("make_token", "bob")[1]
    for arguments, variables in (
        ((), {"DARKROOM_TOKEN": "nobody's"}),
        (("--folder", place.room.folder_id), {"DARKROOM_TOKEN": bobs}),
    ):
        (here / "result.png").unlink(missing_ok=True)
        code, said, complained = darkroom(place, "run", *arguments, "--", *PYTHON, script, cwd=here, **variables)
        assert (code, said) == (5, "worked\n"), complained
        assert "goes on without the gallery" in complained and "Traceback" not in complained


def test_what_makes_no_sense_is_a_sentence_and_a_code(place: Place, here: Path) -> None:
    (here / "text").write_text("no program")
    for code, sentence, arguments in (
        (127, "absent was not found", ("--", "absent")),
        (126, "cannot be run", ("--", "./text")),
        (2, "is no folder", ("--out", "absent", "--", "true")),
        (2, "1 to 100,000", ("--total", "0", "--", "true")),
    ):
        ended_with, _, complained = darkroom(place, "run", *arguments, cwd=here)
        assert (ended_with, sentence in complained) == (code, True), complained
    assert place.state["batches"] == []
