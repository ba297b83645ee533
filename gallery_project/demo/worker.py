"""The demo's worker: a process of its own that knows of the gallery only its WebSocket and HTTP doors.

``DARKROOM_TOKEN=… python -m gallery_project.demo.worker --url http://127.0.0.1:8000``

It renders one picture at a time on one core, at low priority, in batches with a rest between them, and keeps at most
300 pictures in the folder: beyond that its oldest are removed.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from gallery_project.demo.environment import ONE_THREAD
from gallery_project.demo.exit_codes import TOKEN_REFUSED

for name in ONE_THREAD:  # read when numpy is imported, which happens below
    os.environ.setdefault(name, "1")

from darkroom import TokenRefused  # noqa: E402
from gallery_project.demo.session import PACES  # noqa: E402
from gallery_project.demo.studio import Memory, Studio  # noqa: E402

NICENESS = 10  # the gallery and the browser come first
GOODBYE_SECONDS = 1.5


def main() -> int:
    parser = argparse.ArgumentParser(description="Renders pictures for a Darkroom gallery.")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="of the gallery (default: %(default)s)")
    parser.add_argument("--token-file", type=Path, help="holds the token; else DARKROOM_TOKEN has it")
    parser.add_argument("--state-file", type=Path, help="where it notes how far it is, to go on there")
    parser.add_argument("--speed", choices=sorted(PACES), default="real", help="fast: small pictures, for tests")
    parser.add_argument("--seed", type=int, help="the same pictures in the same order each time")
    options = parser.parse_args()
    token = options.token_file.read_text().strip() if options.token_file else os.environ.get("DARKROOM_TOKEN", "")
    if not token:
        parser.error("give the token as DARKROOM_TOKEN or with --token-file")
    logging.basicConfig(format="worker: %(message)s", level=os.environ.get("DEMO_LOG_LEVEL", "WARNING"))
    logging.getLogger("httpx").setLevel("WARNING")
    with suppress(OSError, AttributeError):
        os.nice(NICENESS)
    memory = Memory.load(options.state_file, options.seed)
    return asyncio.run(work(options.url, token, options.speed, memory, options.state_file))


async def work(url: str, token: str, speed: str, memory: Memory, state_file: Path | None) -> int:
    studio = Studio(url.rstrip("/"), token, PACES[speed], memory, state_file)
    tasks = [asyncio.ensure_future(studio.gallery.run()), asyncio.ensure_future(studio.run())]
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    stopped = asyncio.ensure_future(stopping.wait())
    try:
        done, _ = await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopped}:
            task.result()
        await studio.leave(GOODBYE_SECONDS)
        return 0
    except TokenRefused:
        print("worker: the gallery does not accept the token; it may be unknown, expired or revoked.", file=sys.stderr)
        return TOKEN_REFUSED
    finally:
        for task in [*tasks, stopped]:
            task.cancel()
        await asyncio.gather(*tasks, stopped, return_exceptions=True)
        await studio.gallery.close(0)


if __name__ == "__main__":
    sys.exit(main())
