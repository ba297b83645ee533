"""Clifford and De Jong attractors: a hundred million points, each a grain of light."""

from __future__ import annotations

import numpy as np

from gallery_project.demo.palettes import Floats, finish, paint
from gallery_project.demo.renderers.base import Job, Picture, Rendering, Step
from gallery_project.demo.shapes import blur, tone_map

POINTS = 160_000  # at once
ROUNDS = 760
COARSE, FILLED = 64, 0.16  # share of a coarse grid's cells that a form worth looking at comes by
SETTLE = 60  # rounds until the points lie on the attractor

# variant: palette, kind, a, b, c, d
FORMS: dict[str, tuple[str, str, float, float, float, float]] = {
    "Clifford, silk": ("coral at dawn", "clifford", -1.4, 1.6, 1.0, 0.7),
    "Clifford, shell": ("ink and gold", "clifford", 1.7, 1.7, 0.6, 1.2),
    "Clifford, veil": ("iris", "clifford", -1.7, 1.8, -1.9, -0.4),
    "De Jong, smoke": ("silver gelatin", "de jong", 1.4, -2.3, 2.4, -2.1),
    "De Jong, feathers": ("glacier", "de jong", -2.7, -0.09, -0.86, -2.2),
    "De Jong, ember nest": ("ember", "de jong", 2.01, -2.53, 1.61, -0.33),
}
VARIANTS = tuple(FORMS)

Frame = tuple[float, float, float]  # centre and width of what is shown


def move(kind: str, x: Floats, y: Floats, a: float, b: float, c: float, d: float) -> tuple[Floats, Floats]:
    if kind == "clifford":
        return np.sin(a * y) + np.float32(c) * np.cos(a * x), np.sin(b * x) + np.float32(d) * np.cos(b * y)
    return np.sin(a * y) - np.cos(b * x), np.sin(c * x) - np.cos(d * y)


def render(job: Job) -> Rendering:
    """Throw points, let them follow the map, count where they come by and how fast."""
    palette, kind, *numbers = FORMS[job.variant]
    random = job.random()
    rounds = job.rounds(ROUNDS)
    points = max(2_000, POINTS * job.size // 1024)
    (a, b, c, d), x, y = _settle(random, kind, numbers, points)
    frame = _frame(x, y)
    counts = np.zeros(job.size * job.size)
    speeds = np.zeros(job.size * job.size)
    for number in range(1, rounds + 1):
        new_x, new_y = move(kind, x, y, a, b, c, d)
        speed = np.hypot(new_x - x, new_y - y)
        x, y = new_x, new_y
        expose(counts, speeds, x, y, speed, frame, job.size)
        if number % 4 == 0 or number == rounds:
            grains = f"{number * points / 1e6:.1f} million points"
            yield Step(number / rounds, grains, lambda: colour(counts, speeds, palette, job))
        if number % 40 == 0:  # rounding lets points run into short cycles: fresh ones
            x += random.normal(0, 1e-3, points).astype(np.float32)
            y += random.normal(0, 1e-3, points).astype(np.float32)
    return colour(counts, speeds, palette, job)


def expose(counts: Floats, speeds: Floats, x: Floats, y: Floats, speed: Floats, frame: Frame, size: int) -> None:
    """Count each point, and its speed, in the pixel where it is."""
    cells, inside = _cells(x, y, frame, size)
    counts += np.bincount(cells[inside], minlength=counts.size)
    speeds += np.bincount(cells[inside], weights=speed[inside], minlength=counts.size)


def _settle(random: np.random.Generator, kind: str, numbers: list[float], points: int) -> tuple[list, Floats, Floats]:
    """Numbers near the recipe's, and points that lie on the attractor; near some numbers it shrinks to a few dots."""
    shift = 0.02
    while True:
        near = [np.float32(number + random.normal(0, shift)) for number in numbers]
        x, y = (random.uniform(-1, 1, points).astype(np.float32) for _ in range(2))
        for _ in range(SETTLE):
            x, y = move(kind, x, y, *near)
        cells, inside = _cells(x, y, _frame(x, y), COARSE)
        if shift < 1e-4 or len(np.unique(cells[inside])) > FILLED * COARSE * COARSE * min(1, points / 40_000):
            return near, x, y
        shift /= 2


def _frame(x: Floats, y: Floats) -> Frame:
    low_x, high_x = np.percentile(x, [0.05, 99.95])
    low_y, high_y = np.percentile(y, [0.05, 99.95])
    return (low_x + high_x) / 2, (low_y + high_y) / 2, 1.16 * max(high_x - low_x, high_y - low_y)


def _cells(x: Floats, y: Floats, frame: Frame, size: int) -> tuple[np.ndarray, np.ndarray]:
    column = ((x - frame[0]) / frame[2] + 0.5) * size
    row = ((y - frame[1]) / frame[2] + 0.5) * size
    inside = (column >= 0) & (column < size) & (row >= 0) & (row < size)
    return row.astype(np.int32) * size + column.astype(np.int32), inside


def colour(counts: Floats, speeds: Floats, palette: str, job: Job) -> Picture:
    density = counts.reshape(job.size, job.size)
    pace = (speeds / np.maximum(counts, 1)).reshape(job.size, job.size)
    pace = pace / (np.percentile(pace[density > 0], 98) + 1e-9)
    light = tone_map(density, gamma=0.62)
    glow = blur(light, 14 * job.size / 1024)
    tone = 0.30 + 0.42 * np.clip(pace, 0, 1) + 0.30 * light
    colour = paint(palette, tone) * (light * 1.25)[..., None]
    colour += paint(palette, np.full_like(glow, 0.55)) * (0.16 * glow)[..., None]
    colour += paint(palette, np.zeros(1))
    return finish(colour, seed=job.seed)
