"""A tus client of a few lines, over Django's test client."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

TUS = {"Tus-Resumable": "1.0.0"}


@dataclass
class Tus:
    """Somebody who uploads, by a session or (``headers``) with a token."""

    client: Client
    headers: dict[str, str] = field(default_factory=dict)

    def create(self, folder_id: str, length: int, **metadata: str) -> Any:
        headers = {"Upload-Length": str(length), "Upload-Metadata": encode(metadata)}
        return self.client.post(f"/api/folders/{folder_id}/uploads", headers=TUS | self.headers | headers)

    def begin(self, folder_id: str, length: int, **metadata: str) -> str:
        """Announce a file that is welcome; returns where its bytes go."""
        response = self.create(folder_id, length, **metadata)
        assert response.status_code == 201, response.content
        return response["Location"]

    def patch(self, url: str, offset: int, data: bytes, **headers: str) -> Any:
        said = {"Upload-Offset": str(offset)} | headers
        return self.client.patch(
            url, data, content_type="application/offset+octet-stream", headers=TUS | self.headers | said
        )

    def head(self, url: str) -> Any:
        return self.client.head(url, headers=TUS | self.headers)

    def delete(self, url: str) -> Any:
        return self.client.delete(url, headers=TUS | self.headers)

    def keep(self, url: str) -> Any:
        return self.client.post(f"{url}/keep", headers=TUS | self.headers)

    def send(self, folder_id: str, data: bytes, **metadata: str) -> Any:
        """The whole file in one piece; the answer to that."""
        return self.patch(self.begin(folder_id, len(data), **metadata), 0, data)


def encode(metadata: dict[str, str]) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items())
