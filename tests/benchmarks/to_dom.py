"""From an event's send to the changed page in a real Chromium, beside a bare broadcast to the same browser."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
from playwright.sync_api import Browser, Page, sync_playwright
from websockets.sync.client import connect

from tests.benchmarks.figures import Figure, median, quantile, shown
from tests.benchmarks.parts import Darkroom, broadcast_server, darkroom
from tests.servers import find_program

EVENTS = 60
PAUSE = (0.1, 0.2)  # seconds: longer than a tick, so that each event finds an idle hub
PAUSE_ELSEWHERE = (0.25, 0.5)  # for the other process: at any moment between two looks of the poll

BAR_MS = 100.0
BAR_ELSEWHERE_MS = 500.0

# When did the page show each step? The observer is called right after the swap.
WATCH = """() => {
  window.shownAt = {};
  new MutationObserver(() => {
    const now = performance.timeOrigin + performance.now();
    const step = /step (\\d+)\\./.exec(document.getElementById("item-b-0-progress")?.textContent ?? "");
    if (step && !(step[1] in shownAt)) shownAt[step[1]] = now;
  }).observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true});
}"""
BARE_PAGE = """url => new Promise((opened) => {
  document.body.innerHTML = '<div id="item-b-0-progress"></div>';
  const socket = new WebSocket(url);
  socket.onmessage = (event) => { document.getElementById("item-b-0-progress").outerHTML = event.data; };
  socket.onopen = opened;
})"""
CLOCK = "() => performance.timeOrigin + performance.now()"

Send = Callable[[int], None]


def measure() -> list[Figure]:
    """p95 of each door on each server."""
    figures = []
    with chromium() as browser:
        with bare(browser) as (page, send):
            yardstick = follow(page, send, PAUSE)
        for kind in ("daphne", "uvicorn"):
            with darkroom(kind) as room:
                room.begin(1)
                page = browser.new_page()
                page.goto(f"{room.server.http}/folders/{room.folder_id}/")
                page.wait_for_selector("#connection[data-state=connected]", state="attached")
                for name, door, pause, bar in (
                    ("HTTP door", over_http, PAUSE, BAR_MS),
                    ("WebSocket door", over_socket, PAUSE, BAR_MS),
                    ("another process, same SQLite file", elsewhere, PAUSE_ELSEWHERE, BAR_ELSEWHERE_MS),
                ):
                    with door(room) as send:
                        took = follow(page, send, pause)
                    figures.append(_figure(f"{name}, {kind}", took, yardstick, bar))
                page.close()
    return figures


def _figure(name: str, took: list[float], yardstick: list[float], bar: float) -> Figure:
    ratio = median(took) / median(yardstick)
    detail = (
        f"median {shown(median(took))} ms, {shown(ratio)} times a bare broadcast to the same browser "
        f"({shown(median(yardstick))} ms, p95 {shown(quantile(yardstick, 0.95))})"
    )
    failed = "" if len(took) == EVENTS else f"{len(took)} of {EVENTS} events seen"
    return Figure(f"{name}: p95 from send to DOM", quantile(took, 0.95), "ms", bar, detail=detail, failed=failed)


def follow(page: Page, send: Send, pause: tuple[float, float]) -> list[float]:
    """Milliseconds from each event's send to the page that shows it."""
    page.evaluate(WATCH)
    ahead = _clock_ahead(page)
    sent = []
    for number in range(EVENTS):
        time.sleep(random.uniform(*pause))
        sent.append(time.time() * 1000)
        send(number)
    time.sleep(1)
    seen = page.evaluate("window.shownAt")
    return [seen[str(number)] - ahead - sent[number] for number in range(EVENTS) if str(number) in seen]


def _clock_ahead(page: Page) -> float:
    """Milliseconds by which the browser's clock is ahead: one machine has one clock, but pages keep their own start."""
    asked = []
    for _ in range(20):
        before = time.time() * 1000
        said = page.evaluate(CLOCK)
        after = time.time() * 1000
        asked.append((after - before, said - (before + after) / 2))
    return min(asked)[1]


def _progress(number: int) -> tuple[str, dict[str, object]]:
    payload = {"itemId": "b-0", "status": "processing", "progress": number % 100, "message": f"step {number}."}
    return "item:update", payload


@contextmanager
def over_http(room: Darkroom) -> Iterator[Send]:
    with httpx.Client(base_url=room.server.http, headers=room.headers) as client:

        def send(number: int) -> None:
            event, payload = _progress(number)
            client.post("/api/notify", json={"type": event, "payload": payload}).raise_for_status()

        yield send


@contextmanager
def over_socket(room: Darkroom) -> Iterator[Send]:
    with connect(f"{room.server.ws}/ws/notify/", additional_headers=room.headers, compression=None) as worker:

        def send(number: int) -> None:
            event, payload = _progress(number)
            worker.send(json.dumps({"type": event, "payload": payload}))
            assert json.loads(worker.recv())["type"] == "ack"

        yield send


@contextmanager
def elsewhere(room: Darkroom) -> Iterator[Send]:
    """The Python door in a process that is no server: its doorbell reaches nobody, the poll must see it."""
    yield lambda number: room.backstage.call("notify", *_progress(number))


@contextmanager
def bare(browser: Browser) -> Iterator[tuple[Page, Send]]:
    """The yardstick: a bare server, and a page that puts what comes into an element."""
    with broadcast_server() as (_, port):
        page = browser.new_page()
        page.evaluate(BARE_PAGE, f"ws://127.0.0.1:{port}/")
        with connect(f"ws://127.0.0.1:{port}/send", compression=None) as sender:

            def send(number: int) -> None:
                sender.send(f'<div id="item-b-0-progress">step {number}.{" " * 900}</div>')
                sender.recv()

            yield page, send
        page.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # A page without an address of its own would not be let to talk to this machine.
        args = ["--no-sandbox", "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests"]
        browser = playwright.chromium.launch(executable_path=find_program("chromium"), args=args)
        yield browser
        browser.close()
