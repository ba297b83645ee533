"""Where a gallery is, and what opens its doors."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from darkroom.errors import DarkroomError


@dataclass(frozen=True)
class Address:
    """Where the gallery is, and what opens its doors."""

    url: str
    token: str
    trust_env: bool  # take proxies from the environment; never for this machine

    @classmethod
    def of(cls, url: str | None, token: str | None, trust_env: bool = True) -> Address:
        """What is left out is taken from ``DARKROOM_URL`` and ``DARKROOM_TOKEN``; raises with a sentence."""
        found = (url or os.environ.get("DARKROOM_URL", "")).strip().rstrip("/")
        if not found:
            raise DarkroomError("Say where the gallery is: as url, or in DARKROOM_URL.")
        parts = urlsplit(found)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise DarkroomError(f"{found!r} is no address of a gallery; one looks like http://127.0.0.1:8000.")
        secret = (token or os.environ.get("DARKROOM_TOKEN", "")).strip()
        if not secret:
            raise DarkroomError("Give the worker's token: as token, or in DARKROOM_TOKEN.")
        return cls(found, secret, trust_env)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def socket_url(self) -> str:
        parts = urlsplit(self.url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/ws/notify/"

    @property
    def uses_proxies(self) -> bool:
        return self.trust_env and urlsplit(self.url).hostname not in ("localhost", "127.0.0.1", "::1")
