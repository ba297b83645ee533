"""What every renderer is: a generator of steps whose last word is the picture."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]  # height × width × 3, sRGB


class RenderFailed(Exception):
    """The computation cannot give a picture; the text says why, in a sentence for people."""


@dataclass(frozen=True)
class Job:
    """One picture to make. The same job gives the same picture."""

    variant: str
    seed: int
    size: int = 1024  # pixels a side
    effort: float = 1.0  # share of the full number of steps or samples; less in tests
    careful: bool = False  # parameters that cannot fail, after a first try that did
    daring: bool = False  # parameters at the edge of what the method bears

    def random(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)

    def rounds(self, full: int, at_least: int = 4) -> int:
        """How many of ``full`` iterations this job's effort allows."""
        return max(at_least, round(full * self.effort))


@dataclass(frozen=True)
class Step:
    """How far a picture is. ``look`` costs time and is called only when somebody is shown it."""

    fraction: float
    message: str
    look: Callable[[], Picture]


@dataclass(frozen=True)
class Film:
    """A finished video."""

    data: bytes
    content_type: str
    seconds: float


Rendering = Generator[Step, None, Picture | Film]
Renderer = Callable[[Job], Rendering]
