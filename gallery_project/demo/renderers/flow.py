"""Flow fields: thousands of threads of light that follow the curl of smooth noise."""

from __future__ import annotations

import numpy as np

from gallery_project.demo.palettes import Floats, finish, paint
from gallery_project.demo.renderers.base import Job, Picture, Rendering, Step
from gallery_project.demo.shapes import blur, noise, tone_map

PARTICLES = 26_000
ROUNDS = 900
LIFE = 300  # rounds until a thread ends and another begins elsewhere
SMOOTH = 0.55  # hills without foothills: long calm bends

# variant: palette, coarseness of the field, turbulence
CURRENTS: dict[str, tuple[str, float, float]] = {
    "Flow field, northern current": ("glacier", 0.22, 0.18),
    "Flow field, embers in the wind": ("ember", 0.30, 0.30),
    "Flow field, silk moth": ("iris", 0.40, 0.10),
    "Flow field, dune grass": ("terracotta", 0.26, 0.12),
    "Flow field, gold thread": ("ink and gold", 0.34, 0.22),
}
VARIANTS = tuple(CURRENTS)


def render(job: Job) -> Rendering:
    """Let the threads run; where many come by it grows bright."""
    palette, coarseness, turbulence = CURRENTS[job.variant]
    random = job.random()
    size = job.size
    velocity_x, velocity_y, hue = field(random, size, coarseness, turbulence)
    rounds = job.rounds(ROUNDS)
    count = max(500, PARTICLES * size // 1024)
    x, y = (random.uniform(0, size, count).astype(np.float32) for _ in range(2))
    age = random.integers(0, LIFE, count)
    tone = _origin(hue, x, y)
    light, tones = np.zeros(size * size), np.zeros(size * size)
    for number in range(1, rounds + 1):
        row, column = y.astype(np.int32) % size, x.astype(np.int32) % size
        cell = row * size + column
        x += velocity_x.ravel()[cell]
        y += velocity_y.ravel()[cell]
        age += 1
        # A thread comes and goes softly, so that its ends do not show as dots.
        weight = np.sin(np.pi * np.minimum(age, LIFE) / LIFE)
        inside = (x >= 0) & (x < size) & (y >= 0) & (y < size)
        splat(light, tones, x[inside], y[inside], weight[inside], tone[inside], size)
        over = (age >= LIFE) | ~inside
        fresh = int(over.sum())
        if fresh:
            x[over], y[over] = random.uniform(0, size, (2, fresh)).astype(np.float32)
            age[over] = 0
            tone[over] = _origin(hue, x[over], y[over])
        if number % 6 == 0 or number == rounds:
            yield Step(number / rounds, f"round {number}/{rounds}", lambda: _colour(light, tones, palette, job))
    return _colour(light, tones, palette, job)


def field(
    random: np.random.Generator, size: int, coarseness: float, turbulence: float
) -> tuple[Floats, Floats, Floats]:
    """A current without sources or sinks (the curl of hills), one pixel a round, and a tone for each place."""
    hills = noise(random, size, coarseness=coarseness, roughness=SMOOTH)
    hills += turbulence * noise(random, size, coarseness=coarseness / 4, roughness=SMOOTH)
    slope_y, slope_x = np.gradient(hills)
    length = np.hypot(slope_x, slope_y)
    pace = 0.55 + 0.75 * np.clip(length / np.percentile(length, 90), 0, 1)
    tilt = random.uniform(-0.35, 0.35, 2)
    velocity = np.stack([slope_y, -slope_x]) / (length + 1e-9)
    velocity += tilt[:, None, None]
    velocity *= pace / np.maximum(np.hypot(*velocity), 0.3)
    hue = noise(random, size, coarseness=0.3)
    ranks = np.argsort(np.argsort(hue, axis=None)).reshape(hue.shape) / hue.size
    return velocity[0].astype(np.float32), velocity[1].astype(np.float32), ranks.astype(np.float32)


def splat(light: Floats, tones: Floats, x: Floats, y: Floats, weight: Floats, tone: Floats, size: int) -> None:
    """Spread each point over the four pixels around it: threads without stairs."""
    left, top = np.floor(x - 0.5), np.floor(y - 0.5)
    part_x, part_y = x - 0.5 - left, y - 0.5 - top
    left, top = left.astype(np.int32), top.astype(np.int32)
    for right, below in ((0, 0), (0, 1), (1, 0), (1, 1)):
        share = weight * (part_x if right else 1 - part_x) * (part_y if below else 1 - part_y)
        cell = np.clip(top + below, 0, size - 1) * size + np.clip(left + right, 0, size - 1)
        light += np.bincount(cell, share, light.size)
        tones += np.bincount(cell, share * tone, light.size)


def _origin(hue: Floats, x: Floats, y: Floats) -> Floats:
    size = len(hue)
    return hue[y.astype(np.int32) % size, x.astype(np.int32) % size]


def _colour(light: Floats, tones: Floats, palette: str, job: Job) -> Picture:
    shape = (job.size, job.size)
    brightness = tone_map(light.reshape(shape), gamma=0.75)
    hue = (tones / np.maximum(light, 1e-6)).reshape(shape)
    glow = blur(brightness, 18 * job.size / 1024)
    tone = 0.26 + 0.48 * hue + 0.26 * brightness
    colour = paint(palette, tone) * (brightness * 1.15)[..., None]
    colour += paint(palette, np.clip(0.2 + 0.5 * hue, 0, 1)) * (0.10 * glow)[..., None]
    colour += paint(palette, np.zeros(1))
    return finish(colour, seed=job.seed)
