"""One renderer at work in a thread, and what it lets be known meanwhile."""

from __future__ import annotations

import asyncio
import io
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from PIL import Image

from gallery_project.demo.renderers import KINDS, Film, Job, Picture, Step

REPORT_SECONDS = 0.18  # between two reports of progress
PREVIEW_SECONDS = 0.7
PREVIEW_SHARE = 0.25  # of the time may go into previews
PREVIEW_SIDE = 512  # pixels
PREVIEW_BYTES = 512 * 1024  # the gallery takes no larger one
SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 92, "subsampling": 0},
    "WEBP": {"quality": 92, "method": 4},
    "PNG": {"compress_level": 6},
}


class Stopped(Exception):
    """Somebody no longer wants the picture."""


@dataclass(frozen=True)
class Report:
    """How far it is; ``seconds_left`` as the pace so far suggests."""

    percent: float
    message: str
    seconds_left: float


@dataclass(frozen=True)
class Result:
    """The finished file."""

    data: bytes
    content_type: str
    render_seconds: float


class Rendering:
    """Runs once. ``on_report`` and ``on_preview`` are called in the event loop."""

    def __init__(self, kind: str, job: Job, on_report: Callable[[Report], None], on_preview: Callable[[bytes], None]):
        self.kind, self.job = KINDS[kind], job
        self._on_report, self._on_preview = on_report, on_preview
        self._stop = threading.Event()

    def stop(self) -> None:
        """At the renderer's next step, a fraction of a second away."""
        self._stop.set()

    async def run(self) -> Result:
        """Raises ``Stopped``, ``RenderFailed``, or whatever the renderer breaks with."""
        loop = asyncio.get_running_loop()
        tell = partial(loop.call_soon_threadsafe)
        work = asyncio.ensure_future(asyncio.to_thread(self.work, tell))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            self.stop()
            work.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody else asks any more
            raise

    def work(self, tell: Callable[..., Any]) -> Result:
        """On this thread; reports and previews go to ``tell`` with what is to be called with them."""
        started = time.monotonic()
        steps = self.kind.render(self.job)
        reported, previewed, preview_cost = 0.0, started, 0.0
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                return self._result(end.value, time.monotonic() - started)
            if self._stop.is_set():
                steps.close()
                raise Stopped
            now = time.monotonic()
            if now - reported >= REPORT_SECONDS:
                reported = now
                tell(self._on_report, self._report(step, now - started))
            if now - previewed >= max(PREVIEW_SECONDS, preview_cost / PREVIEW_SHARE):
                tell(self._on_preview, as_preview(step.look()))
                previewed = time.monotonic()
                preview_cost = previewed - now

    def _report(self, step: Step, elapsed: float) -> Report:
        # The pace of the first moments says little; the usual time says more.
        guess = self.kind.seconds * self.job.effort
        trust = min(1.0, step.fraction * 4)
        total = trust * (elapsed / max(step.fraction, 1e-3)) + (1 - trust) * max(guess, elapsed)
        return Report(round(100 * step.fraction, 1), step.message, round(max(0.0, total - elapsed), 1))

    def _result(self, made: Picture | Film, seconds: float) -> Result:
        if isinstance(made, Film):
            return Result(made.data, made.content_type, seconds)
        file = io.BytesIO()
        Image.fromarray(made).save(file, self.kind.format, **SAVE_OPTIONS[self.kind.format])
        return Result(file.getvalue(), f"image/{self.kind.format.lower()}", seconds)


def as_preview(picture: Picture) -> bytes:
    """Small enough to be sent again and again."""
    image = Image.fromarray(picture)
    image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), Image.Resampling.BILINEAR)
    for quality in (82, 60, 35):
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        if file.tell() <= PREVIEW_BYTES:
            break
    return file.getvalue()
