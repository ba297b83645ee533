"""What goes over HTTP in any case: files, previews, and whatever is read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx

from darkroom.doors import TRY_AGAIN_STATUS, read_json, retry_after
from darkroom.errors import Refused, TokenRefused
from darkroom.files import Source, as_upload, check_preview, content_type_of
from darkroom.outbox import Outbox
from darkroom.pauses import Pauses

STILL_WRITTEN_TRIES = 3
PREVIEW_SECONDS = 10.0
BROKEN_REQUESTS = 10  # one after the other while the gallery can be reached


class HttpSide:
    """One half of ``AsyncGallery``, which is the other."""

    max_media_bytes: int
    _http: httpx.AsyncClient
    _outbox: Outbox
    _over: Exception | None

    @property
    def is_connected(self) -> bool:
        raise NotImplementedError

    async def put_media(self, item_id: str, source: Source, content_type: str = "", name: str = "") -> dict[str, Any]:
        """Upload an item's file, again and again until the gallery has it; returns the item.

        ``source`` is a path, bytes, or an asynchronous iterable of bytes. What was said before about the item goes
        first. Raises ``Refused`` where the gallery will not take it, and before it is sent where it is too large,
        cannot be read or is still being written.
        """
        for _ in range(STILL_WRITTEN_TRIES):
            async with as_upload(source, self.max_media_bytes, name) as upload:
                await self._after(item_id)
                headers = {
                    "Content-Type": content_type or content_type_of(upload.name),
                    "Content-Length": str(upload.size),
                }
                response = await self.request(
                    "PUT", f"/api/items/{item_id}/media", make_content=upload.chunks, headers=headers
                )
                if not upload.has_changed:
                    return dict(read_json(response))
        raise Refused("invalid", f"{upload.name} is still being written.")

    async def put_preview(self, target: str | tuple[str, int], data: bytes) -> bool:
        """Show what an item looks like so far, or the placeholder ``(batch_id, index)``: JPEG, PNG or WebP.

        Worth nothing later, so it is tried once, and only while the gallery can be reached: False when it did not
        arrive. Raises ``Refused`` where it is no picture or too large.
        """
        content_type = check_preview(data)
        path = f"/api/items/{target}/preview"
        if isinstance(target, tuple):
            path = f"/api/batches/{target[0]}/previews/{target[1]}"
        if not self.is_connected:
            return False
        headers = {"Content-Type": content_type}
        try:
            response = await self._http.put(path, content=data, headers=headers, timeout=PREVIEW_SECONDS)
        except httpx.TransportError:
            return False
        if response.is_error and response.status_code not in TRY_AGAIN_STATUS:
            raise Refused.from_answer(read_json(response), response.status_code)
        return response.is_success

    async def get(self, path: str, **params: Any) -> Any:
        """Read from the JSON API, as ``get("/api/items/7")``; waits while the gallery is away."""
        return read_json(await self.request("GET", path, params=params))

    async def request(
        self, method: str, path: str, *, make_content: Callable[[], Any] | None = None, **options: Any
    ) -> httpx.Response:
        """Any request, again and again until it is answered; raises ``Refused`` or ``TokenRefused``."""
        pauses = Pauses()
        broken = 0
        while True:
            if self._over is not None:
                raise self._over
            if make_content is not None:
                options["content"] = make_content()
            try:
                response = await self._http.request(method, path, **options)
            except httpx.TransportError as error:
                broken = broken + 1 if self.is_connected else 0
                if broken > BROKEN_REQUESTS:
                    raise Refused("broken", f"{method} {path} breaks off each time: {error}") from error
                await pauses.wait()
                continue
            if response.status_code in TRY_AGAIN_STATUS:
                await pauses.wait(at_least=retry_after(response) if "Retry-After" in response.headers else 0.0)
            elif response.status_code == 401:
                raise TokenRefused
            elif response.is_error:
                raise Refused.from_answer(read_json(response), response.status_code)
            else:
                return response

    async def _after(self, item_id: str) -> None:
        """Before the gallery has the item, it has no place for its file."""
        for event in self._outbox.about(item_id):
            if event.answer is not None:
                with suppress(Refused):
                    await event.answer
