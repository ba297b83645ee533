"""docs/deploy/README.md, done as it says: backup, restore and upgrade of what compose.yaml starts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.deploy.conftest import Site
from tests.deploy.keeper import Keeper, restore_under_open_pages
from tests.documents import blocks

pytestmark = pytest.mark.alone  # five servers at once

BLOCKS = dict(blocks("deploy/README.md"))


async def test_postgresql_is_backed_up_and_restored_as_the_page_says(site: Site, tmp_path: Path) -> None:
    room, cookies = site.new_room(), site.cookies("bob")
    keeper = Keeper(site.stack.nginx, room, cookies)
    try:
        await restore_under_open_pages(
            keeper, site.stack.nginx, cookies, lambda name: site.stack.docker.shell(BLOCKS[name], tmp_path)
        )
        incoming = Path(site.stack.place("/data/media/items"))
        assert incoming.is_dir()
    finally:
        keeper.close()


async def test_an_upgrade_as_the_page_says_goes_unnoticed(site: Site, tmp_path: Path) -> None:
    room, cookies = site.new_room(), site.cookies("bob")
    keeper = Keeper(site.stack.nginx, room, cookies)
    before = [site.stack.processes[name].popen.pid for name in ("server1", "server2", "tasks", "notify")]
    codes: set[int] = set()
    try:
        upgrade = asyncio.ensure_future(asyncio.to_thread(site.stack.docker.shell, BLOCKS["upgrade"], tmp_path))
        while not upgrade.done():
            answer = await asyncio.to_thread(keeper.person.get, f"/folders/{room.folder_id}/")
            codes.add(answer.status_code)
            await asyncio.sleep(0.1)
        await upgrade
        after = [site.stack.processes[name].popen.pid for name in ("server1", "server2", "tasks", "notify")]
        assert not set(before) & set(after)
        assert codes == {200}
    finally:
        keeper.close()
