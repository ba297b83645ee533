"""What a command makes: how far it is goes to the next placeholder, each file it writes becomes an item."""

from __future__ import annotations

import asyncio
import time
import uuid
from pathlib import Path

from darkroom.async_batch import AsyncBatch
from darkroom.commands.deliveries import deliver
from darkroom.commands.folder_scan import Scan, State, state_of
from darkroom.commands.progress_lines import Reading
from darkroom.commands.reporter import Reporter
from darkroom.errors import DarkroomError, Refused
from darkroom.text import clean_message

SHOWN_SECONDS = 1.0  # between two lines of --json about how far it is


class Outputs:
    """All that was not there, or was another, when the command began."""

    def __init__(self, batch: AsyncBatch, scans: list[Scan], report: Reporter) -> None:
        self.batch, self.scans, self.report = batch, scans, report
        self.delivered = self.refused = 0
        self._known: dict[Path, State] = {path: state for scan in scans for path, state in scan.files()}
        self._items: dict[Path, str] = {}
        self._shown = float("-inf")
        self._cannot = False  # the gallery does not take the batch; the command goes on all the same

    def show(self, reading: Reading) -> None:
        told = {"batchId": self.batch.id, "progress": reading.percent, "message": clean_message(reading.message)}
        if reading.seconds_left is not None:
            told["estimatedTimeSeconds"] = reading.seconds_left
        try:
            self.batch.gallery.progress("batch:progress", told)
            if len(self._items) < self.batch.total:
                self.batch.gallery.progress("batch:progress", told | {"index": len(self._items)})
        except DarkroomError:
            return
        if self.report.as_json and time.monotonic() - self._shown >= SHOWN_SECONDS:
            self._shown = time.monotonic()
            self.report.say("progress", reading.message, percent=reading.percent, secondsLeft=reading.seconds_left)

    async def look(self, *, at_the_end: bool = False) -> None:
        """Hand in what is finished; at the end nothing grows any more."""
        for scan in self.scans:
            if at_the_end:
                scan.still_seconds = 0.0
            for path, state in await asyncio.to_thread(scan.finished, self._is_known):
                self._known[path] = state
                await self._take(path, scan)

    def end(self, code: int, last_line: str, *, was_stopped: bool) -> None:
        """Say how it ended."""
        self.batch.gallery.drop_batch(self.batch)
        if self.batch.cancelled:
            status, message = "cancelled", "Cancelled in the gallery."
        elif was_stopped:
            status, message = "cancelled", "Stopped where it ran."
        elif code:
            status, message = "error", f"Ended with {code}. {last_line}"
        elif self.refused:
            status, message = "partial", f"{self.refused} files were not taken."
        else:
            status, message = "complete", "" if self.delivered else "It wrote no picture, film or sound."
        told = {"batchId": self.batch.id, "status": status, "message": clean_message(message)}
        try:
            self.batch.gallery.say("batch:end", told, even_if_full=True)
        except DarkroomError as error:
            self._say_cannot(error)

    async def _take(self, path: Path, scan: Scan) -> None:
        if state_of(path) is None:  # it was only for the command's own use
            return
        if self._cannot:
            self.refused += 1
            return
        name = path.relative_to(scan.folder).as_posix()
        try:
            if path in self._items:  # written further after all
                await self.batch.gallery.put_media(self._items[path], path)
                return
            self._items[path] = uuid.uuid4().hex
            taken = await deliver(self.batch, path, name, self._items[path], self.report)
        except Refused as error:
            taken = False
            if self.batch.refusal is not None:
                self._say_cannot(error)
        except DarkroomError as error:
            taken = False
            self._say_cannot(error)
        self.delivered += taken
        self.refused += not taken

    def _is_known(self, path: Path, state: State) -> bool:
        return self._known.get(path) == state

    def _say_cannot(self, error: DarkroomError) -> None:
        if not self._cannot:
            self.report.say("error", f"{error} The command goes on without the gallery.")
        self._cannot = True
