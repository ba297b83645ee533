"""What the Python client costs the loop that it reports, and what it keeps while the gallery is away."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from typing import Any

from tests.benchmarks.client_loop import ROUNDS, STEPS
from tests.benchmarks.figures import Figure, shown
from tests.benchmarks.parts import darkroom
from tests.servers import ROOT, free_port

OVERHEAD_BAR = 5  # percent
AWAY_BAR = 64  # MiB


def measure() -> list[Figure]:
    """CPU of the loop's process beside the time that the loop takes: what others do on the machine makes it longer, and
    so the number of reports."""
    with darkroom("uvicorn") as room:
        times = _run("overhead", room.server.http, room.headers["Authorization"].removeprefix("Bearer "))
    bare, reported, wall = (statistics.median(times[name]) for name in ("bare", "reported", "wall"))
    detail = (
        f"CPU {shown(1000 * bare)} ms bare, {shown(1000 * reported)} ms reported, in {shown(1000 * wall)} ms; medians"
    )
    detail += f" of {ROUNDS} each, in turns"
    overhead = Figure(
        f"client, a loop of {STEPS} steps of 10 ms: CPU added", max(0.0, 100 * (reported - bare) / wall), "%",
        OVERHEAD_BAR, detail=detail,
    )  # fmt: skip
    away = _run("away", f"http://127.0.0.1:{free_port()}", "token")
    detail = f"{away['waiting']:,} events wait, {away['refused']:,} more were refused"
    kept = Figure(
        "client, memory grown while the gallery is away", away["grown"] / 2**20, "MiB", AWAY_BAR, detail=detail
    )
    return [overhead, kept]


def _run(what: str, url: str, token: str) -> dict[str, Any]:
    env = os.environ | {"DARKROOM_URL": url, "DARKROOM_TOKEN": token, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.benchmarks.client_loop", what]
    return json.loads(subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
