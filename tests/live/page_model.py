"""The browser's page as its rules say, without a browser: what place.js and refetch.js do, in Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.live.elements import Element, roots

SEEN_FRAMES, SEEN_BYTES, SEEN_SECONDS = 32, 256 * 1024, 5.0  # a page acknowledges at whichever comes first
REGIONS = {"item": "grid", "placeholder": "grid", "batch": "batches", "mass": "batches"}


@dataclass(frozen=True)
class Fetched:
    """What the server answers to the page's own URL, or to that of the next older page."""

    revision: int
    grid: list[Element]
    batches: list[Element]
    messages: Element
    cursor: str | None


@dataclass
class Plan:
    """What one frame does to the page: removals, then insertions by their order, then replacements."""

    leaving: set[str] = field(default_factory=set)
    arriving: list[Element] = field(default_factory=list)
    swaps: list[tuple[str, Element]] = field(default_factory=list)


def is_older(one: Element, other: Element | None) -> bool:
    """As in JavaScript, where what has no revision is neither older nor newer."""
    return other is not None and None not in (one.revision, other.revision) and one.revision < other.revision


class Page:
    """One open page. ``fetch(cursor)`` asks the server, in two ``step()``: the answer is made, then laid over."""

    def __init__(self, fetch: Callable[[str], Fetched], page_size: int, *, is_insert_view: bool = True) -> None:
        self._fetch = fetch
        self.page_size = page_size
        self.is_insert_view = is_insert_view
        self.is_busy = False  # somebody types, selects, has scrolled down or a dialog open
        self.waiting: set[str] = set()
        self._held: list[str] = []
        self._jobs: list[str] = []
        self._answer: Fetched | None = None
        self._covered = -1
        first = fetch("")
        self.regions = {"grid": first.grid, "batches": first.batches}
        self.messages, self.revision, self.cursor = first.messages, first.revision, first.cursor

    # What is shown

    @property
    def shown(self) -> dict[str, Element]:
        elements = [element for region in self.regions.values() for element in region]
        by_id = {element.id: element for element in elements}
        assert len(by_id) == len(elements), "an id is on the page twice"
        return by_id

    def _card_of(self, dom_id: str, shown: dict[str, Element]) -> Element | None:
        """The card that the progress or lock element with this id lies in."""
        name = dom_id.removeprefix("lock-") if dom_id.startswith("lock-") else dom_id.removesuffix("-progress")
        card = shown.get(name if name.startswith("item-") else f"item-{name}")
        return card if card is not None and card.inner(dom_id) is not None else None

    # Frames

    def receive(self, text: str) -> None:
        """A frame arrives; while the page fetches, it waits."""
        if self._jobs:
            self._held.append(text)
        else:
            self._apply(text)
            self._changed()

    def _apply(self, text: str) -> None:
        frame: dict[str, Element] = {}
        for root in roots(text):
            if root.id and not is_older(root, frame.get(root.id)):
                frame[root.id] = root
        plan, shown, before = Plan(), self.shown, self.revision
        taken = {root.placeholder for root in frame.values()} - {""}
        for root in frame.values():
            if root.is_delete:
                self._leave(root, frame, taken, shown, plan)
        for root in frame.values():
            if root.is_delete:
                continue
            if root.id == "reset":
                if "reset" not in self._jobs and root.revision > self._covered:
                    self._jobs.append("reset")
            elif root.id == "revision":
                if root.revision > before and "reset" not in self._jobs:
                    self.revision = root.revision
            elif root.id == "messages":
                if root.revision > self.messages.revision:
                    self.messages = root
            elif root.id not in ("notice", "heartbeat"):
                self._place(root, frame, taken, shown, plan, before)
        self._carry_out(plan)

    def _leave(self, root: Element, frame: dict, taken: set[str], shown: dict[str, Element], plan: Plan) -> None:
        self.waiting.discard(root.id)
        if root.id not in shown or is_older(root, shown[root.id]):
            return
        if root.id in taken and any(c.placeholder == root.id and c.id not in shown for c in frame.values()):
            return  # its card comes in this very frame, and takes its place
        plan.leaving.add(root.id)

    def _place(self, root: Element, frame: dict, taken: set, shown: dict, plan: Plan, before: int) -> None:
        if root.id in shown:
            old = shown[root.id]
            if is_older(root, old):
                return
            if root.order != old.order:
                plan.leaving.add(root.id)
                if not self._is_deeper(root):
                    plan.arriving.append(root)
            else:
                plan.swaps.append((root.id, root))
            if root.placeholder in shown:
                plan.leaving.add(root.placeholder)
        elif card := self._card_of(root.id, shown):
            whole = frame.get(card.id)
            if is_older(root, card.inner(root.id)) or (whole and (whole.is_delete or not is_older(whole, root))):
                return
            plan.swaps.append((card.id, root))
        elif root.placeholder in shown:
            plan.swaps.append((root.placeholder, root))
        elif root.order:
            self._arrive(root, taken, shown, plan, before)

    def _arrive(self, root: Element, taken: set, shown: dict, plan: Plan, before: int) -> None:
        if not int(root.attr("data-created-revision") or root.revision) > before:
            return
        is_card = REGIONS[root.id.partition("-")[0]] == "grid"
        if is_card and (root.id in taken or any(card.placeholder == root.id for card in self.regions["grid"])):
            return
        if self._is_deeper(root):
            return
        if is_card and (self.is_busy or not self.is_insert_view):
            self.waiting.add(root.id)
        else:
            plan.arriving.append(root)

    def _is_deeper(self, root: Element) -> bool:
        return REGIONS[root.id.partition("-")[0]] == "grid" and root.order < (self.cursor or "")

    def _carry_out(self, plan: Plan) -> None:
        for region, elements in self.regions.items():
            kept = [element for element in elements if element.id not in plan.leaving]
            for place, root in plan.swaps:
                for index, element in enumerate(kept):
                    if element.id == place and place not in plan.leaving:
                        kept[index] = root if root.order else _with_part(element, root)
            kept += [root for root in plan.arriving if REGIONS[root.id.partition("-")[0]] == region]
            if any(root for root in plan.arriving):
                kept.sort(key=lambda element: element.order, reverse=True)
            self.regions[region] = kept

    # Fetching

    def _changed(self) -> None:
        if len(self.regions["grid"]) < self.page_size and self.cursor and not self._jobs:
            self._jobs.append("older")

    def reload(self) -> None:
        if "reset" not in self._jobs:
            self._jobs.append("reset")

    @property
    def is_fetching(self) -> bool:
        return bool(self._jobs)

    def step(self) -> None:
        """One step of the fetch that is under way: the server answers, or the answer is laid over the page."""
        if not self._jobs:
            return
        if self._answer is None:
            self._answer = self._fetch("" if self._jobs[0] == "reset" else self.cursor or "")
            return
        answer, self._answer = self._answer, None
        if self._jobs.pop(0) == "reset":
            self.regions = {"grid": answer.grid, "batches": answer.batches}
            self.messages, self.cursor = answer.messages, answer.cursor
            self.revision = self._covered = answer.revision
            self.waiting.clear()
        else:
            self._lay_older(answer)
        while self._held and not self._jobs:
            self._apply(self._held.pop(0))
        self._covered = -1
        self._changed()

    def _lay_older(self, answer: Fetched) -> None:
        shown = self.shown
        plan = Plan()
        for root in answer.grid:
            if any(card.placeholder == root.id for card in self.regions["grid"]):
                continue  # its card came meanwhile
            if root.id in shown:
                if root.revision > shown[root.id].revision:
                    plan.swaps.append((root.id, root))
            elif root.placeholder in shown:
                plan.swaps.append((root.placeholder, root))
            else:
                plan.arriving.append(root)
        self._carry_out(plan)
        self.cursor = answer.cursor


def _with_part(card: Element, part: Element) -> Element:
    card = card.with_inner(part)
    return card.with_revision(part.revision) if part.revision > card.revision else card
