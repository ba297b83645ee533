"""A video that no browser plays, from its upload to the version that the task worker makes, over a killed worker."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.clients import viewer
from tests.media.samples import save_video
from tests.processes.conftest import Gallery
from tests.servers import wait_until


async def test_a_version_for_browsers_survives_a_killed_worker(lone: Gallery, tmp_path: Path) -> None:
    gallery = lone
    room, server = gallery.new_room(), gallery.server("daphne")
    headers = {"Authorization": f"Bearer {room.secret}"}
    film = save_video(tmp_path / "film.mkv", "mpeg4", size=(640, 480), seconds=30)

    def item() -> dict[str, str]:
        with httpx.Client(base_url=server.http, headers=headers, timeout=30) as client:
            return client.get(f"/api/items/{item_id}").json()

    async with viewer(server, room.folder_id, gallery.cookies("bob")) as page:
        with httpx.Client(base_url=server.http, headers=headers, timeout=60) as client:
            files = {"file": ("film.mkv", film.read_bytes(), "video/x-matroska")}
            answer = client.post(f"/api/folders/{room.folder_id}/items", files=files)
        assert answer.status_code == 201, answer.text
        item_id = answer.json()["items"][0]["id"]
        gallery.task_worker.start()
        try:
            await page.wait_for_root(f"item-{item_id}", "Making a version for browsers")
        finally:
            gallery.task_worker.kill()
        gallery.call("ask_again_for_renditions")
        gallery.task_worker.start()
        try:
            wait_until(lambda: bool(item()["renditionUrl"]), what="the version for browsers")
        finally:
            gallery.task_worker.stop()
    assert (item()["status"], item()["contentType"]) == ("complete", "video/x-matroska")
    played = httpx.get(server.http + item()["renditionUrl"], headers={"Range": "bytes=0-99"} | _cookie(gallery))
    assert (played.status_code, played.headers["Content-Type"]) == (206, "video/mp4")


def _cookie(gallery: Gallery) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in gallery.cookies("bob").items())}
