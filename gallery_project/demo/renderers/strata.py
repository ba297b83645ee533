"""Strata: sheets of paper, cut along the contours of a folded landscape, with the shadows they throw."""

from __future__ import annotations

from functools import partial

import numpy as np

from gallery_project.demo.palettes import Floats, finish, paint
from gallery_project.demo.renderers.base import Job, Rendering, Step
from gallery_project.demo.shapes import blur, noise

SHEETS = 36

# variant: palette, coarseness of the land, how far it is folded
LANDS: dict[str, tuple[str, float, float]] = {
    "Strata, canyon": ("terracotta", 0.42, 0.30),
    "Strata, fjord": ("glacier", 0.36, 0.22),
    "Strata, evening hills": ("coral at dawn", 0.50, 0.18),
    "Strata, agate": ("iris", 0.30, 0.42),
    "Strata, forest floor": ("moss", 0.38, 0.26),
}
VARIANTS = tuple(LANDS)


def render(job: Job) -> Rendering:
    """Lay one sheet on the other, from the deepest to the highest."""
    palette, coarseness, folding = LANDS[job.variant]
    random = job.random()
    size = job.size
    land = _land(random, size, coarseness, folding)
    sheets = job.rounds(SHEETS, at_least=8)
    levels = np.linspace(0, 1, sheets + 1)[1:]
    order = np.quantile(land[::4, ::4], levels[:-1] ** 1.1)
    fibre = 1 + 0.035 * blur(random.normal(size=(size, size)).astype(np.float32), 0.8)
    colour = np.broadcast_to(paint(palette, np.array(0.03)), (size, size, 3)).astype(np.float32)
    colour = colour * fibre[..., None]
    scale = size / 1024
    for number, threshold in enumerate(order, start=1):
        sheet = np.clip((land - threshold) / _slope(land, threshold) + 0.5, 0, 1)
        # The sun stands in the upper left; the sheet's shadow is soft further off.
        near = np.roll(blur(sheet, 3.0 * scale), (round(3 * scale), round(3 * scale)), (0, 1))
        far = np.roll(blur(sheet, 13 * scale), (round(9 * scale), round(9 * scale)), (0, 1))
        shadow = 1 - 0.42 * near - 0.34 * far
        edge = np.clip(sheet - np.roll(sheet, (round(1.5 * scale),) * 2, (0, 1)), 0, 1)
        tone = 0.06 + 0.88 * (number / len(order)) ** 0.95 + random.normal(0, 0.018)
        paper = paint(palette, np.array(tone)) * fibre[..., None] * (1 + 0.28 * edge[..., None])
        colour *= (shadow + (1 - shadow) * sheet)[..., None]
        colour += (paper - colour) * sheet[..., None]
        yield Step(number / len(order), f"sheet {number}/{len(order)}", partial(_photograph, colour, job))
    return _photograph(colour, job)


def _land(random: np.random.Generator, size: int, coarseness: float, folding: float) -> Floats:
    hills = noise(random, size, coarseness=coarseness, roughness=0.7)
    folds = [noise(random, size, coarseness=coarseness * 0.8, roughness=0.7) * folding * size for _ in range(2)]
    y, x = np.mgrid[0:size, 0:size]
    row = (y + folds[0]).astype(np.int32) % size
    column = (x + folds[1]).astype(np.int32) % size
    # Read at whole points: smoothed, or the knife would follow each of them.
    return blur(hills[row, column], size / 300)


def _slope(land: Floats, threshold: float) -> Floats:
    """How much the land rises from one pixel to the next: an edge is one pixel wide everywhere."""
    rise_y, rise_x = np.gradient(land)
    return np.maximum(np.hypot(rise_x, rise_y), 1e-5)


def _photograph(colour: Floats, job: Job) -> np.ndarray:
    return finish(colour, seed=job.seed, vignette=0.10)
