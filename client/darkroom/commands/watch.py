"""``darkroom watch FOLDER``: any file that appears becomes an item, once it is written to its end."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import signal
from contextlib import suppress
from pathlib import Path

from darkroom.async_gallery import AsyncGallery
from darkroom.commands import connecting, exit_codes
from darkroom.commands.deliveries import deliver
from darkroom.commands.folder_scan import STILL_SECONDS, Scan, State
from darkroom.commands.reporter import Reporter
from darkroom.commands.watch_state import STATE_NAME, WatchState, batch_id_of, item_id_of
from darkroom.errors import Cancelled, DarkroomError, Refused, TokenRefused
from darkroom.files import check_source

HELP = "Show every file that appears in a folder, once it is written to its end."
LOOK_SECONDS = 0.5
TOGETHER = 100  # files in one batch
GOODBYE_SECONDS = 10.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="FOLDER", help="what to watch, with its subfolders")
    connecting.add_arguments(parser)
    parser.add_argument(
        "--match", action="append", default=[], metavar="PATTERN",
        help="only files of this name, as '*.png'; may be repeated (default: pictures, films and sounds)",
    )  # fmt: skip
    parser.add_argument("--existing", action="store_true", help="take what is there already at the first start too")
    parser.add_argument("--once", action="store_true", help="end when all that is there now is in the gallery")
    parser.add_argument(
        "--still", type=float, default=STILL_SECONDS, metavar="SECONDS",
        help="a file that has not changed for so long is finished (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--state", type=Path, metavar="FILE", help=f"remembers what is done (default: {STATE_NAME} in the folder)"
    )


def run(options: argparse.Namespace) -> int:
    report = Reporter(as_json=options.json)
    report.carry_log()
    return asyncio.run(_watch(options, report))


async def _watch(options: argparse.Namespace, report: Reporter) -> int:
    if not options.path.is_dir():
        report.say("error", f"{options.path} is no folder that can be watched.")
        return exit_codes.NOT_THERE
    try:
        gallery = connecting.open_gallery(options)
        state = WatchState(options.state or options.path / STATE_NAME)
    except (DarkroomError, OSError) as error:
        report.say("error", str(error))
        return exit_codes.USAGE
    watcher = Watcher(options, gallery, state, report)
    task = asyncio.ensure_future(watcher.watch())
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        report.say("end", f"Stopped; {watcher.delivered} files are in the gallery.", delivered=watcher.delivered)
        return exit_codes.DONE
    except (TokenRefused, Refused) as error:
        report.say("error", str(error))
        return exit_codes.GALLERY_REFUSED
    finally:
        await gallery.close(GOODBYE_SECONDS)
    report.say("end", f"{watcher.delivered} files are in the gallery.", delivered=watcher.delivered)
    return exit_codes.NOT_ALL_TAKEN if watcher.refused else exit_codes.DONE


class Watcher:
    """Looks, waits until files are still, and hands them in."""

    def __init__(self, options: argparse.Namespace, gallery: AsyncGallery, state: WatchState, report: Reporter) -> None:
        self.options, self.gallery, self.state, self.report = options, gallery, state, report
        self.delivered = self.refused = 0
        self._scan = Scan(options.path, options.match, options.still)
        # The ids of two galleries' folders must not meet.
        self._target = options.folder or hashlib.sha256(gallery.token.encode()).hexdigest()

    async def watch(self) -> None:
        if self.state.is_new and not self.options.existing:
            for path, state in self._scan.files():
                self.state.note(self._name(path), state)
        for batch_id in self.state.open_batches:
            told = {"batchId": batch_id, "status": "partial", "message": "Its watcher was stopped; the rest follows."}
            with suppress(Refused):  # it had not begun
                await self.gallery.say("batch:end", told)
            self.state.note_batch(batch_id, ended=True)
        self.report.say("watching", f"Watching {self.options.path}.", path=str(self.options.path))
        while True:
            finished = await asyncio.to_thread(self._scan.finished, self._is_known)
            for begin in range(0, len(finished), TOGETHER):
                await self._take(finished[begin : begin + TOGETHER])
            if self.options.once and not finished and not self._scan.expects_more:
                return
            await asyncio.sleep(LOOK_SECONDS)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.options.path).as_posix()

    def _is_known(self, path: Path, state: State) -> bool:
        return self.state.knows(self._name(path), state)

    async def _take(self, files: list[tuple[Path, State]]) -> None:
        new: list[tuple[Path, State, str]] = []
        for path, state in files:
            try:
                check_source(path, self.gallery.max_media_bytes)
                item_id = await asyncio.to_thread(item_id_of, path, self._name(path), self._target)
            except (Refused, OSError) as error:
                self._refuse(path, state, str(error))
                continue
            if item_id in (known for _, _, known in new) or await self._is_there(path, item_id):
                self.state.note(self._name(path), state, item_id)
            else:
                new.append((path, state, item_id))
        if new:
            await self._deliver(new)

    async def _is_there(self, path: Path, item_id: str) -> bool:
        """Whether the last watcher got it there; what that one had only begun is brought to its end."""
        try:
            item = await self.gallery.get(f"/api/items/{item_id}")
        except Refused:
            return False
        if item["status"] == "complete" and item.get("mediaUrl"):
            return True
        with suppress(Refused):  # its card says why
            await self.gallery.put_media(item_id, path)
            await self.gallery.say("item:update", {"itemId": item_id, "status": "complete"})
            self.delivered += 1
        return True

    async def _deliver(self, new: list[tuple[Path, State, str]]) -> None:
        label, ids = self.options.path.resolve().name, [item_id for _, _, item_id in new]
        batch = self.gallery.batch(label, len(new), id=batch_id_of(ids), folder=self.options.folder)
        self.state.note_batch(batch.id, ended=False)
        async with batch:
            for path, state, item_id in new:
                try:
                    taken = await deliver(batch, path, self._name(path), item_id, self.report)
                except Cancelled:
                    for left, its_state, _ in new:  # nobody wants these any more
                        if not self.state.knows(self._name(left), its_state):
                            self.state.note(self._name(left), its_state)
                    raise
                self.state.note(self._name(path), state, item_id)
                self.delivered += taken
                self.refused += not taken
        await self.gallery.flush()
        self.state.note_batch(batch.id, ended=True)

    def _refuse(self, path: Path, state: State, sentence: str) -> None:
        self.report.say("refused", sentence, path=str(path))
        self.state.note(self._name(path), state)
        self.refused += 1
