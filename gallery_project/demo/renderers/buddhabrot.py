"""Buddhabrot: the paths of all points that leave the Mandelbrot set, laid over each other like exposures."""

from __future__ import annotations

import numpy as np

from gallery_project.demo.palettes import Floats, finish, paint, stops
from gallery_project.demo.renderers.base import Job, Picture, Rendering, Step
from gallery_project.demo.shapes import blur

BATCHES = 110
SAMPLES = 90_000  # in each batch
EXPOSURES = (12, 45, 150, 420)  # steps; between two of them lies what one plate shows, shorter ways are haze

TONINGS: dict[str, str] = {
    "Buddhabrot, selenium": "silver gelatin",
    "Buddhabrot, nebula": "night violet",
    "Buddhabrot, lamplight": "ember",
    "Buddhabrot, deep water": "glacier",
}
VARIANTS = tuple(TONINGS)


def render(job: Job) -> Rendering:
    """Each batch of random points that escape walks its way again and leaves light on it."""
    random = job.random()
    batches = job.rounds(BATCHES)
    samples = max(3_000, SAMPLES * job.size // 1024)
    film = np.zeros((len(EXPOSURES) - 1, job.size * job.size))
    for number in range(1, batches + 1):
        for plate, (c, longest) in zip(film, _escaping(random, samples), strict=True):
            _expose(plate, c, longest, job.size)
        words = f"{number * samples / 1e6:.1f} million paths"
        yield Step(number / batches, words, lambda: _colour(film, job))
    return _colour(film, job)


def _escaping(random: np.random.Generator, samples: int) -> list[tuple[np.ndarray, int]]:
    """Random points outside the set, one group for each plate, and the longest way in it."""
    c = random.uniform(-2, 0.7, samples) + 1j * random.uniform(0, 1.35, samples)
    q = (c.real - 0.25) ** 2 + c.imag**2
    heart = q * (q + c.real - 0.25) < 0.25 * c.imag**2
    bulb = np.abs(c + 1) < 0.25
    c = c[~heart & ~bulb]
    groups = []
    z, first = np.zeros_like(c), 0
    for last in EXPOSURES:
        alive, start = np.ones(len(c), bool), c
        at = np.arange(len(c))
        for _ in range(first, last):
            z = z * z + c
            out = z.real**2 + z.imag**2 > 4
            if out.any():
                alive[at[out]] = False
                keep = ~out
                z, c, at = z[keep], c[keep], at[keep]
        groups.append((start[~alive], last))
        first = last
    return groups[1:]


def _expose(film: Floats, c: np.ndarray, steps: int, size: int) -> None:
    z = np.zeros_like(c)
    visited: list[np.ndarray] = []  # pixels, counted together: going through all of the film costs more than a step
    for step in range(steps):
        z = z * z + c
        near = z.real**2 + z.imag**2 < 9
        if not near.all():
            z, c = z[near], c[near]
        if not len(z):
            break
        if step < 2:
            continue  # the first steps draw the samples' own edges
        # Upright: the real axis runs down. Every way has its mirror image.
        row = ((z.real + 1.78) / 2.62 * size).astype(np.int32)
        for side in (z.imag, -z.imag):
            column = ((side / 2.62 + 0.5) * size).astype(np.int32)
            inside = (row >= 0) & (row < size) & (column >= 0) & (column < size)
            visited.append(row[inside] * size + column[inside])
        if step % 50 == 49:
            film += np.bincount(np.concatenate(visited), minlength=film.size)
            visited.clear()
    if visited:
        film += np.bincount(np.concatenate(visited), minlength=film.size)


def _colour(film: Floats, job: Job) -> Picture:
    palette = TONINGS[job.variant]
    tints = stops(palette)
    colour = np.zeros((job.size, job.size, 3)) + paint(palette, np.zeros(1)) * 0.7
    for counts, tint, sharpness in zip(film, (tints[3], tints[4], tints[6]), (1.1, 1.0, 0.9), strict=True):
        plate = np.maximum(blur(counts.reshape(job.size, job.size), sharpness * job.size / 1024), 0)
        # Between the haze that lies everywhere and the few pixels where all ways meet.
        low, high = np.percentile(plate, [20, 99.7])
        light = np.clip((plate - low) / (high - low + 1e-9), 0, 1.4) ** 1.05
        colour += light[..., None] * (0.46 * tint / (tint.max() + 0.1))
        colour += blur(light, 16 * job.size / 1024)[..., None] * 0.08 * tint
    return finish(colour, seed=job.seed)
