"""Whole programs that use the client, and how they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.client.conftest import Place
from tests.servers import wait_until

PATIENCE = 60.0

ENDLESS = """
import time
from darkroom import Gallery
with Gallery() as gallery, gallery.batch("Endless", total=2) as batch:
    with batch.item("endless") as item:
        for step in item.track(iter(int, 1)):
            time.sleep(0.01)
"""
WITHOUT_CLOSE = """
from darkroom import Gallery
gallery = Gallery()
with gallery.batch("Forgetful") as batch, batch.item("forgetful") as item:
    for step in item.track(range(100)):
        pass
"""


def start(place: Place, program: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", program]
    environment = os.environ | place.env
    return subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True, preexec_fn=_hears_ctrl_c)


def _hears_ctrl_c() -> None:
    """As in a terminal: what a script starts in the background ignores it, and so does all that this starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    try:
        _, complained = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    return process.returncode, complained


def test_ctrl_c_in_a_terminal_ends_it_as_cancelled(place: Place) -> None:
    process = start(place, ENDLESS)
    wait_until(lambda: "endless" in place.items, PATIENCE)
    process.send_signal(signal.SIGINT)
    code, complained = ended(process)
    assert code == -signal.SIGINT and complained.rstrip().endswith("KeyboardInterrupt")
    assert place.state["batches"][0]["status"] == "cancelled"
    assert place.items["endless"]["message"] == "Stopped from the keyboard."


@pytest.mark.parametrize("ending", ["", "raise SystemExit(3)"], ids=["at its end", "by exit"])
def test_a_program_that_forgets_to_close_has_said_everything(place: Place, ending: str) -> None:
    code, complained = ended(start(place, WITHOUT_CLOSE + ending))
    assert (code, complained) == (3 if ending else 0, "")
    assert place.items["forgetful"]["status"] == "complete"
    assert place.state["batches"][0]["status"] == "complete"
