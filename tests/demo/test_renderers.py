from __future__ import annotations

import io

import av
import numpy as np
import pytest

from gallery_project.demo.palettes import PALETTES, gradient, paint, to_srgb
from gallery_project.demo.programme import THEMES, Assignment, plan
from gallery_project.demo.renderers import KINDS, Film, Job, RenderFailed, Step

SIZE, EFFORT = 96, 0.03
STILLS = [(kind, variant) for kind in KINDS if kind != "films" for variant in KINDS[kind].variants]


def run(kind: str, job: Job) -> tuple[list[Step], np.ndarray | Film]:
    steps, rendering = [], KINDS[kind].render(job)
    while True:
        try:
            steps.append(next(rendering))
        except StopIteration as end:
            return steps, end.value


@pytest.mark.parametrize(("kind", "variant"), STILLS)
def test_every_variant_gives_a_picture_and_says_how_far_it_is(kind: str, variant: str) -> None:
    steps, picture = run(kind, Job(variant, seed=5, size=SIZE, effort=EFFORT))
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] < fractions[-1] <= 1
    assert all(step.message for step in steps)
    assert picture.shape == (SIZE, SIZE, 3)
    assert picture.dtype == np.uint8
    assert picture.std() > 3, "a picture, not a plain sheet"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "films"])
def test_a_step_can_be_looked_at_while_it_is_the_newest(kind: str) -> None:
    for number, step in enumerate(KINDS[kind].render(Job(KINDS[kind].variants[0], 3, SIZE, EFFORT))):
        look = step.look()
        assert look.dtype == np.uint8
        assert look.ndim == 3
        if number == 3:
            break


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "films"])
def test_the_same_seed_gives_the_same_picture_and_another_seed_another(kind: str) -> None:
    variant = KINDS[kind].variants[0]
    first, again, other = (run(kind, Job(variant, seed, SIZE, EFFORT))[1] for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("variant", KINDS["films"].variants)
def test_a_film_plays(variant: str) -> None:
    _, film = run("films", Job(variant, seed=5, size=SIZE, effort=0.1))
    with av.open(io.BytesIO(film.data)) as video:
        frames = list(video.decode(video=0))
    assert len(frames) == round(film.seconds * 24)
    assert film.content_type in ("video/mp4", "video/webm")
    assert frames[0].to_ndarray(format="rgb24").std() != frames[-1].to_ndarray(format="rgb24").std()


def test_a_daring_simulation_really_diverges_and_a_careful_one_does_not() -> None:
    variant = KINDS["reaction"].variants[0]
    with pytest.raises(RenderFailed, match="diverged"):
        run("reaction", Job(variant, seed=5, size=SIZE, effort=0.2, daring=True))
    _, picture = run("reaction", Job(variant, seed=5, size=SIZE, effort=0.05, daring=True, careful=True))
    assert picture.std() > 3


@pytest.mark.parametrize("name", PALETTES)
def test_a_palette_runs_from_dark_to_light_through_its_own_colours(name: str) -> None:
    lightness = gradient(name) @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(lightness) > -1e-4).all()
    first = (to_srgb(paint(name, np.array([0.0])))[0] * 255).round().astype(int)
    assert np.abs(first - list(bytes.fromhex(PALETTES[name].split()[0]))).max() <= 1


def test_the_programme_is_the_same_for_the_same_seed() -> None:
    assert [plan(7, number) for number in range(9)] == [plan(7, number) for number in range(9)]
    assert plan(7, 3) != plan(8, 3)


def test_the_first_two_batches_show_a_film_and_an_honest_failure() -> None:
    early = [assignment for number in range(2) for assignment in plan(1, number).assignments]
    assert any(assignment.kind == "films" for assignment in early)
    assert any(assignment.daring for assignment in early)


def test_batches_have_four_to_eight_pictures() -> None:
    assert all(4 <= len(kinds) <= 8 for _, kinds in THEMES)


def test_metadata_is_enough_to_make_a_picture_once_more() -> None:
    assignment = plan(3, 1).assignments[0]
    assert Assignment.from_metadata(assignment.metadata) == assignment
    assert Assignment.from_metadata({"renderer": "camera", "variant": "x", "seed": 1}) is None
    assert Assignment.from_metadata({}) is None
