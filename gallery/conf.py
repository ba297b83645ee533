"""The app's settings with their defaults; a project overrides them as ``GALLERY_…`` in its own settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.signals import setting_changed

DEFAULTS: dict[str, Any] = {
    "STALLED_AFTER": 120.0,  # seconds without a word from the worker
    "GIVE_UP_FACTOR": 10,  # stalled work fails after this many times that
    "MAX_IMAGE_BYTES": 64 * 1024 * 1024,
    "MAX_IMAGE_PIXELS": 100_000_000,
    "MAX_FILE_BYTES": 1024 * 1024 * 1024,
    "TOKEN_EVENTS": 100_000,  # per token in 10 s
    "TOKEN_REQUESTS": 1_000,  # per token in 10 s
    "LOGIN_FAILURES": 20,  # per address in 5 min
    "TRUSTED_PROXIES": [],  # addresses whose X-Forwarded-For is believed
    "METRICS_TOKEN": "",  # with it Prometheus may read /metrics; without one only staff may
    "POLL_SECONDS": None,  # how often watched folders are looked at; None: 0.25 without Redis, else 3
    "TASKS_BACKEND": "default",  # which of the project's TASKS runs what takes long
    "GENERATORS": ["gallery.generators.web_version.WebVersion"],  # dotted paths of gallery.generators.Generator classes
    "MESSAGE_MAX": 50,  # system messages on a page at most
}


class Conf:
    """Reads ``settings.GALLERY_<NAME>``, else the default above; once: settings do not change."""

    def __getattr__(self, name: str) -> Any:
        if name not in DEFAULTS:
            raise AttributeError(name)
        self.__dict__[name] = getattr(settings, f"GALLERY_{name}", DEFAULTS[name])
        return self.__dict__[name]

    def forget(self, **changed: Any) -> None:
        """Read the settings anew (tests change them)."""
        self.__dict__.clear()


conf = Conf()
setting_changed.connect(conf.forget)


def check_time_zones(**_: Any) -> list[CheckMessage]:
    """A system check: moments that workers say have a time zone, and cannot be compared with any that have none."""
    if settings.USE_TZ:
        return []
    hint = "It is Django's default. TIME_ZONE is free: pages show each reader's own time (docs/install.md)."
    return [Error("The gallery needs USE_TZ = True.", hint=hint, id="gallery.E001")]
