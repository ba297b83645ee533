"""The copies that are under way: which output of which run, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from darkroom.async_gallery import AsyncGallery
from darkroom.bridges.comfyui.copying import NotCopied, copy
from darkroom.bridges.comfyui.memory import Memory
from darkroom.bridges.comfyui.outputs import Output
from darkroom.bridges.comfyui.pull import ComfyUI
from darkroom.bridges.comfyui.reporting import Reporter
from darkroom.bridges.comfyui.runs import Run
from darkroom.bridges.comfyui.states import Copied
from darkroom.errors import Refused, TokenRefused

FAILED_MAX = 200  # that may be asked for again
AT_ONCE = 2  # each may lie in a temporary file meanwhile


class Copies:
    """``on_done`` is told of a run one of whose copies has come or cannot come."""

    def __init__(
        self, comfyui: ComfyUI, gallery: AsyncGallery, memory: Memory, report: Reporter, on_done: Callable[[Run], None]
    ) -> None:
        self._comfyui, self._gallery, self._memory, self._report = comfyui, gallery, memory, report
        self._on_done = on_done
        self._tasks: set[asyncio.Task[None]] = set()
        self._failed: dict[str, tuple[Run, Output]] = {}
        self._limit = asyncio.Semaphore(AT_ONCE)

    def begin(self, run: Run, outputs: Iterable[Output]) -> None:
        """Each becomes an item at once, and is finished when its file has come."""
        for output in outputs:
            added = run.add(output)
            self._gallery.say(added.type, added.payload)
            self._tasks.add(task := asyncio.ensure_future(self._copy(run, output)))
            task.add_done_callback(self._tasks.discard)

    def again(self, item_id: str) -> bool:
        """One that could not be copied, when somebody asks for it; False where it is none of those."""
        run, output = self._failed.pop(item_id, (None, None))
        if run is None or output is None:
            return False
        run.copies[output.key] = Copied.COPYING
        self.begin(run, [output])
        return True

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _copy(self, run: Run, output: Output) -> None:
        item_id = output.item_id(run.id)
        try:
            async with self._limit:
                await copy(self._comfyui, self._gallery, output, item_id)
        except (NotCopied, Refused) as error:
            failed = run.fail(output, str(error))
            self._failed[item_id] = (run, output)
            self._failed = dict(list(self._failed.items())[-FAILED_MAX:])
            self._gallery.say(failed.type, failed.payload)
            self._report.say("warning", str(error), about=f"item:{item_id}", batchId=run.id, itemId=item_id)
        except TokenRefused:
            return  # the bridge ends by it
        else:
            kept = run.keep(output)
            self._gallery.say(kept.type, kept.payload).add_done_callback(lambda _: self._remember(run, output))
            self._report.say("item", f"{output.filename} is in the gallery.", batchId=run.id, itemId=item_id)
        self._on_done(run)

    def _remember(self, run: Run, output: Output) -> None:
        """The gallery has it; until then a restart would copy it again."""
        self._memory.see(output.key, run.id)
        self._memory.note(run.id, kept=[key for key, copied in run.copies.items() if copied is Copied.KEPT])
