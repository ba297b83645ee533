"""Lyapunov fractals: where two growth rates that take turns give order, and where chaos."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from gallery_project.demo.palettes import Floats, finish, paint
from gallery_project.demo.renderers.base import Job, Picture, Rendering, Step
from gallery_project.demo.shapes import blur, relief

ROUNDS = 280
WARM_UP = 40  # rounds that are not counted
EXPOSURES = ((0.0, 0.0), (0.5, 0.5), (0.5, 0.0), (0.0, 0.5))  # by how many pixels they are shifted
ROWS_AT_ONCE = 32

# variant: palette of order, of chaos, turns, a from-to, b from-to
PLACES: dict[str, tuple[str, str, str, tuple[float, float], tuple[float, float]]] = {
    "Lyapunov, zircon city": ("ink and gold", "iris", "BBBBBBAAAAAA", (3.4, 4.0), (2.5, 3.4)),
    "Lyapunov, swallows": ("coral at dawn", "night violet", "AB", (2.9, 4.0), (2.9, 4.0)),
    "Lyapunov, jellyfish": ("tidepool", "night violet", "AAABBB", (2.6, 4.0), (2.6, 4.0)),
    "Lyapunov, sails": ("glacier", "ink and gold", "AABAB", (2.9, 3.95), (2.9, 3.95)),
}
VARIANTS = tuple(PLACES)


def render(job: Job) -> Rendering:
    """Four exposures, each a little beside the last; in each, order and chaos part more sharply with every round."""
    order, chaos, turns, a_range, b_range = PLACES[job.variant]
    random = job.random()
    zoom = random.uniform(0.75, 1.0)
    a_low, a_high = _part(random, *a_range, zoom)
    b_low, b_high = _part(random, *b_range, zoom)
    size, rounds = job.size, job.rounds(ROUNDS, at_least=16)
    at = (np.arange(size, dtype=np.float32) + 0.5) / size
    shown: Floats | None = None
    for exposure, (shift_x, shift_y) in enumerate(EXPOSURES):
        a = np.tile(a_low + (a_high - a_low) * (at + shift_x / size), (size, 1))
        b = np.tile((b_high - (b_high - b_low) * (at + shift_y / size))[:, None], (1, size))
        for number, exponent in _iterate(a, b, turns, rounds):
            look = partial(_blend, shown, exponent, exposure, order, chaos, job)
            done = (exposure + number / rounds) / len(EXPOSURES)
            yield Step(done, f"exposure {exposure + 1}/{len(EXPOSURES)}, round {number}/{rounds}", look)
        shown = _mean(shown, colour(exponent, order, chaos), exposure)
    return finish(shown, seed=job.seed)


def _iterate(a: Floats, b: Floats, turns: str, rounds: int) -> Iterator[tuple[int, Floats]]:
    """The mean growth of a small difference so far, every eight rounds."""
    x = np.full_like(a, 0.5)
    total, product = np.zeros_like(a), np.ones_like(a)
    warm_up = min(WARM_UP, rounds // 4)
    for number in range(1, rounds + 1):
        rate = a if turns[number % len(turns)] == "A" else b
        for top in range(0, len(a), ROWS_AT_ONCE):  # strips that stay in the processor's cache
            strip = slice(top, top + ROWS_AT_ONCE)
            product[strip] *= np.abs(rate[strip] * (1 - 2 * x[strip])) + np.float32(1e-6)
            x[strip] *= rate[strip] * (1 - x[strip])
        if number <= warm_up:
            product[:] = 1
        elif number % 4 == 0 or number == rounds:  # one logarithm for several factors
            total += np.log(product)
            product[:] = 1
            if number % 8 == 0 or number == rounds:
                yield number, total / (number - warm_up)


def _part(random: np.random.Generator, low: float, high: float, zoom: float) -> tuple[float, float]:
    width = (high - low) * zoom
    start = low + random.uniform(0, 1) * (high - low - width)
    return start, start + width


def _mean(shown: Floats | None, pixels: Floats, exposure: int) -> Floats:
    return pixels if shown is None else shown + (pixels - shown) / (exposure + 1)


def _blend(shown: Floats | None, exponent: Floats, exposure: int, order: str, chaos: str, job: Job) -> Picture:
    return finish(_mean(shown, colour(exponent, order, chaos), exposure), seed=job.seed)


def colour(exponent: Floats, order: str, chaos: str) -> Floats:
    """Order lit like folded cloth, chaos as night."""
    scale = len(exponent) / 1024
    calm = np.clip(-exponent, 0, 4)
    depth = 1 - np.exp(-1.15 * calm)
    facing, shine = relief(blur(np.minimum(calm, 2.5), 0.7 * scale), 16 * scale)
    cloth = paint(order, 1.02 * (1 - depth) ** 1.35 + 0.04) * (0.55 + 0.6 * facing)[..., None]
    cloth += 0.10 * shine[..., None]
    night = paint(chaos, 0.04 + 0.30 * np.sqrt(np.clip(exponent / 0.7, 0, 1)))
    return np.where((exponent > 0)[..., None], night, cloth)
