"""The task worker beside the servers: what it does is on the pages, what waits is counted, and it ends when asked."""

from __future__ import annotations

import signal

import httpx

from tests.clients import viewer
from tests.processes.conftest import Gallery
from tests.servers import wait_until


async def test_what_a_task_says_is_on_the_pages_of_another_process(gallery: Gallery) -> None:
    room, server = gallery.new_room(), gallery.server("daphne")
    gallery.task_worker.start()
    try:
        async with viewer(server, room.folder_id, gallery.cookies("bob")) as page:
            payload = {"batchId": f"t-{room.folder_id}", "total": 1, "label": "In the background"}
            gallery.call("enqueue", "say", "batch:start", payload | {"targetFolderId": room.folder_id})
            await page.wait_for_root(f"batch-t-{room.folder_id}", "In the background")
        gallery.call("enqueue", "fail")  # one that fails ends neither the worker nor what comes after it
        gallery.call("enqueue", "say", "batch:end", {"batchId": payload["batchId"], "status": "complete"})
        wait_until(lambda: gallery.call("task_states")[-2:] == ["FAILED", "SUCCESSFUL"], what="both tasks")
    finally:
        assert gallery.task_worker.stop() in (0, -signal.SIGTERM)  # the latter while it is still importing


def test_what_waits_is_counted_by_every_process(gallery: Gallery) -> None:
    server, headers = gallery.server("daphne"), {"Cookie": _cookie(gallery)}

    def figures() -> dict[str, float]:
        lines = httpx.get(f"{server.http}/metrics", headers=headers, timeout=30).text.splitlines()
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}

    before = figures()['darkroom_tasks{state="waiting"}']
    gallery.call("enqueue", "fail")
    assert figures()['darkroom_tasks{state="waiting"}'] == before + 1
    assert figures()["darkroom_tasks_oldest_seconds"] > 0
    gallery.task_worker.start()
    try:
        wait_until(lambda: figures()['darkroom_tasks{state="waiting"}'] == 0, what="the queue to be empty")
        assert figures()["darkroom_tasks_oldest_seconds"] == 0
    finally:
        gallery.task_worker.stop()


def _cookie(gallery: Gallery) -> str:
    return "; ".join(f"{name}={value}" for name, value in gallery.cookies("alice").items())


def test_a_task_worker_without_its_database_says_so_in_a_sentence(gallery: Gallery) -> None:
    env = gallery.env | {"DATABASE_URL": "postgres://darkroom@127.0.0.1:1/nowhere"}
    worker = type(gallery.task_worker)(env, gallery.folder / "away")
    worker.log_file.parent.mkdir(exist_ok=True)
    worker.start()
    assert worker.process is not None
    assert worker.process.popen.wait(30) == 1
    assert "Traceback" not in worker.log and "database" in worker.log
