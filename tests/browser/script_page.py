"""A folder's page in a browser, with the fake gallery behind it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser import fragments as f
from tests.browser.fake_gallery import FakeGallery, wait_until

PATH = "/folders/F/"


class ScriptPage:
    """The page and its gallery; whatever lands in the console besides the browser's own network lines is an error."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        self.gallery = FakeGallery()
        self.context = browser.new_context(viewport={"width": 900, "height": 600}, **options)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(8000)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._console)
        self.page.route("**/*", self.gallery.answer)

    def _console(self, message: Any) -> None:
        own_lines = ("WebSocket connection to", "Failed to load resource")
        if message.type in ("error", "warning") and not message.text.startswith(own_lines):
            self.errors.append(message.text)

    def open(
        self, *cards: str, path: str = PATH, connected: bool = True, main: str = "", grid: Any = None, **facts: Any
    ) -> None:
        """Show a page with these cards and wait for its socket."""
        self.gallery.answers[path] = self.gallery.page(main or f.grid(*cards, **(grid or {})), **facts)
        self.page.goto(self.gallery.url + path)
        if connected:
            self.connected()

    def connected(self) -> None:
        self.page.wait_for_selector("#connection[data-state=connected]", state="attached")
        self.wait(lambda: self.gallery.connections, "the gallery to hear of it too")

    def frame(self, *fragments: str, revision: int | None = None) -> None:
        """Send a frame and wait until it has been swapped."""
        before = self.page.evaluate(
            "window.swapped ??= (document.addEventListener('darkroom:changed', () => window.swapped++), 0)"
        )
        self.gallery.send(*fragments, "" if revision is None else f.revision(revision))
        self.page.wait_for_function("before => window.swapped > before", arg=before)

    def ids(self, region: str = "grid") -> list[str]:
        """What the region shows, in order, without the ``item-`` in front."""
        ids = self.page.eval_on_selector_all(f"#{region} > *", "all => all.map(one => one.id)")
        return [one.removeprefix("item-").removeprefix("placeholder-") for one in ids]

    def shown_revision(self) -> int:
        return int(self.page.get_attribute("#revision", "data-revision") or -1)

    def wait(self, holds: Any, what: str = "", seconds: float = 8) -> None:
        wait_until(self.page, holds, what, seconds)

    def end(self) -> None:
        self.context.close()
        self.gallery.end()
