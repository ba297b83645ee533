"""Gray-Scott reaction-diffusion: two substances that feed on each other and grow corals, mazes and cells."""

from __future__ import annotations

import numpy as np

from gallery_project.demo.palettes import Floats, finish, paint
from gallery_project.demo.renderers.base import Job, Picture, RenderFailed, Rendering, Step
from gallery_project.demo.shapes import blur, enlarge_field, noise, relief

GRID = 400  # points a side of the simulation at 1024 px
STEPS_AT_ONCE = 50
SAFE_TIME_STEP = 1.0
DARING_TIME_STEP = 1.42  # beyond what diffusion bears: the values swing up without end

# variant: palette, feed, kill, steps, whether it grows in a round dish
RECIPES: dict[str, tuple[str, float, float, int, bool]] = {
    "Gray-Scott, coral at dawn": ("coral at dawn", 0.0545, 0.0620, 6000, True),
    "Gray-Scott, labyrinth": ("tidepool", 0.0380, 0.0605, 5500, False),
    "Gray-Scott, dividing cells": ("night violet", 0.0300, 0.0620, 6500, True),
    "Gray-Scott, worms in clay": ("terracotta", 0.0560, 0.0640, 8000, False),
    "Gray-Scott, moss on stone": ("moss", 0.0460, 0.0625, 6000, True),
}
VARIANTS = tuple(RECIPES)


class Dish:
    """The two substances on a grid whose edges wrap around."""

    def __init__(
        self, random: np.random.Generator, size: int, feed: float, kill: float, time_step: float, round_dish: bool
    ) -> None:
        self.food = np.ones((size + 2, size + 2), np.float32)
        self.life = np.zeros((size + 2, size + 2), np.float32)
        self.time_step = np.float32(time_step)
        # The recipe drifts over the dish, so that no two corners grow alike.
        drift = noise(random, size, coarseness=0.3, roughness=0.6)
        self.feed = (feed + 0.009 * drift).astype(np.float32)
        y, x = np.ogrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
        shore = np.clip((np.hypot(x, y) + 0.10 * noise(random, size, coarseness=0.2) - 0.86) / 0.08, 0, 1)
        self.loss = (self.feed + kill + 0.0012 * drift + (0.012 * shore if round_dish else 0)).astype(np.float32)
        seeds = noise(random, size, coarseness=0.05) > 0.52
        if round_dish:
            seeds &= shore == 0
        self.life[1:-1, 1:-1][seeds] = 0.5
        self.food[1:-1, 1:-1][seeds] = 0.4
        self.life[1:-1, 1:-1] += random.uniform(0, 0.04, (size, size))

    def step(self) -> None:
        food, life = self.food[1:-1, 1:-1], self.life[1:-1, 1:-1]
        reaction = life * life
        reaction *= food
        food_change = self._spread(self.food)
        food_change *= np.float32(0.2097 * 4)
        food_change -= reaction
        food_change += self.feed * (1 - food)
        life_change = self._spread(self.life)
        life_change *= np.float32(0.105 * 4)
        life_change += reaction
        life_change -= self.loss * life
        food += food_change * self.time_step
        life += life_change * self.time_step

    @staticmethod
    def _spread(field: Floats) -> Floats:
        """The mean of the four neighbours less the point itself."""
        field[0], field[-1], field[:, 0], field[:, -1] = field[-2], field[1], field[:, -2], field[:, 1]
        mean = field[:-2, 1:-1] + field[2:, 1:-1]
        mean += field[1:-1, :-2]
        mean += field[1:-1, 2:]
        mean *= np.float32(0.25)
        mean -= field[1:-1, 1:-1]
        return mean

    @property
    def grown(self) -> Floats:
        return self.life[1:-1, 1:-1]


def render(job: Job) -> Rendering:
    """Let it grow; fails honestly when the simulation leaves the finite numbers."""
    palette, feed, kill, full, round_dish = RECIPES[job.variant]
    steps = job.rounds(full, at_least=2 * STEPS_AT_ONCE)
    grid = max(48, GRID * job.size // 1024)
    daring = job.daring and not job.careful
    time_step = DARING_TIME_STEP if daring else SAFE_TIME_STEP
    dish = Dish(job.random(), grid, feed, kill, time_step, round_dish)
    for done in range(STEPS_AT_ONCE, steps + STEPS_AT_ONCE, STEPS_AT_ONCE):
        with np.errstate(all="ignore"):
            for _ in range(STEPS_AT_ONCE):
                dish.step()
        if not np.isfinite(dish.grown).all():
            raise RenderFailed(
                f"The simulation diverged before step {done}: with a time step of {dish.time_step:.2f} "
                "diffusion is unstable. Retry takes a smaller one."
            )
        yield Step(min(1, done / steps), f"step {min(done, steps)}/{steps}", lambda: colour(dish.grown, palette, job))
    return colour(dish.grown, palette, job)


def colour(grown: Floats, palette: str, job: Job) -> Picture:
    height = enlarge_field(np.clip(np.nan_to_num(grown), 0, 1), job.size)
    height = blur(height, 1.2 * job.size / 1024)
    facing, shine = relief(height, 34 * job.size / 1024)
    hollow = blur(height, 14 * job.size / 1024)  # deep places get less light from around
    tone = np.clip(height * 2.25, 0, 1) ** 0.85
    tone = 0.06 + 0.86 * tone + 0.22 * (hollow - 0.17)
    tone += tone * 0.16 * noise(np.random.default_rng(job.seed), job.size, coarseness=0.4)
    colour = paint(palette, tone) * (0.38 + 0.78 * facing)[..., None] + 0.22 * shine[..., None]
    return finish(colour, seed=job.seed)
