"""docs/install.md, done as it says: a new project, the wheel, the page's own blocks, and a page that is live."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.clients import sign_in, viewer
from tests.documents import blocks
from tests.servers import Process, free_port
from tests.test_wheel import build_wheel

PASSWORD = "open sesame, please"


@dataclass
class Site:
    """Somebody's project with the gallery in it."""

    folder: Path
    packages: Path
    port: int

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """Only the installed wheel and the project are there; this repository is not."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "DATA", "SECRET"))}
        path = os.pathsep.join([str(self.folder), str(self.packages)])
        return kept | {"PYTHONPATH": path, "DJANGO_SUPERUSER_PASSWORD": PASSWORD}

    def python(self, *arguments: str) -> str:
        """Python without the current folder on its path."""
        command = [sys.executable, "-P", *arguments]
        done = subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def manage(self, *arguments: str) -> str:
        return self.python("manage.py", *arguments)

    @property
    def log(self) -> str:
        return (self.folder / "daphne.log").read_text()

    def serves(self) -> bool:
        try:
            return httpx.get(f"{self.http}/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("mysite"), tmp_path_factory.mktemp("packages"), free_port())
    wheel = build_wheel(tmp_path_factory.mktemp("wheel"))
    site.python(
        "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site.packages), str(wheel)
    )
    site.python("-m", "django", "startproject", "mysite", ".")
    follow_the_page(site.folder)
    site.manage("migrate", "--verbosity", "0")
    site.manage("collectstatic", "--no-input", "--verbosity", "0")
    site.manage("createsuperuser", "--no-input", "--username", "ana", "--email", "ana@example.org")
    # Daphne puts the folder in which it starts first on its path: that must be the project's, not this repository's.
    there = ["sh", "-c", 'cd "$0" && exec "$@"', str(site.folder)]
    daphne = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(site.port), "mysite.asgi:application"]
    server = Process([*there, *daphne], site.folder / "daphne.log", env=site.env)
    try:
        server.wait_for(site.serves, "the project")
        yield site
    finally:
        server.kill()


def follow_the_page(folder: Path) -> None:
    """Put each of the page's blocks where the page says."""
    code = dict(blocks("install.md"))
    others = {"urls", "asgi", "views", "topbar"}
    settings = folder / "mysite" / "settings.py"
    parts = ("settings", "sqlite", "static", "signin", "tasks", "templates")
    assert code.keys() == {*parts, *others}
    settings.write_text(settings.read_text() + "".join(code[part] for part in parts))
    route = 'from mysite.views import start_sunset\n\nurlpatterns.insert(0, path("start/", start_sunset))\n'
    (folder / "mysite" / "urls.py").write_text(code["urls"] + route)
    (folder / "mysite" / "asgi.py").write_text(code["asgi"])
    (folder / "mysite" / "views.py").write_text(code["views"])
    (folder / "templates" / "gallery").mkdir(parents=True)
    (folder / "templates" / "gallery" / "_topbar.html").write_text(code["topbar"])


def test_it_is_the_wheel_that_runs(site: Site) -> None:
    where = site.python("-c", "import gallery; print(gallery.__file__)")
    assert Path(where).is_relative_to(site.packages)
    assert "no issues" in site.manage("check")
    assert "No changes" in site.manage("makemigrations", "--check", "--dry-run")


def test_the_task_worker_finds_its_queue(site: Site) -> None:
    site.manage("db_worker", "--queue-name", "*", "--batch", "--no-startup-delay")
    setup = "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'mysite.settings'; django.setup(); "
    read = "from gallery import task_queue, tasks; print(task_queue.read_queue().waiting)"
    assert site.python("-c", setup + read) == "0"


async def test_a_page_follows_what_a_worker_and_a_view_say(site: Site) -> None:
    token = site.manage("create_token", "my worker", "--user", "ana")
    bearer = {"Authorization": f"Bearer {token}"}
    cookies = sign_in(site, "ana", PASSWORD)
    async with (
        httpx.AsyncClient(base_url=site.http, timeout=30) as worker,
        httpx.AsyncClient(base_url=site.http, timeout=30, cookies=cookies) as ana,
    ):
        folder = (await worker.post("/api/folders", json={"name": "Sunsets"}, headers=bearer)).json()["id"]
        for path in ("/", f"/folders/{folder}/", "/api/docs", "/admin/gallery/"):
            assert (await ana.get(path)).status_code == 200, f"{path}\n{site.log[-4000:]}"
        page = (await ana.get(f"/folders/{folder}/")).text
        assert "Sunsets Ltd." in page and f"/ws/folders/{folder}/" in page
        assert (await ana.get("/static/gallery/css/gallery.css")).status_code == 200
        async with viewer(site, folder, cookies) as shown:
            payload = {"batchId": "first", "total": 2, "label": "Two sunsets", "targetFolderId": folder}
            event = {"type": "batch:start", "payload": payload}
            receipt = (await worker.post("/api/notify", json=event, headers=bearer)).json()
            assert receipt["type"] == "ack"
            await shown.wait_for_root("batch-first", "Two sunsets")
            await shown.wait_for_root("placeholder-first-1")
            said = (await ana.get("/start/", params={"folder": folder})).json()
            await shown.wait_for_root(f"batch-{said['batchId']}", "A sunset")
        assert (await ana.get("/start/", params={"folder": "nowhere"})).status_code == 404


def test_the_administration_makes_a_token(site: Site) -> None:
    cookies = sign_in(site, "ana", PASSWORD)
    with httpx.Client(base_url=site.http, cookies=cookies, timeout=30) as ana:
        assert ana.get("/admin/gallery/workertoken/add/").status_code == 200
