"""A batch as a context manager: what happens to the code inside is what the gallery shows."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from darkroom.async_item import AsyncItem, ItemType, progress_fields
from darkroom.errors import Cancelled, DarkroomError, Refused
from darkroom.text import clean_message, clean_name, sentence_of

if TYPE_CHECKING:
    from darkroom.async_gallery import AsyncGallery

STOP_SECONDS, FAIL_SECONDS = 5.0, 30.0  # for uploads that are under way when a batch is stopped, or fails
CANCELLED = "Cancelled in the gallery."
STOPPED = (KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError)


class AsyncBatch:
    """``async with gallery.batch("Sunsets", total=8) as batch:``"""

    def __init__(
        self,
        gallery: AsyncGallery,
        label: str,
        total: int = 1,
        *,
        id: str | None = None,
        folder: str | None = None,
        estimated_seconds: float | None = None,
        stop_on_cancel: bool = True,
    ) -> None:
        self.gallery, self.label, self.total = gallery, clean_name(label), total
        self.id = id or uuid.uuid4().hex
        self.folder, self.estimated_seconds, self.stop_on_cancel = folder, estimated_seconds, stop_on_cancel
        self.cancelled = False
        self.refusal: Refused | None = None  # of the batch as a whole
        self.items: list[AsyncItem] = []

    async def __aenter__(self) -> Self:
        await self.gallery.room()
        self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        await self.settled(error)
        self.end(error)
        return isinstance(error, Cancelled) and self.cancelled

    def item(
        self,
        name: str,
        *,
        id: str | None = None,
        type: ItemType = "image",
        index: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        estimated_seconds: float | None = None,
    ) -> AsyncItem:
        """``async with batch.item("sunset 1") as item:``; raises ``Cancelled`` once somebody has pressed cancel."""
        self.check()
        item = AsyncItem(self, name, id or uuid.uuid4().hex, type, index, metadata, estimated_seconds)
        self.items.append(item)
        return item

    def progress(self, percent: float | None, message: str | None = None, seconds_left: float | None = None) -> None:
        """The status line of the whole batch."""
        told = progress_fields(percent, message) | (
            {} if seconds_left is None else {"estimatedTimeSeconds": seconds_left}
        )
        self.gallery.progress("batch:progress", {"batchId": self.id} | told)

    def check(self) -> None:
        """Raises ``Cancelled`` once somebody has pressed cancel, unless ``stop_on_cancel`` is off.

        Raises ``Refused`` where the gallery does not take the batch at all.
        """
        if self.refusal is not None:
            raise self.refusal
        if self.cancelled and self.stop_on_cancel:
            raise Cancelled(CANCELLED)

    def start(self) -> None:
        told: dict[str, Any] = {"batchId": self.id, "total": self.total, "label": self.label}
        if self.folder is not None:
            told["targetFolderId"] = self.folder
        if self.estimated_seconds is not None:
            told["estimatedTimeSeconds"] = self.estimated_seconds
        self.gallery.take_batch(self)
        self.gallery.say("batch:start", told, even_if_full=True)

    async def settled(self, error: BaseException | None = None) -> None:
        """When all uploads have come to an end; after an exception they are given little time."""
        uploads = [item.upload for item in self.items if item.upload is not None]
        if uploads:
            seconds = None if error is None else STOP_SECONDS if isinstance(error, STOPPED) else FAIL_SECONDS
            await asyncio.wait(uploads, timeout=seconds)
            for item in self.items:
                await item.give_up_upload()

    def hear_refusal(self, event_type: str, payload: Mapping[str, Any], refusal: Refused) -> None:
        """Of the batch itself, or of an item that somebody has removed."""
        if event_type == "batch:start" and payload.get("batchId") == self.id:
            self.refusal = refusal
        elif refusal.code == "not_found":
            for item in self.items:
                if item.id == payload.get("itemId"):
                    item.is_over = True

    def end(self, error: BaseException | None = None) -> None:
        self.gallery.drop_batch(self)
        failed = [item.error for item in self.items if item.error]
        message = ""
        if self.cancelled:
            status, message = "cancelled", CANCELLED
        elif isinstance(error, STOPPED):
            status, message = "cancelled", sentence_of(error)
        elif error is not None:
            status, message = "error", sentence_of(error)
        elif failed:
            status = "error" if len(failed) == len(self.items) else "partial"
            message = f"{len(failed)} of {len(self.items)} failed. {failed[0]}"
        else:
            status = "complete"
        told = {"batchId": self.id, "status": status, "message": clean_message(message)}
        with suppress(DarkroomError):  # nothing more can be said
            self.gallery.say("batch:end", told, even_if_full=True)
