"""A person with a browser of their own before a real gallery, and a worker at its HTTP door."""

from __future__ import annotations

import io
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from tests.factories import PASSWORD
from tests.processes.conftest import Gallery, Room
from tests.servers import Server

PATIENCE = 20_000  # milliseconds; a shared machine may be slow

WATCH_SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({type: "layout-shift", buffered: false});
"""


class Person:
    """Signs in at the real login page; whatever scripts say in the console besides network lines is an error."""

    def __init__(self, browser: Browser, server: Server, username: str, **options: Any) -> None:
        self.server = server
        self.context = browser.new_context(viewport={"width": 1200, "height": 900}, **options)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._console)
        if username:
            self.page.goto(f"{server.http}/login/")
            self.page.fill("input[name=username]", username)
            self.page.fill("input[name=password]", PASSWORD)
            self.page.press("input[name=password]", "Enter")
            self.page.wait_for_selector("#folders", state="attached")

    def _console(self, message: Any) -> None:
        network = ("WebSocket connection to", "Failed to load resource")
        if message.type in ("error", "warning") and not message.text.startswith(network):
            self.errors.append(message.text)

    def open(self, folder_id: str, query: str = "") -> None:
        """The folder's page, with its stream open; ``window.sameDocument`` tells later whether it was loaded anew."""
        self.page.goto(f"{self.server.http}/folders/{folder_id}/{query}")
        self.wait_until_live()
        self.page.evaluate("window.sameDocument = true")

    def wait_until_live(self) -> None:
        self.page.wait_for_selector("#connection[data-state=connected]", state="attached")

    def see(self, selector: str, text: str = "") -> Locator:
        """Wait until it is shown, with ``text`` in it."""
        found = self.page.locator(selector, has_text=text) if text else self.page.locator(selector)
        found.first.wait_for(state="visible")
        return found.first

    def miss(self, selector: str) -> None:
        """Wait until it is gone."""
        self.page.locator(selector).first.wait_for(state="detached")

    def watch_shifts(self) -> None:
        self.page.wait_for_timeout(700)  # what was pressed before counts as input for half a second
        self.page.evaluate(WATCH_SHIFTS)

    @property
    def shifts(self) -> float:
        return self.page.evaluate("window.shifts")

    @property
    def never_reloaded(self) -> bool:
        return self.page.evaluate("window.sameDocument === true")


class HttpWorker:
    """Ten lines of a worker."""

    def __init__(self, server: Server, room: Room) -> None:
        headers = {"Authorization": f"Bearer {room.secret}"}
        self.client = httpx.Client(base_url=server.http, headers=headers, timeout=30)

    def say(self, event: str, **payload: Any) -> dict[str, Any]:
        answer = self.client.post("/api/notify", json={"type": event, "payload": payload})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def start(self, batch_id: str, total: int, label: str = "Sunsets") -> None:
        self.say("batch:start", batchId=batch_id, total=total, label=label)

    def arrive(self, batch_id: str, item_id: str, index: int, **fields: Any) -> None:
        item = {"id": item_id, "name": f"Sunset {item_id}", "type": "image", "isPending": True} | fields
        self.say("batch:progress", batchId=batch_id, index=index, item=item)

    def put_preview(self, item_id: str, colour: str) -> None:
        self._put(f"/api/items/{item_id}/preview", picture(colour, (256, 192), "JPEG"), "image/jpeg")

    def put_media(self, item_id: str, colour: str) -> None:
        self._put(f"/api/items/{item_id}/media", picture(colour, (640, 480), "PNG"), "image/png")

    def _put(self, path: str, body: bytes, content_type: str) -> None:
        self.client.put(path, content=body, headers={"Content-Type": content_type}).raise_for_status()


def picture(colour: str, size: tuple[int, int], kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


def restart(gallery: Gallery, server: Server) -> None:
    """Kill the server outright and start it again on the same port."""
    server.kill()
    server.start()
