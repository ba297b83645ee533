"""Path-traced still lifes: spheres under a wide soft sky; every pass of light makes the picture less noisy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from gallery_project.demo.palettes import Floats, finish, paint, stops
from gallery_project.demo.renderers.base import Job, Picture, Rendering, Step
from gallery_project.demo.shapes import enlarge_colour

PASSES = 21
BOUNCES = 4
RAYS_AT_ONCE = 20_000  # few enough to stay in the processor's cache
TRACED = 0.5  # of the final side; enlarged at the end
FAR = np.float32(1e9)

SCENES: dict[str, str] = {
    "Still life, river stones": "silver gelatin",
    "Still life, apricots": "coral at dawn",
    "Still life, sea glass": "tidepool",
    "Still life, last embers": "ember",
    "Still life, plums": "night violet",
}
VARIANTS = tuple(SCENES)


@dataclass
class Scene:
    centres: Floats  # n × 3
    radii: Floats
    colours: Floats  # of n spheres and, last, the ground
    gloss: Floats  # share of light that is mirrored
    glow: Floats  # n + 1 × 3
    sky: tuple[Floats, Floats]  # horizon, zenith


def render(job: Job) -> Rendering:
    """One ray through every pixel a pass, the mean of all passes so far is the picture."""
    random = job.random()
    scene = arrange(random, SCENES[job.variant], "embers" in job.variant)
    side = max(32, round(job.size * TRACED))
    total = np.zeros((side * side, 3), np.float32)
    passes = job.rounds(PASSES, at_least=3)
    counts = np.zeros((side * side, 1), np.float32)
    for number in range(passes):
        for first in range(0, side * side, RAYS_AT_ONCE):
            pixels = np.arange(first, min(side * side, first + RAYS_AT_ONCE))
            total[pixels] += _trace(random, scene, *_camera(random, side, pixels))
            counts[pixels] += 1
            done = number + (pixels[-1] + 1) / (side * side)
            yield Step(done / passes, f"pass {number + 1}/{passes}", partial(_develop, total, counts, side, job))
    return _develop(total, counts, side, job)


def arrange(random: np.random.Generator, palette: str, embers: bool) -> Scene:
    """Spheres that lie on the ground without touching, large ones first."""
    spheres: list[tuple[float, float, float]] = []
    for attempt in range(400):
        radius = max(0.14, random.uniform(0.4, 0.85) * 0.985**attempt)
        x, z = random.uniform(-1.9, 1.9), random.uniform(-1.7, 1.5)
        if all((x - a) ** 2 + (z - b) ** 2 > (radius + r) ** 2 - (radius - r) ** 2 + 0.01 for a, b, r in spheres):
            spheres.append((x, z, radius))
        if len(spheres) == 14:
            break
    count = len(spheres)
    x, z, radii = np.array(spheres, np.float32).T
    tones = random.permutation(np.linspace(0.30, 0.92, count))
    ground = 0.72 * stops(palette)[5] + 0.03
    colours = np.vstack([np.clip(paint(palette, tones), 0.02, 0.9), ground[None]]).astype(np.float32)
    gloss = np.append(random.choice([0.04, 0.06, 0.45], count, p=[0.5, 0.3, 0.2]), 0.0).astype(np.float32)
    glow = np.zeros((count + 1, 3), np.float32)
    if embers:
        for lit in random.choice(count, 3, replace=False):
            glow[lit] = 3.4 * stops(palette)[4]
    horizon, zenith = 0.55 * stops(palette)[5] + 0.25, 0.9 * stops(palette)[3] + 0.22
    dim = 0.22 if embers else 1.0
    return Scene(np.stack([x, radii, z], axis=1), radii, colours, gloss, glow, (dim * horizon, dim * zenith))


def _camera(random: np.random.Generator, side: int, pixels: np.ndarray) -> tuple[Floats, Floats]:
    rows, columns = np.divmod(pixels.astype(np.float32), side)
    u = (columns + random.random(len(pixels), np.float32)) / side - 0.5
    v = 0.5 - (rows + random.random(len(pixels), np.float32)) / side
    eye = np.array([0, 4.0, -7.6], np.float32)
    forward = np.array([0, 0.30, -0.1], np.float32) - eye
    forward /= np.linalg.norm(forward)
    right = np.array([1, 0, 0], np.float32)
    up = np.cross(forward, right)
    rays = forward + 0.60 * (u[:, None] * right + v[:, None] * up)
    return np.broadcast_to(eye, rays.shape).astype(np.float32), _unit(rays)


def _trace(random: np.random.Generator, scene: Scene, origins: Floats, rays: Floats) -> Floats:
    light = np.zeros_like(rays)
    through = np.ones_like(rays)
    at = np.arange(len(rays))
    for _ in range(BOUNCES):
        distance, thing = _hit(scene, origins, rays)
        missed = distance >= FAR
        light[at[missed]] += through[missed] * _sky(scene, rays[missed])
        keep = ~missed
        if not keep.any():
            break
        at, thing, through = at[keep], thing[keep], through[keep]
        origins = origins[keep] + rays[keep] * distance[keep, None]
        rays = rays[keep]
        light[at] += through * scene.glow[thing]
        normals = np.zeros_like(rays)
        on_ground = thing == len(scene.radii)
        normals[on_ground, 1] = 1
        ball = ~on_ground
        normals[ball] = (origins[ball] - scene.centres[thing[ball]]) / scene.radii[thing[ball], None]
        facing = np.abs((rays * normals).sum(axis=1))
        mirrored = random.random(len(rays), np.float32) < scene.gloss[thing] + 0.35 * (1 - facing) ** 5 * ball
        bounced = _unit(normals + _unit(random.standard_normal(rays.shape, np.float32)) * np.float32(0.999))
        mirror = rays - 2 * (rays * normals).sum(axis=1)[:, None] * normals
        through = np.where(mirrored[:, None], through * 0.95, through * scene.colours[thing])
        rays = np.where(mirrored[:, None], mirror, bounced)
        origins = origins + normals * np.float32(1e-3)
    return np.minimum(light, 6)


def _hit(scene: Scene, origins: Floats, rays: Floats) -> tuple[Floats, np.ndarray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(rays[:, 1] < -1e-5, -origins[:, 1] / rays[:, 1], FAR)
    thing = np.full(len(rays), len(scene.radii))
    for number, (centre, radius) in enumerate(zip(scene.centres, scene.radii, strict=True)):
        away = origins - centre
        half = np.einsum("ij,ij->i", away, rays)
        inside = half * half - (np.einsum("ij,ij->i", away, away) - radius * radius)
        meets = np.nonzero((inside > 0) & (half < 0))[0]
        near = -half[meets] - np.sqrt(inside[meets])
        nearer = (near > 1e-3) & (near < distance[meets])
        distance[meets[nearer]] = near[nearer]
        thing[meets[nearer]] = number
    return distance.astype(np.float32), thing


def _sky(scene: Scene, rays: Floats) -> Floats:
    """A gradient, and one large soft lamp in the upper left."""
    horizon, zenith = scene.sky
    height = np.clip(rays[:, 1:2], 0, 1) ** 0.6
    lamp = np.clip(rays @ np.array([-0.62, 0.68, -0.39], np.float32), 0, 1)[:, None] ** 18
    return (horizon * (1 - height) + zenith * height + 3.2 * lamp * (horizon.mean() * 0.5 + horizon * 0.5)).astype(
        np.float32
    )


def _unit(vectors: Floats) -> Floats:
    return vectors / np.sqrt(np.einsum("ij,ij->i", vectors, vectors) + np.float32(1e-12))[:, None]


def _develop(total: Floats, counts: Floats, side: int, job: Job) -> Picture:
    """The mean, with the light's own noise smoothed where there is no edge, enlarged."""
    linear = (total / np.maximum(counts, 1)).reshape(side, side, 3)
    smooth = _calm(linear, spread=2.2 / np.sqrt(max(1.0, float(counts.min()))))
    large = enlarge_colour(smooth, job.size) if side != job.size else smooth
    return finish(np.maximum(large, 0) * 0.95, seed=job.seed, vignette=0.3)


def _calm(linear: Floats, spread: float) -> Floats:
    """A bilateral filter: neighbours count as far as they are alike."""
    tone = np.cbrt(np.maximum(linear, 0))
    total, weight = linear.copy(), np.ones(linear.shape[:2], np.float32)
    for down in range(-3, 4):
        for right in range(-3, 4):
            if (down, right) != (0, 0):
                away = np.roll(tone, (down, right), (0, 1)) - tone
                alike = np.exp(
                    -np.einsum("ijk,ijk->ij", away, away) / (2 * (0.28 * spread) ** 2) - (down**2 + right**2) / 9
                )
                total += np.roll(linear, (down, right), (0, 1)) * alike[..., None]
                weight += alike
    return total / weight[..., None]
