"""The bridge: what a ComfyUI does is told in a folder, and what is asked for there is done.

Three things go on beside each other: the socket brings hints (``_hear``), the pull side the truth (``_look``), and a
slow clock tells the gallery how far the runs are (``_tell``). The socket's news of a changed queue only makes the next
look come at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from darkroom.async_gallery import AsyncGallery
from darkroom.bridges.comfyui.connection import Connection
from darkroom.bridges.comfyui.following import Followed
from darkroom.bridges.comfyui.memory import Memory
from darkroom.bridges.comfyui.messages import ENDINGS, STATUS, Message, Preview
from darkroom.bridges.comfyui.previews import Previews
from darkroom.bridges.comfyui.pull import Away, ComfyUI
from darkroom.bridges.comfyui.reporting import Reporter
from darkroom.bridges.comfyui.states import Phase
from darkroom.errors import Refused

LOOK_SECONDS = 3.0  # at the latest; each change of the queue brings one at once
PAUSE_SECONDS = 0.25  # between two looks at the least
TELL_SECONDS = 0.4
ALIVE_SECONDS = 40.0  # the gallery takes work that says nothing for two minutes for stalled
QUIET_SECONDS, QUIET_MAX_SECONDS = 15.0, 240.0  # from a run of ours, until the socket is opened anew


class Bridge:
    """One ComfyUI, one folder."""

    def __init__(
        self, comfyui: ComfyUI, gallery: AsyncGallery, folder_id: str, memory: Memory, client_id: str, report: Reporter
    ) -> None:
        self.comfyui, self.gallery, self.report = comfyui, gallery, report
        self.followed = Followed(comfyui, gallery, folder_id, client_id, memory, report)
        self.connection = Connection(comfyui, client_id, self._hear, self._socket_changed)
        self._previews = Previews(gallery, report)
        self._look_now = asyncio.Event()
        self._last_progress = ""
        self._quiet_seconds = QUIET_SECONDS
        self._queued = 0
        self.socket_open = asyncio.Event()
        gallery.on_command(self._obey)

    async def run(self) -> None:
        """Until cancelled, or drained; raises ``Refused`` or ``TokenRefused`` when the gallery refuses."""
        try:
            await _first_of(self._work(), self.gallery.run(), self.followed.refused())
        finally:
            await self._previews.close()
            await self.followed.copies.close()

    async def _work(self) -> None:
        """Once it is known that the folder may be filled."""
        folder = await self.gallery.get(f"/api/folders/{self.followed.folder_id}")
        if folder.get("role") == "viewer":
            raise Refused("forbidden", f"The token may look at the folder '{folder.get('name')}', but not change it.")
        where = f"its runs appear in the folder '{folder.get('name')}'"
        self.report.say("ready", f"Following {self.comfyui.name}: {where}.", clientId=self.connection.client_id)
        await _first_of(self.connection.run(), self._look_again(), self._tell())

    # Hints

    def _hear(self, said: Message | Preview) -> None:
        if isinstance(said, Preview):
            self._show(said)
        elif said.type == STATUS:
            self._look_now.set()
        elif (run := self.followed.runs.get(said.prompt_id)) is not None:
            if said.type == "progress":
                self._last_progress = run.id
            self.followed.copies.begin(run, run.hear(said))
            if said.type in ENDINGS:
                self._look_now.set()
        elif said.prompt_id and said.prompt_id not in self.followed.memory:
            self.followed.keep_for_later(said)
            self._look_now.set()

    def _show(self, preview: Preview) -> None:
        """An older preview names no run: it follows on the progress of its run (``main.py``)."""
        run = self.followed.runs.get(preview.prompt_id or self._last_progress)
        if run is not None:
            self._previews.show(run, preview.data)

    def _socket_changed(self, is_open: bool) -> None:
        if is_open:
            self.socket_open.set()
        else:
            self.socket_open.clear()
            self.followed.was_away = True  # perhaps it was restarted
        self._look_now.set()

    # The truth

    async def _look_again(self) -> None:
        while True:
            self._look_now.clear()
            try:
                self._queued = await self.followed.look()
            except Away as away:
                self.followed.note_away(str(away))
            else:
                if self.report.settle("away"):
                    self.report.say("connected", f"{self.comfyui.name} answers again.")
                await self._renew_if_deaf()
                if self.followed.is_draining and not self.followed.runs:
                    return
            await asyncio.sleep(PAUSE_SECONDS)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._look_now.wait()

    async def _renew_if_deaf(self) -> None:
        now = asyncio.get_running_loop().time()
        should_hear = any(run.phase is Phase.RUNNING and run.is_ours for run in self.followed.runs.values())
        is_quiet = self.connection.is_open and should_hear and now - self.connection.heard_at > self._quiet_seconds
        if self.connection.is_deaf(self._queued) or is_quiet:
            # A node may well say nothing for minutes: ever more patience.
            self._quiet_seconds = min(QUIET_MAX_SECONDS, 2 * self._quiet_seconds) if is_quiet else QUIET_SECONDS
            await self.connection.renew()

    # The gallery

    async def _tell(self) -> None:
        loop = asyncio.get_running_loop()
        alive_at = loop.time()
        while True:
            await asyncio.sleep(TELL_SECONDS)
            again = loop.time() - alive_at > ALIVE_SECONDS and not self.followed.is_away
            alive_at = loop.time() if again else alive_at
            for run in list(self.followed.runs.values()):
                for event in run.news(self.followed.queue_line(run), again=again):
                    self.gallery.progress(event.type, event.payload)
            self._previews.send()

    def _obey(self, command: dict[str, Any]) -> bool:
        """What a person asked for in the gallery, written down before it is acknowledged. False: none of ours."""
        payload = command.get("payload") or {}
        match command.get("type"):
            case "batch:cancel":
                self._look_now.set()
                return self.followed.ask_to_cancel(str(payload.get("batchId")))
            case "item:retry":
                return self.followed.copies.again(str(payload.get("itemId")))
            case "system:drain":
                self.report.say("drain", f"The gallery asks to finish: {payload.get('message') or 'no reason given'}")
                self.followed.is_draining = True
                self._look_now.set()
        return True


async def _first_of(*work: Coroutine[Any, Any, None]) -> None:
    """Until one of them ends or breaks; the others end with it."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
