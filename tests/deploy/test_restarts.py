"""Servers and nginx restart while workers and pages are at it: nothing acknowledged is lost, every page is right."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import httpx
import pytest

from tests.clients import sign_in
from tests.deploy.audience import Page, Steady, fresh_page
from tests.deploy.conftest import Site
from tests.processes.conftest import Room

pytestmark = pytest.mark.alone  # five servers at once

PAGES = 20
ITEMS = 12
WORDS_A_SECOND = 25.0
BAR = 10.0  # seconds until the last page is right again, its random wait included
SLACK = 20.0  # of a machine that others use too


@asynccontextmanager
async def _audience(site: Site, room: Room) -> AsyncIterator[list[Page]]:
    pages = [Page(site.stack.nginx, room.folder_id, site.cookies("bob")) for _ in range(PAGES)]
    lives = [asyncio.ensure_future(page.live()) for page in pages]
    try:
        await _until(lambda: all(page.gaps for page in pages), "every page's first word")
        for page in pages:
            page.gaps.clear()
        yield pages
    finally:
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)


async def _until(is_so: Callable[[], bool], what: str, seconds: float = BAR + SLACK) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not is_so():
                await asyncio.sleep(0.02)
    assert is_so(), f"not within {seconds:.0f} s: {what}"


async def _work(worker: Steady, room: Room, is_over: asyncio.Event) -> dict[str, str]:
    """Progress on a few items until it is over, then all are finished; returns what each was last called."""
    batch = f"b-{room.folder_id}"
    await worker.say("start", "batch:start", batchId=batch, total=ITEMS, label="Through restarts")
    items = [f"{room.folder_id}-{number}" for number in range(ITEMS)]
    for item in items:
        new = {"id": item, "name": item, "type": "image", "isPending": True}
        await worker.say(f"add-{item}", "batch:progress", batchId=batch, item=new)
    count, names = 0, {}
    while not is_over.is_set():
        item = items[count % ITEMS]
        await worker.say(f"e{count}", "item:update", itemId=item, status="processing", progress=count % 101)
        count += 1
        await asyncio.sleep(1 / WORDS_A_SECOND)
    for item in items:
        names[item] = f"{item} after {count}"
        await worker.say(f"end-{item}", "item:update", itemId=item, status="complete", item={"name": names[item]})
    await worker.say("end", "batch:end", batchId=batch, status="complete")
    await worker.close()
    return names


@asynccontextmanager
async def _at_work(worker: Steady, room: Room, is_over: asyncio.Event) -> AsyncIterator[asyncio.Future[dict[str, str]]]:
    work = asyncio.ensure_future(_work(worker, room, is_over))
    try:
        yield work
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


def _check(site: Site, room: Room, worker: Steady, names: dict[str, str]) -> None:
    """What was acknowledged is in the database, at the very revision, and each item as it was last said to be."""
    kept = site.call("receipts", room.token_key)
    lost = {
        event: receipt
        for event, receipt in worker.acknowledged.items()
        if event not in kept or kept[event].get("revision") != receipt.get("revision")
    }
    assert not lost, f"{len(lost)} of {len(worker.acknowledged)} acknowledged events: {list(lost.items())[:3]}"
    state = site.call("folder_state", room.folder_id)
    assert {row["id"]: row["name"] for row in state["items"]} == names
    assert {row["status"] for row in state["items"]} == {"complete"}


async def _all_right(site: Site, room: Room, pages: list[Page]) -> None:
    with httpx.Client(base_url=site.stack.nginx.http, cookies=site.cookies("bob")) as client:
        revision, cards = fresh_page(client, room.folder_id)
    assert len(cards) == ITEMS
    await _until(lambda: all(page.revision == revision for page in pages), f"every page at {revision}")
    wrong = [page.shown for page in pages if page.shown != cards]
    assert not wrong, f"{len(wrong)} pages differ from a fresh one: {wrong[0]} instead of {cards}"
    assert not any(page.resets for page in pages)


async def test_a_rolling_restart_loses_nothing(site: Site) -> None:
    room, worker, is_over = site.new_room(), *_worker(site)
    worker.secret = room.secret
    await asyncio.to_thread(site.stack.wait_for_both)
    async with _at_work(worker, room, is_over) as work, _audience(site, room) as pages:
        for name in ("server1", "server2"):
            closed_before = sum(len(page.codes) for page in pages)
            took = await asyncio.to_thread(site.stack.stop, name)
            since = time.monotonic()
            await _until(partial(_have_heard, pages, closed_before), f"a page of {name} that hears it")
            await _until(lambda: all(page.revision >= _reached(worker) for page in pages), f"all pages without {name}")
            healed = time.monotonic() - since
            print(f"\n{name} ended within {took:.1f} s; all {PAGES} pages were up to date {healed:.1f} s later")
            await asyncio.to_thread(site.stack.start, name, alone=True)
            await asyncio.to_thread(site.stack.wait_for, name, "service_healthy")
        is_over.set()
        names = await asyncio.wait_for(work, BAR + SLACK)
        await _all_right(site, room, pages)
        await asyncio.to_thread(_check, site, room, worker, names)
        codes = [code for page in pages for code in page.codes]
        gaps = sorted(gap for page in pages for gap in page.gaps)
        print(
            f"\n{len(codes)} sockets closed: {sorted(map(str, set(codes)))}; longest silence of a page {gaps[-1]:.1f} s"
        )
        print(f"\n{len(worker.acknowledged)} events acknowledged, the slowest after {worker.longest_wait:.1f} s, over")
        print(f"{worker.connections} connections")
        assert set(codes) == {1012}
        assert gaps[-1] < BAR + SLACK


def _have_heard(pages: list[Page], closed_before: int) -> bool:
    return sum(len(page.codes) for page in pages) > closed_before


def _worker(site: Site) -> tuple[Steady, asyncio.Event]:
    return Steady(site.stack.nginx, ""), asyncio.Event()


def _reached(worker: Steady) -> int:
    """The revision of the newest receipt that is a moment old."""
    receipts = list(worker.acknowledged.values())[:-10]
    return max((receipt.get("revision", 0) for receipt in receipts), default=0)


async def test_nginx_may_be_reloaded_and_restarted(site: Site) -> None:
    room, worker, is_over = site.new_room(), *_worker(site)
    worker.secret = room.secret
    async with _at_work(worker, room, is_over) as work, _audience(site, room) as pages:
        await asyncio.to_thread(site.stack.reload_nginx)
        await asyncio.sleep(0.5)
        cookies = await asyncio.to_thread(sign_in, site.stack.nginx, "erin")
        assert cookies and not any(page.codes for page in pages), "a reload closes no open socket"
        since = time.monotonic()
        site.stack.processes["nginx"].kill()
        await asyncio.to_thread(site.stack.start, "nginx", alone=True)
        await _until(lambda: all(page.gaps for page in pages), "every page's return to nginx")
        print(f"\nnginx killed and started: all {PAGES} pages back after {time.monotonic() - since:.1f} s")
        is_over.set()
        names = await asyncio.wait_for(work, BAR + SLACK)
        await _all_right(site, room, pages)
        await asyncio.to_thread(_check, site, room, worker, names)
