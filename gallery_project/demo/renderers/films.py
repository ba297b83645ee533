"""Short films, frame by frame: a coral that grows, a Julia set that breathes, an attractor that drifts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import av
import numpy as np

from gallery_project.demo.palettes import finish
from gallery_project.demo.renderers import attractor, escape_time, reaction
from gallery_project.demo.renderers.base import Film, Job, Picture, Rendering, Step
from gallery_project.demo.shapes import enlarge

SIDE = 720  # pixels, of a job at 1024
DRAWN = 0.75  # of the side; enlarged for the film
FRAMES_PER_SECOND = 24
SECONDS = 2.9
# The first that this build of FFmpeg has; every browser plays them.
CODECS = (
    ("libx264", "mp4", "video/mp4", {"crf": "20", "preset": "veryfast"}),
    ("libvpx-vp9", "webm", "video/webm", {"crf": "30", "b": "0", "cpu-used": "6", "deadline": "realtime"}),
    ("libsvtav1", "mp4", "video/mp4", {"crf": "34", "preset": "11"}),
)
GROWTH_STEPS = 46  # of the simulation, from one frame to the next
DRIFT_POINTS, DRIFT_ROUNDS = 60_000, 22  # of the attractor, in one frame

VARIANTS = ("Film, coral growing", "Film, Julia breathing", "Film, veil drifting")


def render(job: Job) -> Rendering:
    """Draw every frame and put it into the film."""
    side = max(64, SIDE * job.size // 1024 // 2 * 2)
    count = job.rounds(round(SECONDS * FRAMES_PER_SECOND), at_least=8)
    draw = {VARIANTS[0]: _coral, VARIANTS[1]: _julia, VARIANTS[2]: _veil}[job.variant]
    codec, ending, content_type, options = next(entry for entry in CODECS if entry[0] in av.codecs_available)
    with tempfile.TemporaryDirectory(prefix="darkroom-film-") as folder:
        path = Path(folder) / f"film.{ending}"
        # What a player must know first is moved to the front, for which FFmpeg reads the file once more.
        with av.open(path, "w", options={"movflags": "faststart"} if ending == "mp4" else {}) as film:
            stream = film.add_stream(codec, rate=FRAMES_PER_SECOND, options=options)
            stream.width = stream.height = side
            stream.pix_fmt = "yuv420p"
            stream.thread_count = 1
            for number, picture in enumerate(draw(job, round(side * DRAWN), count), start=1):
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(enlarge(picture, side)), format="rgb24")
                film.mux(stream.encode(frame))
                yield Step(number / count, f"frame {number}/{count}", partial(enlarge, picture, side))
            film.mux(stream.encode())
        return Film(path.read_bytes(), content_type, count / FRAMES_PER_SECOND)


def _coral(job: Job, side: int, count: int) -> Iterator[Picture]:
    random = job.random()
    palette, feed, kill, _, _ = reaction.RECIPES[reaction.VARIANTS[int(random.integers(len(reaction.VARIANTS)))]]
    still = Job(job.variant, job.seed, size=side)
    dish = reaction.Dish(random, max(48, side * 5 // 14), feed, kill, reaction.SAFE_TIME_STEP, True)
    for _ in range(count):
        for _ in range(GROWTH_STEPS):
            dish.step()
        yield reaction.colour(dish.grown, palette, still)


def _julia(job: Job, side: int, count: int) -> Iterator[Picture]:
    """The parameter goes once around a small circle, so that the last frame meets the first."""
    random = job.random()
    variant = escape_time.VARIANTS[int(random.integers(3))]
    palette, _, width, c, _ = escape_time.VIEWS[variant]
    assert c is not None
    start = random.uniform(0, 2 * np.pi)
    plane = escape_time.plane_of(side, slice(0, side), 0, width, 1)
    for number in range(count):
        turn = 2 * np.pi * number / count
        around = c + 0.012 * (np.exp(1j * (start + turn)) - np.exp(1j * start))
        yield finish(escape_time.colour(*escape_time.iterate(plane, around, 220), palette), seed=job.seed)


def _veil(job: Job, side: int, count: int) -> Iterator[Picture]:
    random = job.random()
    palette, kind, *numbers = attractor.FORMS["Clifford, silk"]
    still = Job(job.variant, job.seed, size=side)
    phases = random.uniform(0, 2 * np.pi, 4)
    frame = (0.0, 0.0, 4.6)
    x, y = (random.uniform(-1, 1, DRIFT_POINTS).astype(np.float32) for _ in range(2))
    for number in range(count):
        turn = 2 * np.pi * number / count
        now = [np.float32(n + 0.10 * np.sin(turn + phase)) for n, phase in zip(numbers, phases, strict=True)]
        counts, speeds = np.zeros(side * side), np.zeros(side * side)
        for rounds in range(DRIFT_ROUNDS):
            new_x, new_y = attractor.move(kind, x, y, *now)
            if rounds > 3:
                attractor.expose(counts, speeds, new_x, new_y, np.hypot(new_x - x, new_y - y), frame, side)
            x, y = new_x, new_y
        yield attractor.colour(counts, speeds, palette, still)
