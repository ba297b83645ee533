"""An item as a context manager: announced at its beginning, finished or failed at its end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from darkroom.errors import DarkroomError, Refused
from darkroom.pictures import Product, as_preview, as_product
from darkroom.text import clean_message, clean_name, sentence_of
from darkroom.tracking import track

if TYPE_CHECKING:
    from darkroom.async_batch import AsyncBatch

logger = logging.getLogger("darkroom")

Step = TypeVar("Step")
ItemType = Literal["image", "video", "audio", "file"]

STILL_THERE_SECONDS = 45.0  # without news the gallery takes work for stalled after two minutes
PREVIEW_SECONDS = 0.3  # between two previews of an item
PREVIEW_SETTLE_SECONDS = 2.0  # for one that is on its way when the item ends


class AsyncItem:
    """``async with batch.item("sunset 1") as item:``"""

    def __init__(
        self,
        batch: AsyncBatch,
        name: str,
        id: str,
        type: ItemType,
        index: int | None,
        metadata: Mapping[str, Any] | None,
        estimated_seconds: float | None,
    ) -> None:
        self.batch, self.gallery, self.id, self.name = batch, batch.gallery, id, clean_name(name)
        self.type, self.index, self.metadata, self.estimated_seconds = type, index, metadata, estimated_seconds
        self.error = ""  # why it failed
        self._last: dict[str, Any] = {"progress": None}
        self.upload: asyncio.Task[None] | None = None
        self._preview: asyncio.Task[None] | None = None
        self.previewed = float("-inf")
        self._still_there: asyncio.TimerHandle | None = None
        self.is_over = False

    async def __aenter__(self) -> Self:
        await self.gallery.room()
        self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is not None:
            await self.fail(error)
        else:
            await self.complete()

    def progress(self, percent: float | None, message: str | None = None, seconds_left: float | None = None) -> None:
        """How far it is, in percent, or None where nobody can tell."""
        if self.is_over:
            return
        self._last = progress_fields(percent, message)
        told = {"itemId": self.id, "status": "processing"} | self._last
        if seconds_left is not None:
            told["item"] = {"estimatedTimeSeconds": seconds_left}
        self.gallery.progress("item:update", told)

    def track(self, steps: Iterable[Step], total: int | None = None, message: str = "") -> Iterator[Step]:
        """``for step in item.track(range(50)):``; raises ``Cancelled`` once somebody has pressed cancel."""
        return track(steps, total, message, self.progress, self.batch.check)

    async def preview(self, image: Any) -> None:
        """What it looks like so far. Passing: one at a time, and what cannot be shown is only logged."""
        if self.wants_preview:
            await asyncio.shield(self.show(as_preview_or_log(image)))

    async def finish(self, result: Any, *, content_type: str = "") -> None:
        """Upload the finished file: a path, bytes, a Pillow image or an array. Raises ``Refused``."""
        self.hand_in(as_product(result, self.gallery.max_media_bytes, content_type))
        assert self.upload is not None
        await self.upload
        if self.error:
            raise Refused("invalid", self.error)

    # What follows is for the loop's thread; nothing of it waits for the gallery unless it is awaited.

    def start(self) -> None:
        item: dict[str, Any] = {"id": self.id, "name": self.name, "type": self.type, "isPending": True}
        if self.estimated_seconds is not None:
            item["estimatedTimeSeconds"] = self.estimated_seconds
        if self.metadata is not None:
            item["metadata"] = self.metadata
        told: dict[str, Any] = {"batchId": self.batch.id, "item": item}
        if self.index is not None:
            told["index"] = self.index
        self.gallery.say("batch:progress", told, even_if_full=True)
        self._wait_for_news()

    @property
    def wants_preview(self) -> bool:
        """Whether a preview would be sent now; ask before you make one."""
        is_soon = time.monotonic() - self.previewed < PREVIEW_SECONDS
        is_under_way = self._preview is not None and not self._preview.done()
        return not (is_soon or is_under_way or self.is_over) and self.gallery.is_connected

    def show(self, preview: bytes) -> asyncio.Future[None]:
        self.previewed = time.monotonic()
        self._preview = asyncio.ensure_future(self._show(preview))
        return self._preview

    def hand_in(self, product: Product) -> asyncio.Task[None]:
        """Upload it; ``complete`` waits for that."""
        self.upload = asyncio.ensure_future(self._hand_in(product))
        return self.upload

    async def complete(self) -> None:
        """Once its file is there."""
        await self._complete_after(self.upload)

    def complete_later(self) -> None:
        """The same, while the caller goes on; ``upload`` ends with it."""
        self.upload = asyncio.ensure_future(self._complete_after(self.upload))

    async def fail(self, error: BaseException) -> None:
        if self.upload is not None:
            self.upload.cancel()
        await self._settle()
        self.error = self.error or sentence_of(error)
        self._say_last({"status": "error", "message": self.error})

    async def give_up_upload(self) -> None:
        if self.upload is not None and not self.upload.done():
            await self.fail(Refused("unavailable", "Its file did not get to the gallery in time."))

    async def _hand_in(self, product: Product) -> None:
        try:
            await self.gallery.put_media(self.id, product.source, product.content_type, product.name)
        except DarkroomError as refusal:
            logger.warning("%s: %s", self.name, refusal)
            self.error = str(refusal)
            await self._settle()
            self._say_last({"status": "error", "message": self.error})

    async def _complete_after(self, upload: asyncio.Task[None] | None) -> None:
        if upload is not None:
            await upload
        await self._settle()
        if not self.error:
            self._say_last({"status": "complete"})

    async def _show(self, preview: bytes) -> None:
        if not preview:
            return
        try:
            await self.gallery.put_preview(self.id, preview)
        except DarkroomError as refusal:
            logger.warning("%s: %s", self.name, refusal)

    async def _settle(self) -> None:
        """A preview that comes after the end would set the item going again."""
        if self._still_there is not None:
            self._still_there.cancel()
        if self._preview is not None and not self._preview.done():
            await asyncio.wait([self._preview], timeout=PREVIEW_SETTLE_SECONDS)
            self._preview.cancel()

    def _say_last(self, told: dict[str, Any]) -> None:
        if not self.is_over:
            self.is_over = True
            with suppress(DarkroomError):  # nothing more can be said
                self.gallery.say("item:update", {"itemId": self.id} | told, even_if_full=True)

    def _wait_for_news(self) -> None:
        self._still_there = asyncio.get_running_loop().call_later(STILL_THERE_SECONDS, self._say_still_there)

    def _say_still_there(self) -> None:
        if not self.is_over:
            self.gallery.progress("item:update", {"itemId": self.id, "status": "processing"} | self._last)
            self._wait_for_news()


def as_preview_or_log(image: Any) -> bytes:
    """A preview that cannot be made must not end the work; empty then."""
    try:
        return as_preview(image)
    except DarkroomError as error:
        logger.warning("No preview: %s", error)
        return b""


def progress_fields(percent: float | None, message: str | None) -> dict[str, Any]:
    told: dict[str, Any] = {"progress": None if percent is None else min(100.0, max(0.0, percent))}
    if message is not None:
        told["message"] = clean_message(message)
    return told
