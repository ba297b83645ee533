"""``USE_I18N = False``, in a time zone of its own: pages, their streams and refusals, in English and in UTC."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from tests.clients import viewer, worker
from tests.processes.conftest import Gallery
from tests.servers import ROOT

SETTINGS = "tests.processes.plain_settings"


@pytest.fixture(scope="module")
def plain(new_gallery: Callable[..., Gallery]) -> Gallery:
    return new_gallery("sqlite", DJANGO_SETTINGS_MODULE=SETTINGS)


async def test_pages_streams_and_refusals_are_in_english(plain: Gallery, kind: str) -> None:
    room, server = plain.new_room(), plain.server(kind)
    cookies, path = plain.cookies("bob"), f"/folders/{room.folder_id}/"
    async with (
        worker(server, room.secret) as sender,
        viewer(server, room.folder_id, cookies) as page,
        viewer(server, room.folder_id, cookies, language="de") as asks_for_german,
        httpx.AsyncClient(base_url=server.http, cookies=cookies, headers={"Accept-Language": "de"}) as client,
    ):
        batch = (await sender.say("batch:start", total=1, label="Plain"))["batchId"]
        item = {"name": "Sheet", "type": "image"}
        item_id = (await sender.say("batch:progress", batchId=batch, item=item))["itemId"]
        for stream in (page, asks_for_german):
            await stream.wait_for_root(f"item-{item_id}", "Done. Waiting for the file.")
            await stream.wait_for_root(f"batch-{batch}", "1 of 1")
        for address in ("/", path, f"{path}?sort=name", f"{path}panel/", f"/items/{item_id}/", "/actions/"):
            answer = await client.get(address)
            assert answer.status_code == 200, address
            assert "Darkroom" not in answer.text or '<html lang="en"' in answer.text, address
            assert "language=" not in answer.text, address
        shown = (await client.get(path)).text
        assert "Done. Waiting for the file." in shown
        moment = re.search(r'<time datetime="([^"]+)" data-time="exact">\d+ \w+ \d{4}, (\d\d:\d\d) UTC</time>', shown)
        assert moment is not None
        arrived = datetime.fromisoformat(moment[1])
        assert moment[2] == f"{arrived.astimezone(UTC):%H:%M}"
        assert abs((datetime.now(UTC) - arrived).total_seconds()) < 600

        missing = await client.get("/folders/nowhere/")
        assert missing.status_code == 404
        await page.say({"type": "lock", "itemId": item_id})
        refused = await page.wait_for_root("notice", "You may look at this folder, but not change it.")
        assert refused.roots["notice"].attributes["data-code"] == "forbidden"


def test_without_time_zones_the_start_is_refused(plain: Gallery) -> None:
    (plain.folder / "without_time_zones.py").write_text(f"from {SETTINGS} import *\nUSE_TZ = False\n")
    path = f"{plain.folder}:{ROOT}"
    env = plain.env | {"DJANGO_SETTINGS_MODULE": "without_time_zones", "PYTHONPATH": path}
    command = [sys.executable, str(ROOT / "manage.py"), "check"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "(gallery.E001) The gallery needs USE_TZ = True." in done.stderr
