"""A task worker that is killed in the midst of a generator's run: people are told, and can ask again."""

from __future__ import annotations

import httpx

from tests.clients import viewer
from tests.processes.conftest import Gallery
from tests.servers import wait_until


async def test_a_run_whose_task_worker_is_killed_has_an_end(new_gallery: object) -> None:
    gallery: Gallery = new_gallery("sqlite", GENERATORS="tests.generators.Slow")  # type: ignore[operator]
    room, server = gallery.new_room(), gallery.server("daphne")
    cookies = gallery.cookies("erin")
    with httpx.Client(base_url=server.http, cookies=cookies, headers={"HX-Request": "true"}, timeout=30) as client:
        token = {"X-CSRFToken": cookies["csrftoken"], "Referer": server.http}
        async with viewer(server, room.folder_id, gallery.cookies("bob")) as page:
            asked = client.post(f"/folders/{room.folder_id}/generate/slow/", data={"run": "1"}, headers=token)
            assert asked.status_code == 204, asked.text
            gallery.task_worker.start()
            [batch] = gallery.call("rows", "Batch", ["id"], folder=room.folder_id)
            wait_until(lambda: gallery.call("rows", "Item", ["id"], batch=batch["id"]), what="the first item")
            gallery.task_worker.kill()
            gallery.call("change_rows", "GeneratorRun", batch["id"], seconds={"beat_due_at": -1})
            await page.wait_for_root(f"batch-{batch['id']}", "The task worker ended in the midst of it.")
            await page.wait_for_root(f"batch-{batch['id']}", "Try again")
            assert client.post(f"/batches/{batch['id']}/again/", headers=token).status_code == 204
        gallery.task_worker.start()
        try:
            wait_until(
                lambda: len(gallery.call("rows", "Item", ["id"], folder=room.folder_id)) == 2, what="the second run"
            )
        finally:
            gallery.task_worker.kill()
