"""The runs that are followed: how they are found, what happens to their outputs, and how they end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from darkroom.async_gallery import AsyncGallery
from darkroom.bridges.comfyui.copies import Copies
from darkroom.bridges.comfyui.jobs import Job, Summary
from darkroom.bridges.comfyui.memory import Memory
from darkroom.bridges.comfyui.messages import Message
from darkroom.bridges.comfyui.pull import ComfyUI
from darkroom.bridges.comfyui.reporting import Reporter
from darkroom.bridges.comfyui.runs import Run
from darkroom.bridges.comfyui.states import Copied, Phase, Say
from darkroom.bridges.comfyui.workflow import Workflow
from darkroom.errors import Refused

WAITING_MAX = 5_000  # events for the gallery, until it answers
AHEAD_MAX = 30  # waiting runs that are shown; the others when their turn comes nearer
EARLY_RUNS, EARLY_MESSAGES = 10, 200
ENDING_SECONDS = 10.0  # from the word that a run is over until it has to be in the history
RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")  # what the gallery takes as a batch's id
GRAVE = {"forbidden", "not_found", "unauthenticated"}


class Followed:
    """``on_end`` is told of each run that has ended: its id, status and message."""

    def __init__(
        self, comfyui: ComfyUI, gallery: AsyncGallery, folder_id: str, client_id: str, memory: Memory, report: Reporter
    ) -> None:
        self.comfyui, self.gallery, self.memory, self.report = comfyui, gallery, memory, report
        self.folder_id, self.client_id = folder_id, client_id
        self.runs: dict[str, Run] = {}
        self.is_draining = False
        self.on_end: Callable[[str, str, str], None] = lambda run_id, status, message: None
        self._places: dict[str, int] = {}
        self.is_away = True
        self.was_away = True  # since the last look: what is unknown now may have been lost
        self._ending_since: dict[str, float] = {}
        self._early: dict[str, list[Message]] = {}
        self.copies = Copies(comfyui, gallery, memory, report, self._end_if_over)
        self._cancelling: set[str] = set()
        self._refusal: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def refused(self) -> None:
        """Raises ``Refused`` when the gallery will not have the folder filled by this token."""
        await self._refusal

    # Looking

    async def look(self) -> int:
        """Bring everything to where ComfyUI is; returns how many runs wait or go on. Raises ``Away``."""
        if self.gallery.waiting > WAITING_MAX:
            return 0  # it is the gallery that is away, and has to hear first what is known already
        queued, finished = await self.comfyui.list_jobs()
        if self.memory.is_new:
            self.memory.is_new = False
            self.memory.since = max((job.created for job in finished), default=0.0)
            self.memory.ignore(job.id for job in finished)
        finished = [job for job in finished if not 0 < job.created <= self.memory.since]
        for run_id in [key for key in self.memory.open if key not in self.runs]:
            await self._resume(run_id)
        self._places = {job.id: place for place, job in enumerate(queued)}
        ahead = [job for job in queued if job.status == "in_progress"]
        ahead += [job for job in queued if job.status != "in_progress"][:AHEAD_MAX]
        for summary in [*finished, *ahead]:
            if not self.is_draining and summary.id not in self.runs and summary.id not in self.memory:
                await self._begin(summary)
        there = {job.id: job for job in queued}
        for run in list(self.runs.values()):
            run.trouble = ""
            seen = there.get(run.id)
            if seen is None or run.is_cancel_asked:
                await self._settle(run, seen)
            elif not run.heard_ending:
                run.learn(Job(seen.id, seen.status))
        self.is_away = self.was_away = False
        return len(queued)

    def note_away(self, sentence: str) -> None:
        """ComfyUI cannot be asked: all stay as they are, and say so once."""
        for run in self.runs.values():
            run.trouble = "ComfyUI does not answer."
        self.is_away = self.was_away = True
        self.report.warn_once("away", sentence)

    def queue_line(self, run: Run) -> str:
        before = self._places.get(run.id, 0)
        return f"In ComfyUI's queue, {before} before it" if before else "In ComfyUI's queue, next"

    async def _begin(self, summary: Summary) -> None:
        if not RUN_ID.fullmatch(summary.id):
            self.report.warn_once(
                f"id:{summary.id}", f"A run's id is none that the gallery takes: {summary.id[:60]!r}."
            )
            return
        job = await self.comfyui.job(summary.id)
        if job is None:
            return  # gone between two questions
        label = f"{job.workflow.label} #{abs(job.number):g}"
        run = Run(job.id, job.workflow, label, job.workflow.expected, self.memory.seen, self._tells_us(job))
        self.memory.begin(run.id, total=run.total, label=run.label)
        self.report.say("start", f"{label} has begun.", batchId=run.id, total=run.total)
        self._adopt(run, job)

    async def _resume(self, run_id: str) -> None:
        """A run that was open when the bridge ended: its batch is not begun anew, nor left behind."""
        facts = self.memory.open[run_id]
        job = await self.comfyui.job(run_id)
        workflow, is_ours = (job.workflow, self._tells_us(job)) if job else (Workflow(), False)
        run = Run(run_id, workflow, str(facts.get("label")), int(facts.get("total", 1)), self.memory.seen, is_ours)
        run.is_cancel_asked = bool(facts.get("cancel"))
        run.copies = dict.fromkeys(facts.get("kept", []), Copied.KEPT)
        self._adopt(run, job)

    def _tells_us(self, job: Job) -> bool:
        """ComfyUI tells what goes on to the client that started it, and to all where none is named."""
        return job.client_id in (None, self.client_id)

    def _adopt(self, run: Run, job: Job | None) -> None:
        self.runs[run.id] = run
        self._say(run.start(self.folder_id)).add_done_callback(lambda answer: self._started(run, answer))
        if job is not None:
            self.copies.begin(run, run.learn(job))
        for message in self._early.pop(run.id, []):
            self.copies.begin(run, run.hear(message))
        self._end_if_over(run)

    def keep_for_later(self, message: Message) -> None:
        """Said of a run before the first look at it."""
        if message.prompt_id in self._early or len(self._early) < EARLY_RUNS:
            kept = self._early.setdefault(message.prompt_id, [])
            if len(kept) < EARLY_MESSAGES:
                kept.append(message)

    def _started(self, run: Run, answer: asyncio.Future[dict[str, object]]) -> None:
        if answer.cancelled() or not isinstance(error := answer.exception(), Refused):
            return
        if error.code in GRAVE and not self._refusal.done():
            self._refusal.set_exception(error)
        else:
            self.report.say("warning", f"{run.label} cannot be shown: {error}", batchId=run.id)
            self._forget(run)

    # Ending

    async def _settle(self, run: Run, summary: Summary | None) -> None:
        """One that is not in the queue, or should not be for long."""
        if run.is_cancel_asked and summary is not None and run.id not in self._cancelling:
            await self.comfyui.cancel(run.id)
            self._cancelling.add(run.id)
        if run.phase in (Phase.OVER, Phase.ENDED):
            return self._end_if_over(run)
        job = await self.comfyui.job(run.id)
        if job is not None:
            self.copies.begin(run, run.learn(job))
        elif not self._is_just_ending(run):
            run.lose(was_there=not self.was_away)
        self._end_if_over(run)

    def _is_just_ending(self, run: Run) -> bool:
        """It has said that it is over, and the history may not have it yet."""
        now = asyncio.get_running_loop().time()
        since = self._ending_since.setdefault(run.id, now)
        return run.heard_ending is not None and now - since < ENDING_SECONDS

    def _end_if_over(self, run: Run) -> None:
        event = run.end()
        if event is None:
            return
        status, message = event.payload["status"], event.payload["message"]
        kept = sum(copied is Copied.KEPT for copied in run.copies.values())
        words = {"complete": "is complete", "partial": "is complete in parts", "cancelled": "was cancelled"}
        sentence = f"{run.label} {words.get(status, 'failed')}, {kept} kept. {message}".strip()
        self._say(event).add_done_callback(lambda _: self._forget(run))
        self.report.say("end", sentence, batchId=run.id, status=status, kept=kept)
        self.on_end(run.id, status, message)

    def _forget(self, run: Run) -> None:
        """The gallery has the end; until then a restart would tell it again."""
        self.runs.pop(run.id, None)
        self._ending_since.pop(run.id, None)
        self._places.pop(run.id, None)
        self._cancelling.discard(run.id)
        self.memory.finish(run.id)

    # What people ask for

    def ask_to_cancel(self, run_id: str) -> bool:
        """False: it is none of these."""
        if run_id in self.runs:
            self.runs[run_id].is_cancel_asked = True
        self.memory.note(run_id, cancel=True)
        return run_id in self.runs or run_id in self.memory.open

    def _say(self, event: Say) -> asyncio.Future[dict[str, object]]:
        return self.gallery.say(event.type, event.payload)
