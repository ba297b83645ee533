"""Previews on their way to the gallery: the newest of each run, one at a time, and never what is no picture."""

from __future__ import annotations

import asyncio
import contextlib

from darkroom.async_gallery import AsyncGallery
from darkroom.bridges.comfyui.reporting import Reporter
from darkroom.bridges.comfyui.runs import Run
from darkroom.bridges.comfyui.states import Phase
from darkroom.errors import Refused
from darkroom.files import check_preview

PREVIEW_SECONDS = 1.0  # between two of one run


class Previews:
    def __init__(self, gallery: AsyncGallery, report: Reporter) -> None:
        self._gallery, self._report = gallery, report
        self._newest: dict[str, tuple[Run, bytes]] = {}
        self._sent_at: dict[str, float] = {}
        self._sending: dict[str, asyncio.Task[None]] = {}

    def show(self, run: Run, data: bytes) -> None:
        """In place of one that was not sent yet."""
        self._newest[run.id] = (run, data)

    def send(self) -> None:
        """Those that are due."""
        now = asyncio.get_running_loop().time()
        self._sent_at = {key: at for key, at in self._sent_at.items() if now - at < PREVIEW_SECONDS}
        for batch_id in [key for key in self._newest if key not in self._sending and key not in self._sent_at]:
            run, data = self._newest.pop(batch_id)
            if run.phase is Phase.RUNNING and run.slot is not None:
                self._sent_at[batch_id] = now
                self._sending[batch_id] = asyncio.ensure_future(self._send(batch_id, run.slot, data))

    async def close(self) -> None:
        for task in self._sending.values():
            task.cancel()
        await asyncio.gather(*self._sending.values(), return_exceptions=True)

    async def _send(self, batch_id: str, slot: int, data: bytes) -> None:
        try:
            check_preview(data)
            with contextlib.suppress(Refused):  # its slot was taken meanwhile, or the batch is over
                await self._gallery.put_preview((batch_id, slot), data)
        except Refused as error:
            self._report.warn_once(f"preview:{batch_id}", f"A preview was left out: {error}", batchId=batch_id)
        finally:
            self._sending.pop(batch_id, None)
