"""One run of ComfyUI, from what is heard of it to what the gallery is told. Knows no socket and no clock.

What comes over ComfyUI's socket is a hint: it may come twice, late, out of order or not at all. It moves the bar and
brings outputs early. How a run ended, and what it made, is taken from the pull side alone (``learn``). So whatever
happens on the way, the same is told in the end, and the end is told once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from darkroom.bridges.comfyui.jobs import Job
from darkroom.bridges.comfyui.messages import ENDINGS, Message
from darkroom.bridges.comfyui.outputs import NotAFile, Output, count_shown, read_outputs
from darkroom.bridges.comfyui.progress import ALMOST, Progress
from darkroom.bridges.comfyui.states import Copied, Phase, Say
from darkroom.bridges.comfyui.workflow import Workflow
from darkroom.text import clean_message, clean_name

NOTES_MAX = 20


@dataclass
class Run:
    """``seen`` says which run each file in ComfyUI's output folder came from, as far as is remembered."""

    id: str
    workflow: Workflow
    label: str
    total: int
    seen: Mapping[str, str] = field(default_factory=dict)
    is_ours: bool = False  # so that ComfyUI tells this bridge what goes on
    phase: Phase = Phase.WAITING
    is_cancel_asked: bool = False
    trouble: str = ""  # said instead of how far it is
    copies: dict[str, Copied] = field(default_factory=dict)
    outputs: dict[str, Output] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    is_partial: bool = False
    progress: Progress = field(init=False)
    verdict: tuple[str, str] | None = None
    heard_ending: Message | None = None
    _said: dict[int | None, tuple[Any, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.progress = Progress(self.workflow, *(["Starting"] if self.is_ours else []))

    # What is heard

    def hear(self, message: Message) -> list[Output]:
        """A message about this run; returns the outputs that are to be copied now."""
        if message.type in ENDINGS:
            self.heard_ending = message
        elif message.type == "executed":
            return self._take(message.data.get("node"), message.data.get("output"))
        if self.phase in (Phase.WAITING, Phase.RUNNING) and self.progress.hear(message):
            self.phase = Phase.RUNNING
        return []

    def learn(self, job: Job) -> list[Output]:
        """The truth, as ComfyUI has it; returns the outputs that are to be copied now."""
        if self.phase is Phase.ENDED:
            return []
        if not job.is_over:
            if self.phase is not Phase.OVER:
                self.phase = Phase.RUNNING if job.status == "in_progress" else self.phase
            return []
        self.progress.note_cached(job.cached_nodes)
        fresh = [output for node, shown in job.outputs.items() for output in self._take(node, shown)]
        shown = sum(count_shown(shown) for shown in job.outputs.values())
        if not self.copies and shown and not self.notes:
            self._note(f"ComfyUI only showed {shown} and saved none: a Save node keeps what a Preview node shows.")
        self._close(job.status, job.ending)
        return fresh

    def lose(self, was_there: bool) -> None:
        """ComfyUI does not know it (any more). ``was_there``: it has not been away since it last did."""
        if self.phase is Phase.ENDED:
            return
        if self.heard_ending is not None:
            status = {"complete": "completed", "error": "failed"}.get(ENDINGS[self.heard_ending.type], "cancelled")
            self._close(status, self.heard_ending.data)
        elif self.is_cancel_asked or (was_there and self.phase is Phase.WAITING):
            self._close("cancelled", {})
        else:
            self.phase = Phase.OVER
            self.verdict = ("error", "Lost: ComfyUI no longer knows this run. It was probably restarted.")

    def _take(self, node: Any, shown: Any) -> list[Output]:
        fresh = []
        for output in read_outputs(shown):
            if isinstance(output, NotAFile):
                self.is_partial = True
                self._note(str(output))
            elif output.key not in self.copies and self.phase is not Phase.ENDED:
                is_old = self.seen.get(output.key, self.id) != self.id
                if is_old and not self.progress.knows_cached:
                    continue  # perhaps a file of that name made anew, perhaps not: the truth will tell
                self.outputs[output.key] = output
                if is_old and str(node) in self.progress.cached:
                    self.copies[output.key] = Copied.OLD
                else:
                    self.copies[output.key] = Copied.COPYING
                    fresh.append(output)
        return fresh

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes and len(self.notes) < NOTES_MAX:
            self.notes.append(sentence)

    def _close(self, status: str, ending: Mapping[str, Any]) -> None:
        self.phase = Phase.OVER
        title = self.workflow.title(ending["node_id"]) if ending.get("node_id") is not None else ""
        if status == "completed":
            self.verdict = ("complete", "")
        elif status == "cancelled":
            where = f" at {title}" if title else ""
            by_whom = "Cancelled in the gallery" if self.is_cancel_asked else "Stopped in ComfyUI"
            self.verdict = ("cancelled", f"{by_whom}{where}.")
        else:
            reason = str(ending.get("exception_message") or ending.get("exception_type") or "ComfyUI gave no reason.")
            self.verdict = ("error", f"{title or 'ComfyUI'}: {reason.strip()}")

    # What is told

    def start(self, folder_id: str) -> Say:
        return Say(
            "batch:start",
            {"batchId": self.id, "total": self.total, "label": self.label, "targetFolderId": folder_id},
        )

    def add(self, output: Output) -> Say:
        """The output as an item that is still to come; told again, it is the same item."""
        metadata, note = self.workflow.metadata(file=output.key)
        if note:
            self._note(note)
        item: dict[str, Any] = {"id": output.item_id(self.id), "name": clean_name(output.filename)}
        item |= {"type": output.item_type, "metadata": metadata}
        item |= {"isPending": True, "status": "processing", "message": "Copying from ComfyUI"}
        return Say("batch:progress", {"batchId": self.id, "item": item})

    def keep(self, output: Output) -> Say:
        self.copies[output.key] = Copied.KEPT
        return Say("item:update", {"itemId": output.item_id(self.id), "status": "complete"})

    def fail(self, output: Output, sentence: str) -> Say:
        self.copies[output.key], self.is_partial = Copied.FAILED, True
        self._note(sentence)
        payload = {"itemId": output.item_id(self.id), "status": "error", "message": clean_message(sentence)}
        return Say("item:update", payload)

    def news(self, queue_line: str = "", *, again: bool = False) -> Iterator[Say]:
        """How far it is, for its strip and for the placeholder of the next picture, where that has changed."""
        index = self.slot if self.phase is Phase.RUNNING else None
        percent, line = None, queue_line
        if self.phase is Phase.RUNNING:
            percent, line = self.progress.now()
        elif self.phase is Phase.OVER:
            percent, line = ALMOST, "Copying from ComfyUI"
        elif self.phase is Phase.ENDED:
            return
        line = self.trouble or line
        for place in dict.fromkeys((None, index)):
            if again or self._said.get(place) != (percent, line):
                self._said[place] = (percent, line)
                payload = {"batchId": self.id, "progress": percent, "message": clean_message(line)}
                yield Say("batch:progress", payload | ({} if place is None else {"index": place}))

    @property
    def slot(self) -> int | None:
        """The placeholder that the next picture takes, if there is one left."""
        used = sum(copied is not Copied.OLD for copied in self.copies.values())
        return used if used < self.total else None

    def end(self) -> Say | None:
        """Once: when it is over and everything is copied, or could not be."""
        if self.phase is not Phase.OVER or Copied.COPYING in self.copies.values() or self.verdict is None:
            return None
        self.phase = Phase.ENDED
        status, sentence = self.verdict
        old = sum(copied is Copied.OLD for copied in self.copies.values())
        notes = [sentence, *self.notes]
        if status == "complete":
            status = "partial" if self.is_partial else status
            if old:
                notes.append(f"ComfyUI had {old} of its outputs from an earlier run, and did not make them again.")
        message = clean_message(" ".join(note for note in notes if note))
        return Say("batch:end", {"batchId": self.id, "status": status, "message": message})
