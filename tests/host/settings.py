from __future__ import annotations

from gallery_project.settings import *  # noqa: F403
from gallery_project.settings import DATA_DIR, MIDDLEWARE, TEMPLATES
from tests.documents import blocks

ROOT_URLCONF = "tests.host.urls"
MIDDLEWARE = [name for name in MIDDLEWARE if "content_security_policy" not in name]  # its page has a script in it
(DATA_DIR / "templates").mkdir(exist_ok=True)
(DATA_DIR / "templates" / "today.html").write_text(dict(blocks("embed.md"))["page"])
TEMPLATES[0]["DIRS"].append(DATA_DIR / "templates")
