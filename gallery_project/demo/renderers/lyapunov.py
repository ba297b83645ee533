"""Lyapunov fractals: where two growth rates that take turns give order, and where chaos."""

from __future__ import annotations

import numpy as np

from gallery_project.demo.palettes import Floats, finish, paint
from gallery_project.demo.renderers.base import Job, Picture, Rendering, Step
from gallery_project.demo.shapes import blur, relief

ROUNDS = 960
WARM_UP = 40  # rounds that are not counted
ROWS_AT_ONCE = 32

# variant: palette of order, of chaos, turns, a from-to, b from-to
PLACES: dict[str, tuple[str, str, str, tuple[float, float], tuple[float, float]]] = {
    "Lyapunov, zircon city": ("ink and gold", "iris", "BBBBBBAAAAAA", (3.4, 4.0), (2.5, 3.4)),
    "Lyapunov, swallows": ("coral at dawn", "night violet", "AB", (2.7, 4.0), (2.7, 4.0)),
    "Lyapunov, jellyfish": ("tidepool", "ember", "BBABA", (3.3, 4.0), (3.3, 4.0)),
    "Lyapunov, sails": ("glacier", "ink and gold", "AABAB", (2.9, 3.95), (2.9, 3.95)),
}
VARIANTS = tuple(PLACES)


def render(job: Job) -> Rendering:
    """Iterate the whole plane, a strip at a time within each round; order and chaos part more sharply with each."""
    order, chaos, turns, (a_low, a_high), (b_low, b_high) = PLACES[job.variant]
    random = job.random()
    zoom = random.uniform(0.62, 0.95)
    a_low, a_high = _part(random, a_low, a_high, zoom)
    b_low, b_high = _part(random, b_low, b_high, zoom)
    size, rounds = job.size, job.rounds(ROUNDS, at_least=12)
    warm_up = min(WARM_UP, rounds // 3)
    a, b = np.meshgrid(
        np.linspace(a_low, a_high, size, dtype=np.float32), np.linspace(b_high, b_low, size, dtype=np.float32)
    )
    x = np.full((size, size), 0.5, np.float32)
    total = np.zeros((size, size), np.float32)
    product = np.ones((size, size), np.float32)
    counted = 0
    for number in range(1, rounds + 1):
        rate = a if turns[number % len(turns)] == "A" else b
        for top in range(0, size, ROWS_AT_ONCE):  # strips that stay in the processor's cache
            strip = slice(top, top + ROWS_AT_ONCE)
            product[strip] *= np.abs(rate[strip] * (1 - 2 * x[strip])) + np.float32(1e-6)
            x[strip] *= rate[strip] * (1 - x[strip])
        if number == warm_up:
            product[:] = 1
        elif number > warm_up:
            counted += 1
            if counted % 4 == 0:  # one logarithm for four factors
                total += np.log(product)
                product[:] = 1
        if number > warm_up + 4 and (number % 8 == 0 or number == rounds):
            exponent = total / max(1, counted - counted % 4)
            yield Step(number / rounds, f"round {number}/{rounds}", lambda e=exponent: _colour(e, order, chaos, job))
    return _colour(total / max(1, counted - counted % 4), order, chaos, job)


def _part(random: np.random.Generator, low: float, high: float, zoom: float) -> tuple[float, float]:
    width = (high - low) * zoom
    start = low + random.uniform(0, 1) * (high - low - width)
    return start, start + width


def _colour(exponent: Floats, order: str, chaos: str, job: Job) -> Picture:
    calm = np.clip(-exponent, 0, 4)
    depth = 1 - np.exp(-1.15 * calm)
    facing, shine = relief(blur(np.minimum(calm, 2.5), 0.7 * job.size / 1024), 16 * job.size / 1024)
    colour = (
        paint(order, 1.02 * (1 - depth) ** 1.35 + 0.04) * (0.55 + 0.6 * facing)[..., None] + 0.10 * shine[..., None]
    )
    wild = np.clip(exponent / 0.7, 0, 1)
    night = paint(chaos, 0.04 + 0.30 * np.sqrt(wild))
    return finish(np.where((exponent > 0)[..., None], night, colour), seed=job.seed)
