"""Julia sets and corners of the Mandelbrot set, iterated coarse to fine and lit like a relief."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from gallery_project.demo.palettes import Floats, finish, paint, paint_round
from gallery_project.demo.renderers.base import Job, Picture, Rendering, Step
from gallery_project.demo.shapes import enlarge_colour

ESCAPE_RADIUS = 1e4  # far out, so that the shading is smooth
ROWS_AT_ONCE = 64
FINE_PASSES = 7  # (Julia sets: three times as many) each a little beside the last, averaged: smooth edges

# variant: palette, centre, width of the view, c of the Julia set (None: Mandelbrot), iterations
VIEWS: dict[str, tuple[str, complex, float, complex | None, int]] = {
    "Julia, dragon's breath": ("ember", 0, 2.9, -0.8 + 0.156j, 420),
    "Julia, winter lace": ("glacier", 0, 2.9, -0.70176 - 0.3842j, 420),
    "Julia, tide spirals": ("tidepool", 0, 2.6, 0.285 + 0.0105j, 380),
    "Julia, dendrite": ("silver gelatin", 0, 2.7, -0.1 + 0.8789j, 300),
    "Mandelbrot, seahorse valley": ("ink and gold", -0.7453 + 0.1127j, 0.0065, None, 900),
    "Mandelbrot, elephant trunk": ("terracotta", 0.2936 + 0.0137j, 0.018, None, 700),
    "Mandelbrot, violet mantle": ("night violet", -0.16 + 1.0405j, 0.026, None, 520),
}
VARIANTS = tuple(VIEWS)


def render(job: Job) -> Rendering:
    """One pass per resolution; each pass shows at once what the last one found."""
    palette, centre, width, c, iterations = VIEWS[job.variant]
    random = job.random()
    width *= random.uniform(0.82, 1.1)
    angle = np.exp(1j * random.uniform(-0.35, 0.35))
    if c is not None:
        c += complex(*random.normal(0, 0.0022, 2))
    else:
        centre += width * 0.08 * complex(*random.normal(0, 1, 2))
    limit = job.rounds(iterations, at_least=40)
    passes = job.rounds(FINE_PASSES if c is None else 3 * FINE_PASSES, at_least=1)
    sizes = [size for size in (job.size // 8, job.size // 4, job.size // 2) if size >= 16] + [job.size] * passes
    total, done = sum(size * size for size in sizes), 0
    shown: Floats | None = None  # the mean of the fine passes; before them the last coarse one
    for number, size in enumerate(sizes):
        fine = number - (len(sizes) - passes)
        shift = random.uniform(-0.5, 0.5, 2) if fine > 0 else (0.0, 0.0)
        pixels = np.zeros((size, size, 3), np.float32)
        for top in range(0, size, ROWS_AT_ONCE):
            end = min(size, top + ROWS_AT_ONCE)
            plane = plane_of(size, slice(top, end), centre, width, angle, shift)
            pixels[top:end] = colour(*iterate(plane, c, limit), palette)
            done += plane.size
            words = f"pass {fine + 1}/{passes}" if fine >= 0 else f"sketch at {size} px"
            look = partial(_blend, shown, pixels, end, max(0, fine), job.seed)
            yield Step(done / total, f"{words}, row {end}/{size}", look)
        shown = pixels if fine <= 0 else shown + (pixels - shown) / (fine + 1)
    return finish(shown, seed=job.seed)


def _blend(shown: Floats | None, pixels: Floats, end: int, passes: int, seed: int) -> Picture:
    """The rows that this pass has reached, over what was there before it."""
    picture = pixels.copy()
    if shown is not None:
        before = shown if shown.shape == pixels.shape else enlarge_colour(shown, len(pixels))
        picture[end:] = before[end:]
        if passes:
            picture[:end] = before[:end] + (pixels[:end] - before[:end]) / (passes + 1)
    return finish(picture, seed=seed)


def plane_of(
    size: int, rows: slice, centre: complex, width: float, angle: complex, shift: Sequence[float] = (0.0, 0.0)
) -> np.ndarray:
    x = (np.arange(size) + 0.5 + shift[0]) / size - 0.5
    y = (np.arange(size)[rows] + 0.5 + shift[1]) / size - 0.5
    return centre + angle * width * (x[None, :] + 1j * y[:, None])


def iterate(plane: np.ndarray, c: complex | None, limit: int) -> tuple[Floats, Floats]:
    """Smooth escape counts (0 inside the set) and how much light the slope there catches."""
    shape = plane.shape
    z = plane.ravel().copy()
    parameter = z.copy() if c is None else np.full_like(z, c)
    slope = np.ones_like(z)
    at = np.arange(z.size)
    smooth, light = np.zeros(z.size, np.float32), np.zeros(z.size, np.float32)
    for count in range(limit):
        slope *= 2 * z
        if c is None:
            slope += 1
        z *= z
        z += parameter
        if count % 4 == 3 or count == limit - 1:
            size = z.real**2 + z.imag**2
            out = size > ESCAPE_RADIUS
            if out.any():
                gone, z_out = at[out], z[out]
                smooth[gone] = count + 1 - np.log2(0.5 * np.log(size[out]) / np.log(ESCAPE_RADIUS))
                normal = z_out / slope[out]
                normal /= np.abs(normal) + 1e-30
                light[gone] = normal.real * 0.6 - normal.imag * 0.8
                keep = ~out
                z, slope, parameter, at = z[keep], slope[keep], parameter[keep], at[keep]
                if not at.size:
                    break
    return smooth.reshape(shape), light.reshape(shape)


def colour(smooth: Floats, light: Floats, palette: str) -> Floats:
    bands = np.sqrt(np.maximum(smooth, 0)) * 0.42 + 0.05
    colour = paint_round(palette, bands) * (0.72 + 0.42 * light)[..., None]
    colour[smooth <= 0] = paint(palette, np.array(0.02))
    return np.clip(colour, 0, 4)
