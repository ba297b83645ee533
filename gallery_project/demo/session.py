"""One picture, from its announcement to its file in the gallery."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from darkroom import AsyncGallery, Refused
from gallery_project.demo.programme import Assignment, Style
from gallery_project.demo.renderers import RenderFailed
from gallery_project.demo.rendering import Rendering, Report, Stopped

logger = logging.getLogger("demo.worker")

ESTIMATE_SECONDS = 1.0  # between two estimates of the time left


class Shelved(Exception):
    """Nobody wants the picture any more: its batch was cancelled or the item removed."""


@dataclass(frozen=True)
class Pace:
    """How large and how thorough, and how long the rests are."""

    size: int
    effort: float
    pause_seconds: float


PACES = {"real": Pace(1024, 1.0, 20.0), "fast": Pace(192, 0.06, 1.0)}


class ItemSession:
    """An item of a batch or, without ``batch_id``, one that is made once more."""

    def __init__(
        self,
        gallery: AsyncGallery,
        pace: Pace,
        assignment: Assignment,
        item_id: str,
        batch_id: str = "",
        index: int = 0,
        style: Style = "develop",
    ) -> None:
        self.gallery, self.pace, self.assignment, self.item_id = gallery, pace, assignment, item_id
        self.batch_id, self.index = batch_id, index
        self._on_placeholder = style == "sheet"
        self._announced = not batch_id
        self._rendering: Rendering | None = None
        self._unwanted = False
        self._preview: asyncio.Task[bool] | None = None
        self._estimated = 0.0

    def stop(self) -> None:
        self._unwanted = True
        if self._rendering is not None:
            self._rendering.stop()

    def pause(self) -> None:
        """The worker goes; it will begin this one anew."""
        self.stop()
        self._say("The worker has stopped; it begins this one anew when it is back", progress=None)

    def announce(self, *, waiting: int = 0) -> None:
        """Put the item into its slot, developing."""
        self._announced = True
        item: dict[str, Any] = {
            "id": self.item_id,
            "name": self.assignment.variant,
            "type": self.assignment.item_type,
            "isPending": True,
            "progress": None if waiting else 0,
            "message": _turn(waiting) if waiting else "Starting",
            # One that waits is silent for long: said here, or it would be taken for stalled.
            "estimatedTimeSeconds": round((1 + waiting) * 1.5 * self.assignment.seconds * self.pace.effort, 1),
            "metadata": self.assignment.metadata,
        }
        if self.assignment.item_type == "image":
            item |= {"width": self.pace.size, "height": self.pace.size}
        self.gallery.say("batch:progress", {"batchId": self.batch_id, "index": self.index, "item": item})

    def is_about(self, payload: Mapping[str, Any]) -> bool:
        """Whether an event speaks of this picture."""
        return payload.get("itemId") == self.item_id or (payload.get("item") or {}).get("id") == self.item_id

    def wait_for(self, others: int) -> None:
        """Say how many are before it."""
        self.gallery.progress(
            "item:update",
            {"itemId": self.item_id, "status": "processing", "progress": None, "message": _turn(others)},
        )

    async def run(self, *, careful: bool = False) -> bool:
        """Render and deliver; False when the picture cannot be made. Raises ``Shelved``."""
        if not self._announced and not self._on_placeholder:
            self.announce()
        job = self.assignment.job(self.pace.size, self.pace.effort, careful=careful)
        self._rendering = Rendering(self.assignment.kind, job, self._report, self._show)
        if self._unwanted:
            raise Shelved
        try:
            result = await self._rendering.run()
            await self._settle_preview()
            if not self._announced:
                self.announce()
            self._say("Developed; handing it in", progress=100)
            await self.gallery.put_media(self.item_id, result.data, result.content_type)
        except Stopped:
            raise Shelved from None
        except RenderFailed as error:
            return self._fail(str(error))
        except Refused as refusal:
            if refusal.status == 404:
                raise Shelved from None
            return self._fail(f"The gallery did not take the file: {refusal}")
        except Exception as error:
            logger.exception("%s broke", self.assignment.variant)
            return self._fail(f"The renderer broke: {type(error).__name__}.")
        finally:
            await self._settle_preview()
        done = {"itemId": self.item_id, "status": "complete", "message": f"Made in {result.render_seconds:.0f} s"}
        self.gallery.say("item:update", done)
        logger.info("%s: %.1f s, %d KiB", self.assignment.variant, result.render_seconds, len(result.data) // 1024)
        return True

    def _fail(self, reason: str) -> bool:
        if not self._announced:
            self.announce()
        self.gallery.say("item:update", {"itemId": self.item_id, "status": "error", "message": reason})
        logger.info("%s failed: %s", self.assignment.variant, reason)
        return False

    def _report(self, report: Report) -> None:
        now = asyncio.get_running_loop().time()
        with_estimate = now - self._estimated >= ESTIMATE_SECONDS
        if with_estimate:
            self._estimated = now
        self._say(report.message, report.percent, report.seconds_left if with_estimate else None)

    def _say(self, message: str, progress: float | None, seconds_left: float | None = None) -> None:
        if not self._announced:
            told = {"batchId": self.batch_id, "index": self.index, "progress": progress, "message": message}
            if seconds_left is not None:
                told["estimatedTimeSeconds"] = seconds_left
            self.gallery.progress("batch:progress", told)
        else:
            told = {"itemId": self.item_id, "status": "processing", "progress": progress, "message": message}
            if seconds_left is not None:
                told["item"] = {"estimatedTimeSeconds": seconds_left}
            self.gallery.progress("item:update", told)

    def _show(self, preview: bytes) -> None:
        if self._preview is not None and not self._preview.done():
            return  # the gallery is slower than the renderer: the next one will do
        target = self.item_id if self._announced else (self.batch_id, self.index)
        self._preview = asyncio.ensure_future(self.gallery.put_preview(target, preview))

    async def _settle_preview(self) -> None:
        """A preview must not arrive after the picture."""
        if self._preview is not None:
            await asyncio.gather(self._preview, return_exceptions=True)


def _turn(others: int) -> str:
    return "Next in line" if others == 1 else f"Waiting, {others} before it"
