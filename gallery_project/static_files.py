"""Where the static files are, for templates."""

from __future__ import annotations

from functools import cache

from django.contrib.staticfiles.storage import StaticFilesStorage


class StaticFiles(StaticFilesStorage):
    """Django's own, which makes each address only once: a page has forty, and they never change."""

    def __init__(self) -> None:
        super().__init__()
        self.url = cache(super().url)
