"""What the worker makes: batches of 4 to 8 pictures with a name, for ever, and the same ones for the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gallery_project.demo.renderers import KINDS, Job

Style = Literal["develop", "queue", "sheet"]
# develop: an item when its turn comes; queue: all items at once, waiting; sheet: placeholders that develop themselves
STYLES: tuple[Style, ...] = ("develop", "queue", "sheet")

# What stands on the batch's strip: the kinds that suit it. The first two are as they are: a newcomer sees them.
THEMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("First light", ("escape_time", "flow", "attractor", "strata")),
    ("Growth, in stills and on film", ("reaction", "films", "reaction!", "spheres", "buddhabrot")),
    ("Currents and smoke", ("flow", "attractor", "flow", "attractor", "attractor", "flow")),
    ("Paper and stone", ("strata", "spheres", "strata", "spheres", "strata")),
    ("Edge of order", ("lyapunov", "escape_time", "lyapunov", "escape_time", "lyapunov", "buddhabrot")),
    ("Petri dishes", ("reaction", "reaction", "reaction!", "films", "reaction", "reaction")),
    ("Mixed portfolio", ("spheres", "lyapunov", "flow", "strata", "attractor", "reaction", "buddhabrot", "films")),
)


@dataclass(frozen=True)
class Assignment:
    """One picture of a batch, as it is written into the item's metadata: enough to make it once more."""

    kind: str
    variant: str
    seed: int
    daring: bool = False

    @classmethod
    def from_metadata(cls, metadata: dict[str, Any]) -> Assignment | None:
        """None where the item is not of the demo's making."""
        kind, variant, seed = (metadata.get(name) for name in ("renderer", "variant", "seed"))
        if kind not in KINDS or variant not in KINDS[kind].variants or not isinstance(seed, int):
            return None
        return cls(kind, variant, seed, daring=bool(metadata.get("daring")))

    @property
    def metadata(self) -> dict[str, Any]:
        return {"renderer": self.kind, "variant": self.variant, "seed": self.seed, "daring": self.daring}

    @property
    def item_type(self) -> str:
        return "video" if self.kind == "films" else "image"

    @property
    def seconds(self) -> float:
        return KINDS[self.kind].seconds

    def job(self, size: int, effort: float, *, careful: bool = False) -> Job:
        return Job(self.variant, self.seed, size, effort, careful=careful, daring=self.daring)


@dataclass(frozen=True)
class Plan:
    """One batch."""

    label: str
    style: Style
    assignments: tuple[Assignment, ...]

    @property
    def seconds(self) -> float:
        return sum(assignment.seconds for assignment in self.assignments)


def plan(seed: int, number: int) -> Plan:
    """The batch with this number, counted from 0. A kind with "!" is tried with parameters that may fail."""
    random = np.random.default_rng([seed, number])
    label, kinds = THEMES[number % len(THEMES)] if number < 2 else THEMES[int(random.integers(2, len(THEMES)))]
    used: set[str] = set()
    assignments = []
    for kind in kinds:
        daring, kind = kind.endswith("!"), kind.rstrip("!")
        choices = [v for v in KINDS[kind].variants if v not in used] or list(KINDS[kind].variants)
        variant = choices[int(random.integers(len(choices)))]
        used.add(variant)
        assignments.append(Assignment(kind, variant, int(random.integers(2**31)), daring))
    return Plan(label, STYLES[number % len(STYLES)], tuple(assignments))
