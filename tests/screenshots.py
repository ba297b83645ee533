"""The README's pictures: ``make screenshots`` starts the demo, waits until there is something to see, and takes them.

``python -m tests.screenshots [FOLDER]``; the demo's own folder is a temporary one.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests import screenshots_comfyui
from tests.servers import ROOT, free_port

FINISHED = 9  # pictures
DEVELOPED = 35  # percent of the one at work
LONGEST_WAIT = 600.0  # seconds

AT_WORK = f"""() =>
  document.querySelectorAll(".item--finished").length >= {FINISHED} &&
  [...document.querySelectorAll(".item--developing [role=progressbar]")]
    .some((bar) => Number(bar.getAttribute("aria-valuenow")) >= {DEVELOPED})"""


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data_dir:
        url = f"http://127.0.0.1:{free_port()}"
        command = [sys.executable, "manage.py", "demo", "--port", url.rpartition(":")[2], "--data-dir", data_dir]
        demo = subprocess.Popen([*command, "--seed", "7"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            password = _read_password(demo)
            with sync_playwright() as playwright:
                args = ["--no-sandbox"]
                browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=args)
                comfyui = _open(browser, url, password, "dark", (1440, 780))
                screenshots_comfyui.take(comfyui, url, _read_token(Path(data_dir)), folder / "comfyui.png")
                take(browser, url, password, folder)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(30)


def _read_password(demo: subprocess.Popen[str]) -> str:
    for line in demo.stdout or ():
        if found := re.match(r"\s*ana\s+password\s+(\S+)", line):
            return found[1]
    raise RuntimeError("The demo ended before it said a password.")


def _read_token(data_dir: Path) -> str:
    return (data_dir / "worker-token").read_text().strip()


def take(browser: Browser, url: str, password: str, folder: Path) -> None:
    """The folder in the dark and by day, on a phone; the home page; one picture."""
    page = _open(browser, url, password, "dark", (1440, 900))
    _show_work(page, url)
    page.screenshot(path=folder / "folder-dark.png")
    for name, scheme, size in (("folder-light", "light", (1440, 900)), ("folder-phone", "dark", (390, 844))):
        other = _open(browser, url, password, scheme, size)
        _show_work(other, url)
        other.screenshot(path=folder / f"{name}.png")
        other.context.close()
    page.goto(page.locator(".item--finished .item__link").first.get_attribute("href") or "", wait_until="networkidle")
    page.screenshot(path=folder / "item.png")
    page.goto(url)
    page.wait_for_timeout(1500)
    page.screenshot(path=folder / "home.png")
    page.context.close()


def _open(browser: Browser, url: str, password: str, scheme: str, size: tuple[int, int]) -> Page:
    viewport = {"width": size[0], "height": size[1]}
    page = browser.new_context(base_url=url, viewport=viewport, color_scheme=scheme).new_page()
    page.goto("/login/")
    page.fill("input[name=username]", "ana")
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("#folders")
    return page


def _show_work(page: Page, url: str) -> None:
    page.goto(f"{url}/folders/first-light/")
    page.wait_for_function(AT_WORK, timeout=LONGEST_WAIT * 1000)
    time.sleep(1.5)  # cross-fades end


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots")
