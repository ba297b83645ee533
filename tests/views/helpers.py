from __future__ import annotations

import html
import io
import re
from typing import Any

from django.http import HttpResponse
from django.test import Client
from PIL import Image

FROM_SCRIPT = {"HX-Request": "true"}


def picture(kind: str, size: tuple[int, int] = (64, 48)) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, "orange").save(target, kind)
    return target.getvalue()


def notice(response: HttpResponse) -> str:
    """The sentence that the answer says to this person; '' where it says none."""
    found = re.search(r'<div id="notice" class.*?notice__text"[^>]*>(.*?)</p>', response.content.decode(), re.DOTALL)
    return html.unescape(found[1]) if found else ""


def post(client: Client, path: str, body: dict[str, Any] | None = None, *, before: str = "") -> Any:
    """A plain form's POST, from the page ``before``."""
    return client.post(path, body or {}, headers={"Referer": f"http://testserver{before}"} if before else {})


def post_by_script(client: Client, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
    return client.post(path, body or {}, headers=FROM_SCRIPT | headers)
