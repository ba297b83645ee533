"""docs/deploy/README.md on SQLite, done as it says: a backup while the server runs, and its return."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.clients import sign_in
from tests.deploy.keeper import Keeper, restore_under_open_pages
from tests.documents import blocks
from tests.processes.conftest import Gallery
from tests.servers import run_command

BLOCKS = dict(blocks("deploy/README.md"))


async def test_sqlite_is_backed_up_while_it_runs(new_gallery: Callable[..., Gallery], tmp_path: Path) -> None:
    gallery = new_gallery("sqlite")
    server, room = gallery.server("uvicorn"), gallery.new_room()
    cookies = await asyncio.to_thread(sign_in, server, "bob")
    keeper = Keeper(server, room, cookies)
    data = gallery.folder

    def work(name: str) -> None:
        if name == "backup":
            path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
            env = os.environ | {"DATA_DIR": str(data), "PATH": path}
            subprocess.run(["bash", "-euc", BLOCKS["sqlite_backup"]], env=env, cwd=tmp_path, check=True)
            return
        server.stop()
        for path in data.glob("db.sqlite3*"):
            path.unlink()
        shutil.copy(tmp_path / "darkroom.sqlite3", data / "db.sqlite3")
        for command in (["migrate", "--noinput"], ["restored"]):
            run_command(gallery.env, *command)
        print(run_command(gallery.env, "verify", "--repair"))
        server.start()

    try:
        await restore_under_open_pages(keeper, server, cookies, work)
    finally:
        keeper.close()
