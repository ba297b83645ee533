"""Batches and items for ordinary code: what ``gallery.batch`` and ``batch.item`` give."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, TypeVar

from darkroom.async_batch import AsyncBatch
from darkroom.async_item import AsyncItem, ItemType, as_preview_or_log
from darkroom.errors import DarkroomError
from darkroom.outbox import PROGRESS_SECONDS
from darkroom.pictures import Product, as_product
from darkroom.tracking import track

if TYPE_CHECKING:
    from darkroom.gallery import Gallery

Step = TypeVar("Step")


class Batch:
    """What ``gallery.batch`` gives."""

    def __init__(self, gallery: Gallery, core: AsyncBatch) -> None:
        self.gallery, self.core, self.id = gallery, core, core.id

    def __enter__(self) -> Self:
        self.gallery.wait(self.core.__aenter__())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        try:
            return self.gallery.wait(self.core.__aexit__(kind, error, trace))
        except KeyboardInterrupt as stop:  # while it waited for uploads
            self.gallery.wait(self.core.__aexit__(type(stop), stop, None))
            raise

    @property
    def cancelled(self) -> bool:
        """Whether somebody has pressed cancel."""
        return self.core.cancelled

    def item(
        self,
        name: str,
        *,
        id: str | None = None,
        type: ItemType = "image",
        index: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        estimated_seconds: float | None = None,
    ) -> Item:
        """``with batch.item("sunset 1") as item:``; raises ``Cancelled`` once somebody has pressed cancel."""
        options: dict[str, Any] = {"id": id, "type": type, "index": index}
        return Item(self, self.core.item(name, metadata=metadata, estimated_seconds=estimated_seconds, **options))

    def progress(self, percent: float | None, message: str | None = None, seconds_left: float | None = None) -> None:
        """The status line of the whole batch."""
        self.gallery.post(self.core.progress, percent, message, seconds_left)


class Item:
    """What ``batch.item`` gives."""

    def __init__(self, batch: Batch, core: AsyncItem) -> None:
        self.batch, self.gallery, self.core, self.id = batch, batch.gallery, core, core.id
        self._report: tuple[Any, ...] | None = None  # the newest, until the gallery's thread takes it
        self._is_watched = False  # by that thread, which then needs no call to look again

    def __enter__(self) -> Self:
        self.gallery.wait(self.core.__aenter__())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.gallery.wait(self._end(error))

    def progress(self, percent: float | None, message: str | None = None, seconds_left: float | None = None) -> None:
        """How far it is, in percent, or None where nobody can tell. Costs next to nothing, however often."""
        newest = self._report
        if newest is not None and seconds_left is None:
            seconds_left = newest[2]
        self._report = (percent, message, seconds_left)
        if not self._is_watched:
            self._is_watched = True
            self.gallery.post(self._take_report)

    def track(self, steps: Iterable[Step], total: int | None = None, message: str = "") -> Iterator[Step]:
        """``for step in item.track(range(50)):``; raises ``Cancelled`` once somebody has pressed cancel."""
        return track(steps, total, message, self.progress, self.batch.core.check)

    def preview(self, image: Any) -> None:
        """What it looks like so far: a Pillow image, an array, a path or bytes. Passing: what comes too soon is not
        even looked at, and what cannot be shown is only logged."""
        if self.core.wants_preview:
            self.core.previewed = time.monotonic()
            self.gallery.post(self.core.show, as_preview_or_log(image))

    @property
    def wants_preview(self) -> bool:
        """Whether a preview would be sent now; ask before you make one that costs much."""
        return self.core.wants_preview

    def finish(self, result: Any, *, content_type: str = "") -> None:
        """Hand in the finished file: a path, bytes, a Pillow image or an array.

        It is uploaded while your code goes on; the batch waits for it. Raises ``Refused`` where it is too large,
        empty or not there.
        """
        product = as_product(result, self.gallery.core.max_media_bytes, content_type)
        self.gallery.uploads.acquire()
        self.gallery.post(self._hand_in, product)

    def _hand_in(self, product: Product) -> None:
        self.core.hand_in(product).add_done_callback(lambda done: self.gallery.uploads.release())

    def _take_report(self) -> None:
        report, self._report = self._report, None
        if report is None:
            self._is_watched = False
            report, self._report = self._report, None  # one that came in between
        if self._is_watched:
            self.gallery.later(PROGRESS_SECONDS, self._take_report)
        if report is not None:
            with suppress(DarkroomError):  # whoever waits for an answer is told why
                self.core.progress(*report)

    async def _end(self, error: BaseException | None) -> None:
        self._take_report()
        if error is not None:
            await self.core.fail(error)
        elif self.core.upload is None:
            await self.core.complete()
        else:  # goes on by itself; the batch waits for it
            self.core.complete_later()
