from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.test import Client

from tests.media.samples import save_picture


def send(client: Client, method: str, path: str, body: Any = None, **options: Any) -> Any:
    """A JSON request."""
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    return getattr(client, method)(path, data, content_type="application/json", **options)


def picture(tmp_path: Path, format: str = "PNG", **options: Any) -> bytes:
    return save_picture(tmp_path / f"picture.{format.lower()}", format=format, **options).read_bytes()


def stored_files(settings: Any) -> list[str]:
    """Every file below the media folder."""
    root = Path(settings.MEDIA_ROOT)
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
